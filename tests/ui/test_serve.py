"""The served page over HTTP: its frame, its routes, its endpoints, and that all ways give the same brief."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from summarizer.errors import ConfigError, ModelError
from tests.fakes import FakeEngine, OneTranslator
from tests.ui.serving import PASTED, Server
from ui.frame import frame
from ui.serve import Settings, _warm, create_server
from ui.texts import Texts

REPORT = {"text": PASTED}


@pytest.fixture(scope="module")
def client(server: Server) -> Any:
    with httpx.Client(base_url=server.url, timeout=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def brief(client: httpx.Client) -> dict[str, Any]:
    """The brief of the pasted reports, by the HTTP API."""
    answer = client.post("/v1/brief", json={"reports": [REPORT]})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def job(client: httpx.Client) -> str:
    """A finished job."""
    answer = client.post("/v1/jobs", json={"reports": [REPORT]})
    assert answer.status_code in (200, 201, 202), answer.text
    job_id = answer.json()["id"]
    while client.get(f"/v1/jobs/{job_id}").json()["state"] not in ("done", "failed"):
        pass
    return str(job_id)


def timeless(brief: dict[str, Any]) -> dict[str, Any]:
    return {**brief, "created": ""}


@pytest.mark.parametrize(("path", "language", "direction"), [("/", "en", "ltr"), ("/ar/", "ar", "rtl")])
def test_the_page_has_its_language_before_any_script_runs(
    client: httpx.Client, path: str, language: str, direction: str
) -> None:
    answer = client.get(path)
    assert answer.headers["content-type"].startswith("text/html")
    assert f'lang="{language}" dir="{direction}"' in answer.text[:200]
    assert "workbench.css" in answer.text.partition("</head>")[0]
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_the_sample_program_of_the_guide_runs(server: Server, brief: dict[str, Any]) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "workbench.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", guide, flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(code.replace("http://127.0.0.1:7860", server.url), names)
    assert names["brief"]["schema_version"] == brief["schema_version"]
    assert names["lines"][0]["en"] == "The English of these 4 words."
    names["client"].close()


@pytest.mark.parametrize("path", ["/", "/ar/"])
def test_the_page_names_no_address_outside(client: httpx.Client, path: str) -> None:
    page = client.get(path).text
    loads = re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="(https?:[^"]+)"', page)
    assert loads == []
    assert "og:image" not in page
    assert "manifest" not in page.partition("</head>")[0]


def test_the_arabic_page_is_found_without_its_slash(client: httpx.Client) -> None:
    assert client.get("/ar").headers["location"] == "ar/"


def test_the_page_for_programs_has_two_endpoints(client: httpx.Client) -> None:
    described = client.get("/gradio_api/info").json()
    assert set(described["named_endpoints"]) == {"/summarize_reports", "/translate"}
    assert client.get("/ar/gradio_api/info").json()["named_endpoints"] == {}


def test_static_files_cannot_be_left(client: httpx.Client) -> None:
    assert client.get("/workbench/static/workbench.css").is_success
    for path in ("..%2fserve.py", "%2e%2e/serve.py", "....//serve.py"):
        assert client.get(f"/workbench/static/{path}").status_code == 404


def test_files_of_the_server_cannot_be_read(client: httpx.Client) -> None:
    for path in ("/etc/passwd", str(Path(__file__)), str(Path(__file__).parents[2] / "models.yaml")):
        assert client.get(f"/gradio_api/file={path}").status_code in (403, 404)


# --- the same brief by every way ----------------------------------------------------------------


def test_gradio_client_gives_the_brief_of_the_api(server: Server, brief: dict[str, Any]) -> None:
    from gradio_client import Client

    gradio = Client(server.url, verbose=False)
    made = gradio.predict(text=PASTED, api_name="/summarize_reports")
    assert timeless(made) == timeless(brief)
    lines = gradio.predict(text="وصل الوزير إلى بغداد.\nعاد الوزير.", api_name="/translate")
    assert [line["en"] for line in lines] == [
        "The English of these 4 words.",
        "The English of these 2 words.",
    ]
    gradio.close()


def test_the_command_line_gives_the_brief_of_the_api(brief: dict[str, Any]) -> None:
    from summarizer.ingest import Upload, read_sources
    from summarizer.pipeline import make_brief
    from tests.fakes import OneTranslator
    from tests.ui.fake_server import SlowEngine

    read = read_sources([Upload(name="-", data=PASTED.encode())])  # as `mujaz summarize -` reads it
    made = make_brief(read.documents, registry=OneTranslator(SlowEngine(0)), warnings=read.warnings)
    assert timeless(json.loads(made.to_json())) == timeless(brief)


def test_a_taken_away_brief_is_the_brief_of_the_api(
    client: httpx.Client, job: str, brief: dict[str, Any]
) -> None:
    answer = client.post(f"/workbench/jobs/{job}/export", json={"form": "json"})
    assert timeless(answer.json()) == timeless(brief)


# --- taking away, and edits ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("md", b"#"),
        ("html", b"<!doctype html>"),
        ("json", b"{"),
        ("docx", b"PK"),
        ("pdf", b"%PDF"),
        ("csv", b""),
    ],
)
def test_a_brief_can_be_taken_away_in_every_form(
    client: httpx.Client, job: str, form: str, start: bytes
) -> None:
    if form == "pdf":
        pytest.importorskip("weasyprint", reason="the `pdf` extra is not installed")
    answer = client.post(f"/workbench/jobs/{job}/export", json={"form": form})
    assert answer.status_code == 200, answer.text
    assert answer.content.lstrip().startswith(start)
    assert answer.headers["content-disposition"].endswith(f'.{form}"')
    assert answer.headers["cache-control"] == "no-store"


def test_an_edit_is_marked_checked_and_taken_away(
    client: httpx.Client, job: str, brief: dict[str, Any]
) -> None:
    story = brief["stories"][0]["id"]
    edits = [{"story": story, "index": 0, "en": "A person wrote <b>99</b> here."}]
    card = client.post(
        f"/workbench/jobs/{job}/stories", json={"stories": [story], "edits": edits, "language": "ar"}
    )
    assert card.status_code == 200, card.text
    html = card.json()["cards"][story]
    assert "A person wrote &lt;b&gt;99&lt;/b&gt; here." in html
    assert Texts("ar")("result.edited.en") in html
    assert "mj-mark fail" in html  # 99 stands nowhere in the Arabic
    edited = client.post(f"/workbench/jobs/{job}/export", json={"form": "json", "edits": edits}).json()
    sentence = edited["stories"][0]["summary"][0]
    assert sentence["en"] == "A person wrote <b>99</b> here."
    assert sentence["method"] == "edited"
    untouched = client.post(f"/workbench/jobs/{job}/export", json={"form": "json"}).json()
    assert timeless(untouched) == timeless(brief)  # nobody else sees an edit


def test_an_edit_changes_what_stands_around_the_cards_too(
    client: httpx.Client, job: str, brief: dict[str, Any]
) -> None:
    story = brief["stories"][0]
    edits = [{"story": story["id"], "en": "A title by <i>hand</i>"}]
    answer = client.post(
        f"/workbench/jobs/{job}/stories", json={"stories": [story["id"]], "edits": edits}
    ).json()
    assert set(answer["around"]) == {"counts", "warnings", "contents"}
    assert "A title by &lt;i&gt;hand&lt;/i&gt;" in answer["around"]["contents"]
    card = answer["cards"][story["id"]]
    assert Texts("en")("result.edited.en") in card
    assert story["title"]["en"] in card  # what stood there before
    whole = client.post(f"/workbench/jobs/{job}/stories", json={"stories": [story["id"]], "edits": []}).json()
    assert story["title"]["en"] in whole["around"]["contents"]
    edited = client.post(f"/workbench/jobs/{job}/export", json={"form": "md", "edits": edits}).text
    assert "A title by" in edited
    assert "edited by hand" in edited


def test_an_edit_in_the_page_is_judged_by_the_glossary_of_its_job(client: httpx.Client) -> None:
    glossary = [{"ar": "وزيرة النقل", "en": "transport secretary"}]
    asked = {"reports": [REPORT], "glossary": glossary}
    job = client.post("/v1/jobs", json=asked).json()["id"]
    while (state := client.get(f"/v1/jobs/{job}").json())["state"] != "done":
        assert state["state"] in ("queued", "running")
    story = state["brief"]["stories"][0]
    for english, verdict in (("The transport secretary spoke.", "pass"), ("The minister spoke.", "fail")):
        edits = [{"story": story["id"], "index": 0, "ar": "قالت وزيرة النقل ليلى الحسن.", "en": english}]
        edited = client.post(f"/workbench/jobs/{job}/export", json={"form": "json", "edits": edits}).json()
        checks = edited["stories"][0]["summary"][0]["checks"]
        assert [each["verdict"] for each in checks if (each["kind"], each["on"]) == ("term", "en")] == [
            verdict
        ]


@pytest.mark.parametrize("path", ["mujaz", "/mujaz/", "http://x.example/mujaz", "/a b", "//x", "/a?b"])
def test_a_root_path_is_a_path(path: str) -> None:
    with pytest.raises(ConfigError, match="--root-path"):
        Settings(root_path=path)


def test_uploads_are_bounded_in_size(client: httpx.Client) -> None:
    files = {"files": ("large.txt", b"\0" * 33_000_000)}
    assert client.post("/gradio_api/upload", files=files).status_code == 413


@pytest.mark.parametrize(
    "edit",
    [{"story": "no-such", "index": 0, "en": "x"}, {"index": 0, "en": "x"}, {"story": "s", "index": -1, "en": "x"},
     {"story": "s", "index": 0, "en": "x" * 5000}, {"story": "s", "index": 0, "text": "x"}],
)  # fmt: skip
def test_an_edit_that_does_not_fit_is_refused(client: httpx.Client, job: str, edit: dict[str, Any]) -> None:
    answer = client.post(f"/workbench/jobs/{job}/export", json={"form": "json", "edits": [edit]})
    assert answer.status_code == 422
    assert "detail" in answer.json()


def test_a_job_is_found_by_its_secret_alone(client: httpx.Client) -> None:
    answer = client.post("/workbench/jobs/AAAAAAAAAAAAAAAAAAAAAA/export", json={"form": "json"})
    assert answer.status_code == 404


def test_another_sites_page_cannot_ask(client: httpx.Client, job: str) -> None:
    answer = client.post(
        f"/workbench/jobs/{job}/export",
        json={"form": "json"},
        headers={"Origin": "https://elsewhere.example"},
    )
    assert answer.status_code == 403


# --- settings -----------------------------------------------------------------------------------


def test_the_server_does_not_open_itself_to_others() -> None:
    with pytest.raises(ConfigError, match="refusing to listen"):
        create_server(Settings(host="0.0.0.0"))


def test_an_unknown_profile_is_told_before_anything_starts() -> None:
    with pytest.raises(ConfigError, match="embedded"):
        create_server(Settings(profile="embeded"))


def test_a_frame_changes_nothing_but_the_head() -> None:
    page = b'<!doctype html>\n<html\n\tlang="en"\n\tstyle="x"\n>\n\t<head>\n<meta property="og:image" content="https://x.example/y.png" />\n</head><body>og:</body></html>'
    framed = frame(page, language="ar", head="<b>").decode()
    assert (
        framed
        == '<!doctype html>\n<html\n\tlang="ar" dir="rtl"\n\tstyle="x"\n>\n\t<head>\n<b>\n</head><body>og:</body></html>'
    )


def test_what_does_not_load_ahead_is_told_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    loaded: list[str] = []

    class Damaged(OneTranslator):
        def warm(self, profile: str | None = None) -> None:
            loaded.append(str(profile))
            raise ModelError("the weights are damaged")

    _warm(Damaged(FakeEngine(lambda _text: "x")), "embedded")
    assert loaded == ["embedded"]
    assert "the weights are damaged" in caplog.text
