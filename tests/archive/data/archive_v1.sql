BEGIN TRANSACTION;
CREATE TABLE briefs (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	day DATE NOT NULL, 
	name TEXT NOT NULL, 
	edition INTEGER NOT NULL, 
	created VARCHAR(27) NOT NULL, 
	checksum TEXT NOT NULL, 
	json BLOB NOT NULL, 
	run_id INTEGER, 
	UNIQUE (day, name, edition), 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE SET NULL
);
CREATE TABLE documents (
	id TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	day DATE NOT NULL, 
	first_seen VARCHAR(27) NOT NULL, 
	last_seen VARCHAR(27) NOT NULL, 
	versions INTEGER NOT NULL, 
	duplicate_of TEXT, 
	PRIMARY KEY (id), 
	UNIQUE ("key")
);
INSERT INTO "documents" VALUES('talks','url:https://news.example/talks','bbc','2021-04-07','2021-04-07T12:00:00.000000Z','2021-04-07T12:00:00.000000Z',1,NULL);
INSERT INTO "documents" VALUES('fire','url:https://news.example/fire','sky','2021-04-07','2021-04-07T12:00:00.000000Z','2021-04-07T12:00:00.000000Z',1,NULL);
CREATE TABLE edits (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at VARCHAR(27) NOT NULL, 
	subject TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	data JSON NOT NULL
);
CREATE TABLE events (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	story_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	day DATE NOT NULL, 
	at VARCHAR(27) NOT NULL, 
	run_id INTEGER, 
	other_id TEXT, 
	documents JSON NOT NULL, 
	FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE, 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE SET NULL
);
CREATE TABLE forgotten (
	"key" TEXT NOT NULL, 
	day DATE NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE members (
	document_id TEXT NOT NULL, 
	story_id TEXT NOT NULL, 
	PRIMARY KEY (document_id), 
	FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE, 
	FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE CASCADE
);
CREATE TABLE migrations (
	number INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	applied VARCHAR(27) NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "migrations" VALUES(1,'documents, stories, briefs, runs and the outbox','2026-11-22T02:23:26.158277Z');
CREATE TABLE outbox (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	"key" TEXT NOT NULL, 
	brief_id INTEGER, 
	channel TEXT NOT NULL, 
	payload JSON NOT NULL, 
	state TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	created VARCHAR(27) NOT NULL, 
	updated VARCHAR(27) NOT NULL, 
	next_at VARCHAR(27) NOT NULL, 
	error TEXT NOT NULL, 
	UNIQUE ("key"), 
	FOREIGN KEY(brief_id) REFERENCES briefs (id) ON DELETE SET NULL
);
CREATE TABLE pages (
	url TEXT NOT NULL, 
	fetched VARCHAR(27) NOT NULL, 
	status INTEGER NOT NULL, 
	headers JSON NOT NULL, 
	body BLOB, 
	PRIMARY KEY (url)
);
CREATE TABLE run_records (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	run_id INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
CREATE TABLE runs (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind TEXT NOT NULL, 
	started VARCHAR(27) NOT NULL, 
	finished VARCHAR(27), 
	state TEXT NOT NULL, 
	detail JSON NOT NULL
);
CREATE TABLE settings (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE sources (
	name TEXT NOT NULL, 
	etag TEXT, 
	last_modified TEXT, 
	checked VARCHAR(27), 
	last_new VARCHAR(27), 
	silent_since VARCHAR(27), 
	failures INTEGER NOT NULL, 
	next_at VARCHAR(27), 
	data JSON NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE stories (
	id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	first DATE NOT NULL, 
	last DATE NOT NULL, 
	size INTEGER NOT NULL, 
	follows TEXT, 
	merged_into TEXT, 
	PRIMARY KEY (id), 
	UNIQUE (number), 
	FOREIGN KEY(follows) REFERENCES stories (id) ON DELETE SET NULL, 
	FOREIGN KEY(merged_into) REFERENCES stories (id) ON DELETE SET NULL
);
CREATE TABLE told (
	brief_id INTEGER NOT NULL, 
	document_id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	brief_story TEXT NOT NULL, 
	story_id TEXT, 
	PRIMARY KEY (brief_id, document_id), 
	FOREIGN KEY(brief_id) REFERENCES briefs (id) ON DELETE CASCADE, 
	FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE, 
	FOREIGN KEY(story_id) REFERENCES stories (id) ON DELETE SET NULL
);
CREATE TABLE unread (
	document_id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (document_id), 
	FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
);
INSERT INTO "unread" VALUES('talks',1);
INSERT INTO "unread" VALUES('fire',1);
CREATE TABLE vectors (
	document_id TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	form TEXT NOT NULL, 
	data BLOB NOT NULL, 
	PRIMARY KEY (document_id), 
	FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
);
CREATE TABLE versions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	document_id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	seen VARCHAR(27) NOT NULL, 
	run_id INTEGER, 
	checksum TEXT NOT NULL, 
	document JSON NOT NULL, 
	UNIQUE (document_id, number), 
	FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE, 
	FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE SET NULL
);
INSERT INTO "versions" VALUES(1,'talks',1,'2021-04-07T12:00:00.000000Z',NULL,'2d46ef0771e57712d396091c6430acc5','{"id": "talks", "text": "بدأ الحوار الاستراتيجي بين العراق والولايات المتحدة في 7 نيسان.", "title": "الحوار", "source": "bbc", "published": "2021-04-07", "language": "ar", "url": "https://news.example/talks", "origin": "talks.html", "marks": [], "duplicate_of": null, "shares": []}');
INSERT INTO "versions" VALUES(2,'fire',1,'2021-04-07T12:00:00.000000Z',NULL,'b73fa23e3edfe08c317f5aa1f816f1e2','{"id": "fire", "text": "اندلع حريق في مصفاة النفط.", "title": null, "source": "sky", "published": null, "language": "ar", "url": "https://news.example/fire", "origin": "fire.html", "marks": [], "duplicate_of": null, "shares": []}');
CREATE TABLE votes (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at VARCHAR(27) NOT NULL, 
	subject TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	data JSON NOT NULL
);
CREATE INDEX ix_documents_duplicate_of ON documents (duplicate_of);
CREATE INDEX ix_documents_day ON documents (day);
CREATE INDEX ix_edits_subject ON edits (subject);
CREATE INDEX ix_pages_fetched ON pages (fetched);
CREATE INDEX ix_stories_state ON stories (state);
CREATE INDEX ix_stories_merged_into ON stories (merged_into);
CREATE INDEX ix_stories_last ON stories (last);
CREATE INDEX ix_stories_follows ON stories (follows);
CREATE INDEX ix_votes_subject ON votes (subject);
CREATE INDEX ix_briefs_run_id ON briefs (run_id);
CREATE INDEX ix_events_story_id ON events (story_id);
CREATE INDEX ix_events_run_id ON events (run_id);
CREATE INDEX ix_members_story_id ON members (story_id);
CREATE INDEX ix_run_records_run_id ON run_records (run_id);
CREATE INDEX ix_versions_run_id ON versions (run_id);
CREATE INDEX ix_outbox_brief_id ON outbox (brief_id);
CREATE INDEX ix_outbox_state ON outbox (state);
CREATE INDEX ix_told_document_id ON told (document_id);
CREATE INDEX ix_told_story_id ON told (story_id);
COMMIT;
