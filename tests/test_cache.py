"""The cache of answers: it gives back what was put in or nothing, and never stops the work."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from summarizer import cli
from summarizer.cache import LIMIT_VARIABLE, AnswerCache, default_limit
from summarizer.engines import Engine, Hypothesis
from summarizer.engines import cached as cached_module
from summarizer.engines.cached import (
    CachedEngine,
    Reuse,
    _decode,
    _encode,
    digest_files,
    fingerprint,
    plan_like,
)
from summarizer.engines.local import LocalEngine
from summarizer.engines.wrapped import WrappedRegistry, wrap_engines
from summarizer.errors import ConfigError, MissingModelError, ModelError
from summarizer.ingest import read_sources
from summarizer.models import ModelSpec, Registry, bundled_directory
from summarizer.pipeline import make_brief
from summarizer.terms import Terms
from tests.conftest import EXAMPLES, ROOT
from tests.fakes import FakeEngine, OneTranslator

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def store(tmp_path: Path, told: list[str]) -> Iterator[AnswerCache]:
    made = AnswerCache(tmp_path / "answers" / "a.sqlite", warn=told.append)
    yield made
    made.close()


# --- the store --------------------------------------------------------------------------------------


def test_what_is_put_in_comes_out_also_of_another_connection(store: AnswerCache) -> None:
    assert store.get([KEY]) == {}
    store.put({KEY: "كلمة".encode(), OTHER: b""})
    store.put({KEY: b"later"})
    other = AnswerCache(store.path)
    assert other.get([OTHER, KEY, b"x" * 32]) == {KEY: b"later", OTHER: b""}
    other.close()


@settings(max_examples=25)
@given(st.dictionaries(st.binary(min_size=32, max_size=32), st.binary(max_size=200), max_size=8))
def test_any_bytes_come_back(tmp_path_factory: pytest.TempPathFactory, rows: dict[bytes, bytes]) -> None:
    made = AnswerCache(tmp_path_factory.mktemp("any") / "a.sqlite")
    made.put(rows)
    assert made.get(list(rows)) == rows
    made.close()


def test_more_keys_than_one_statement_takes(store: AnswerCache) -> None:
    rows = {number.to_bytes(32, "big"): str(number).encode() for number in range(1201)}
    store.put(rows)
    assert store.get(list(rows)) == rows


def test_only_its_owner_can_read_it(store: AnswerCache) -> None:
    store.path.parent.mkdir(mode=0o755)
    store.path.touch(mode=0o644)
    store.put({KEY: b"secret"})
    assert store.path.parent.stat().st_mode & 0o777 == 0o700
    files = list(store.path.parent.iterdir())
    assert {each.name for each in files} >= {"a.sqlite", "a.sqlite-wal"}
    assert {each.stat().st_mode & 0o777 for each in files} == {0o600}


def test_clearing_leaves_nothing_behind(store: AnswerCache) -> None:
    store.put({number.to_bytes(32, "big"): b"confidential" * 50 for number in range(50)})
    store.path.with_name("a.sqlite.damaged").write_bytes(b"confidential")
    assert store.info().rows == 50
    assert store.clear() == 50
    assert store.info().rows == 0
    store.close()
    assert all(b"confidential" not in each.read_bytes() for each in store.path.parent.iterdir())


def test_it_stays_small_and_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    now = [1e9]
    small = AnswerCache(tmp_path / "a.sqlite", limit_mb=0.2, clock=lambda: now[0])
    keys = [number.to_bytes(32, "big") for number in range(300)]
    for key in keys:
        now[0] += 7200
        small.put({key: os.urandom(1000)})
        assert small.get([keys[0]])  # used all the time: it must outlive younger rows
    found = small.get(keys)
    assert keys[0] in found
    assert keys[-1] in found
    assert keys[1] not in found
    assert 50 < len(found) < 200
    young = [key in found for key in keys[1:]]
    assert young == sorted(young)  # what is left are the last ones
    small.close()
    assert small.path.stat().st_size <= 0.25e6


@pytest.mark.parametrize(
    "damage", [b"this is no database at all" * 99, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_file_is_set_aside_with_a_warning(tmp_path: Path, told: list[str], damage: bytes) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(damage)
    store = AnswerCache(path, warn=told.append)
    assert store.get([KEY]) == {}
    store.put({KEY: b"new"})
    assert store.get([KEY]) == {KEY: b"new"}
    store.close()
    assert path.with_name("a.sqlite.damaged").read_bytes() == damage
    assert len(told) == 1
    assert "is damaged" in told[0]


def test_a_file_that_breaks_under_way_is_set_aside(store: AnswerCache, told: list[str]) -> None:
    store.put({number.to_bytes(32, "big"): os.urandom(3000) for number in range(99)})
    store.close()
    whole = bytearray(store.path.read_bytes())
    for page in range(4096, len(whole), 4096):
        whole[page : page + 64] = b"\xff" * 64
    store.path.write_bytes(whole)
    keys = [number.to_bytes(32, "big") for number in range(99)]
    assert store.get(keys) == {}
    store.put({KEY: b"new"})
    assert store.get([KEY]) == {KEY: b"new"}
    assert len(told) == 1


def test_a_database_of_another_form_is_set_aside(tmp_path: Path, told: list[str]) -> None:
    path = tmp_path / "a.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE answers (something)")
    connection.commit()
    connection.close()
    store = AnswerCache(path, warn=told.append)
    store.put({KEY: b"new"})
    assert store.get([KEY]) == {KEY: b"new"}
    assert len(told) == 1
    store.close()


def test_a_flipped_bit_counts_as_absent(store: AnswerCache) -> None:
    store.put({KEY: b"He left.", OTHER: b"He stayed."})
    connection = sqlite3.connect(store.path)
    (stored,) = connection.execute("SELECT value FROM answers WHERE key = ?", [KEY]).fetchone()
    connection.execute("UPDATE answers SET value = ? WHERE key = ?", [stored[:-2] + b"?.", KEY])
    # and the answer to one question never serves for another
    connection.execute(
        "INSERT INTO answers SELECT ?, value, used FROM answers WHERE key = ?", [b"x" * 32, OTHER]
    )
    connection.commit()
    connection.close()
    assert store.get([KEY, OTHER, b"x" * 32]) == {OTHER: b"He stayed."}


def test_a_place_that_cannot_be_written_turns_it_off_once(tmp_path: Path, told: list[str]) -> None:
    (tmp_path / "file").write_text("")
    store = AnswerCache(tmp_path / "file" / "a.sqlite", warn=told.append)
    store.put({KEY: b"x"})
    assert store.get([KEY]) == {}
    assert store.info().rows == store.clear() == 0
    assert len(told) == 1
    assert told[0].startswith("going on without the cache")


def test_a_full_disk_turns_it_off(store: AnswerCache, told: list[str]) -> None:
    store.put({KEY: b"x"})
    assert store._connection is not None
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()  # SQLite's own "disk is full"
    store.put({OTHER: os.urandom(100_000)})
    assert store.get([KEY]) == {}
    assert len(told) == 1
    assert "full" in told[0]


def test_another_writer_is_not_waited_for_for_ever(
    store: AnswerCache, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("summarizer.cache._BUSY_SECONDS", 0.0)
    store.put({KEY: b"x"})
    store.close()
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    store.put({OTHER: b"y"})
    assert store.get([KEY, OTHER]) == {KEY: b"x"}
    holder.execute("ROLLBACK")
    holder.close()
    store.put({OTHER: b"y"})
    assert store.get([OTHER]) == {OTHER: b"y"}
    assert told == []


def test_the_limit_is_a_number_of_megabytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(LIMIT_VARIABLE, raising=False)
    assert default_limit() == 256
    monkeypatch.setenv(LIMIT_VARIABLE, "0")
    off = AnswerCache(tmp_path / "a.sqlite")
    off.put({KEY: b"x"})
    assert off.get([KEY]) == {}
    assert not off.path.exists()
    monkeypatch.setenv(LIMIT_VARIABLE, "much")
    with pytest.raises(ConfigError, match="whole number of megabytes"):
        AnswerCache(tmp_path / "a.sqlite")


def test_threads_share_one_store(store: AnswerCache) -> None:
    def work(number: int) -> bool:
        key = (number % 7).to_bytes(32, "big")
        store.put({key: b"v" * (number % 7)})
        return store.get([key]) == {key: b"v" * (number % 7)}

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(work, range(200)))


def test_a_forked_child_opens_a_connection_of_its_own(
    store: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put({KEY: b"x"})
    first = store._connection
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert store.get([KEY]) == {KEY: b"x"}
    assert store._connection is not first


# --- the engine that remembers ------------------------------------------------------------------------


def words(texts: Sequence[str], *, budget: int = 12) -> list[list[str]]:
    """Return the batches that ``remember`` makes of ``texts``."""
    plan = plan_like(spec(generation={"batch_tokens": budget}))
    return [[texts[i] for i in batch] for batch in plan([len(each.split()) for each in texts], texts, 1)]


def spec(**fields: object) -> ModelSpec:
    return ModelSpec(
        **{  # type: ignore[arg-type]
            "id": "fake",
            "task": "translation",
            "engine": "ctranslate2",
            "source": "path:/nowhere",
            "licence": "none",
            "size_mb": 1,
            "source_language": "ar",
            "target_language": "en",
            "input_limit": 64,
            **fields,
        }
    )


class BatchMinded(FakeEngine):
    """A model whose answers show their batch-mates, as those of an int8 model do."""

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        super().generate(texts, hypotheses=hypotheses, max_new_tokens=max_new_tokens)
        mates = "+".join(sorted(texts))
        return [
            [Hypothesis(text=f"{text} of {mates}, {rank}", score=-rank / 3) for rank in range(hypotheses)]
            for text in texts
        ]


@pytest.fixture
def remember(store: AnswerCache) -> Callable[..., CachedEngine]:
    def make(
        inner: Engine, *, says: str = "weights 1", reuse: Reuse = "batch", parallel: int = 1
    ) -> CachedEngine:
        plan = plan_like(spec(generation={"batch_tokens": 12}))
        return CachedEngine(
            inner, store, fingerprint=lambda: says, plan=plan, reuse=reuse, parallel=lambda: parallel
        )

    return make


TEXTS = ["a b c", "d e f", "g h i j", "k l m n", "o p q r", "s t u v w", ""]


def fresh(texts: Sequence[str], **options: int) -> list[list[Hypothesis]]:
    """Return what a run without a cache gives: every batch of the plan, asked by itself."""
    model = BatchMinded(str)
    answers: dict[str, list[Hypothesis]] = {"": [Hypothesis(text="")]}
    hypotheses = options.get("hypotheses", 1)
    plan = plan_like(spec(generation={"batch_tokens": 12}))
    asked = [each for each in texts if each.strip()]
    for batch in plan([len(each.split()) for each in asked], asked, hypotheses):
        some = [asked[i] for i in batch]
        answers.update(zip(some, model.generate(some, **options), strict=True))
    return [answers[text] for text in texts]


@pytest.mark.parametrize("parallel", [1, 3])
def test_the_second_time_no_model_is_asked(remember: Callable[..., CachedEngine], parallel: int) -> None:
    first = remember(BatchMinded(str), parallel=parallel)
    answers = first.generate(TEXTS, hypotheses=2)
    assert answers == fresh(TEXTS, hypotheses=2)
    assert (first.use.computed, first.use.reused) == (6, 0)
    inner = BatchMinded(str)
    second = remember(inner, parallel=parallel)
    assert second.generate(TEXTS[::-1], hypotheses=2) == answers[::-1]
    assert inner.calls == []
    assert (second.use.computed, second.use.batches, second.use.reused) == (0, 0, 6)


def test_not_even_the_tokenizer_is_asked_again(remember: Callable[..., CachedEngine]) -> None:
    class Unloaded(FakeEngine):
        def count_tokens(self, text: str) -> int:
            raise AssertionError("loaded for nothing")

    remember(FakeEngine(str)).generate(TEXTS)
    again = remember(Unloaded(str))
    assert again.count_tokens("g h i j") == 4
    assert [each[0].text for each in again.generate(TEXTS)] == TEXTS


@settings(max_examples=50)
@given(st.lists(st.lists(st.sampled_from(TEXTS), unique=True), max_size=4))
def test_whatever_was_asked_before_the_answers_are_those_of_a_fresh_run(
    tmp_path_factory: pytest.TempPathFactory, runs: list[list[str]]
) -> None:
    store = AnswerCache(tmp_path_factory.mktemp("runs") / "a.sqlite")
    plan = plan_like(spec(generation={"batch_tokens": 12}))
    for texts in runs:
        engine = CachedEngine(BatchMinded(str), store, fingerprint=lambda: "w", plan=plan)
        assert engine.generate(texts) == fresh(texts)
    store.close()


def test_by_the_sentence_only_new_sentences_are_computed(remember: Callable[..., CachedEngine]) -> None:
    remember(FakeEngine(str.upper), reuse="sentence").generate(TEXTS[:4])
    inner = FakeEngine(str.upper)
    engine = remember(inner, reuse="sentence")
    assert [each[0].text for each in engine.generate(TEXTS)] == [each.upper() for each in TEXTS]
    assert sorted(inner.asked) == ["o p q r", "s t u v w"]
    assert (engine.use.computed, engine.use.reused) == (2, 4)
    inner.calls.clear()
    remember(inner, reuse="batch").generate(TEXTS[:4])  # what is kept by the sentence is no batch's answer
    assert sorted(inner.asked) == sorted(TEXTS[:4])


@pytest.mark.parametrize(
    "change", [{"hypotheses": 3}, {"max_new_tokens": 5}, {"says": "weights 2"}, {"text": "a b c "}]
)
def test_another_question_is_another_answer(
    remember: Callable[..., CachedEngine], change: dict[str, object]
) -> None:
    def ask(*, says: str = "weights 1", text: str = "a b c", **options: int) -> int:
        engine = remember(FakeEngine(lambda each: ["x", "y", "z"]), says=says)
        engine.generate([text], **options)
        return engine.use.computed

    assert ask() == 1
    assert ask() == 0
    assert ask(**change) == 1  # type: ignore[arg-type]
    assert ask() == 0


def test_a_damaged_answer_is_computed_anew(remember: Callable[..., CachedEngine], store: AnswerCache) -> None:
    first = remember(BatchMinded(str))
    answers = first.generate(TEXTS)
    for stored in (b"", b"[]", b"[[]]", b"not json", b'[[{"text": 3}]]'):
        connection = sqlite3.connect(store.path)
        keys = [key for (key,) in connection.execute("SELECT key FROM answers")]
        connection.close()
        store.put(dict.fromkeys(keys, stored))
        assert remember(BatchMinded(str)).generate(TEXTS) == answers


def test_errors_and_refusals_are_those_of_the_engine(remember: Callable[..., CachedEngine]) -> None:
    engine = remember(FakeEngine(str, input_limit=3))
    with pytest.raises(ModelError, match="must be 1 or more"):
        engine.generate(["a"], hypotheses=0)
    with pytest.raises(ModelError, match="fake: 4 tokens, 3 are read"):
        engine.generate(["a", "g h i j"])

    class Broken(FakeEngine):
        def generate(self, texts: Sequence[str], **options: object) -> list[list[Hypothesis]]:
            raise ModelError("out of memory")

    for parallel in (1, 2):
        with pytest.raises(ModelError, match="out of memory"):
            remember(Broken(str), parallel=parallel).generate(TEXTS)

    class Short(FakeEngine):
        def generate(self, texts: Sequence[str], **options: object) -> list[list[Hypothesis]]:
            return [[Hypothesis(text="x")]] * (len(texts) - 1)

    with pytest.raises(ModelError, match="1 texts in, 0 answers out"):
        remember(Short(str)).generate(["a b", "c d"])

    def missing() -> str:
        raise MissingModelError("get it with: mujaz models fetch")

    plan = plan_like(spec())
    with pytest.raises(MissingModelError):
        CachedEngine(FakeEngine(str), engine._store, fingerprint=missing, plan=plan).generate(["a"])


@settings(max_examples=50)
@given(
    st.lists(
        st.lists(
            st.builds(
                Hypothesis,
                text=st.text(),
                score=st.floats(max_value=0, allow_infinity=False),
                finished=st.booleans(),
            ),
            min_size=1,
        ),
        min_size=1,
    )
)
def test_answers_are_kept_to_the_last_bit(answers: list[list[Hypothesis]]) -> None:
    stored = _encode(answers)
    if stored is not None:
        assert _decode(stored, len(answers)) == answers
    else:  # text that is no Unicode (half a surrogate pair) has no place in JSON
        assert any(
            "\ud800" <= letter <= "\udfff" for some in answers for each in some for letter in each.text
        )


def test_what_json_cannot_hold_and_what_failed_is_not_kept() -> None:
    assert _encode([[Hypothesis(text="x", score=float("-inf"))]]) is None
    assert _encode([[Hypothesis(text="", fault="the server refused")]]) is None


def test_two_at_once_do_not_compute_what_one_has_finished(
    remember: Callable[..., CachedEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"{number:03} a b c d e f g" for number in range(8)]  # a batch each
    monkeypatch.setattr(cached_module.random, "randrange", lambda count: 0)
    inner = FakeEngine(str)
    second = remember(inner)

    class Interrupted(FakeEngine):
        def generate(self, asked: Sequence[str], **options: object) -> list[list[Hypothesis]]:
            if not self.calls:
                # When the first is about to compute its first batch, another process does all of them.
                second.generate(texts)
            return super().generate(asked)

    outer = Interrupted(str)
    assert [each[0].text for each in remember(outer).generate(texts)] == texts
    assert outer.asked == texts[-1:]  # the one it had begun
    assert sorted(inner.asked) == texts


_PROCESS = """
import json, sys, time
from pathlib import Path
from summarizer.cache import AnswerCache
from summarizer.engines.cached import CachedEngine
from tests.fakes import FakeEngine
from tests.test_cache import spec, plan_like
class Slow(FakeEngine):
    def generate(self, texts, **options):
        time.sleep(0.02)
        return super().generate(texts, **options)
inner = Slow(str.upper)
told = []
engine = CachedEngine(inner, AnswerCache(Path(sys.argv[1]), warn=told.append), fingerprint=lambda: "w",
                      plan=plan_like(spec(generation={"batch_tokens": 12})))
texts = [f"{number:03} a b c d e f g" for number in range(60)]
sys.stdin.readline()
answers = [each[0].text for each in engine.generate(texts)]
print(json.dumps([answers == [each.upper() for each in texts], inner.asked, told]))
"""


def test_two_processes_share_the_work_and_the_file_stays_whole(store: AnswerCache) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _PROCESS, str(store.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )
        for _ in range(2)
    ]  # fmt: skip
    outputs: list[str] = ["", ""]

    def talk(number: int) -> None:
        outputs[number] = started[number].communicate("go\n")[0]

    talkers = [threading.Thread(target=talk, args=[number]) for number in range(2)]
    for each in talkers:
        each.start()
    for each in talkers:
        each.join()
    (right, asked, told), (right2, asked2, told2) = (json.loads(each) for each in outputs)
    assert right
    assert right2
    assert (told, told2) == ([], [])
    assert {*asked, *asked2} == {f"{number:03} a b c d e f g" for number in range(60)}
    assert len(asked) + len(asked2) < 2 * 60  # together less than twice the work
    connection = sqlite3.connect(store.path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


# --- what an answer depends on ------------------------------------------------------------------------


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / ".git").mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"weights")
    (folder / "tokenizer.json").write_text("{}")
    (folder / ".git" / "HEAD").write_text("x")
    return folder


def test_the_files_of_a_model_count_and_not_their_place(
    model: Path, store: AnswerCache, tmp_path: Path
) -> None:
    first = digest_files(model, store)
    assert digest_files(model, store) == first
    assert digest_files(model.rename(tmp_path / "moved"), store) == first
    moved = tmp_path / "moved"
    (moved / ".git" / "HEAD").write_text("y")
    assert digest_files(moved, store) == first
    (moved / "model.bin").write_bytes(b"weighty")  # of the same size
    second = digest_files(moved, store)
    assert second != first
    (moved / "tokenizer.json").rename(moved / "tokenizer.old")
    assert digest_files(moved, store) not in (first, second)


def test_files_are_read_once_for_as_long_as_they_do_not_change(
    model: Path, store: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = digest_files(model, store)

    def refuse(*arguments: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("hashlib.file_digest", refuse)
    assert digest_files(model, store) == first
    assert digest_files(model, AnswerCache(store.path)) == first


def test_a_model_that_cannot_be_read_is_a_model_error(
    model: Path, store: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Path, *arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", broken)
    with pytest.raises(ModelError, match="cannot be read: Permission denied"):
        digest_files(model, store)


def test_every_setting_counts_and_names_do_not(
    model: Path, store: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of(runs_on: str = "threads 2", **fields: object) -> str:
        return fingerprint(spec(**fields), model, store, runs_on=runs_on)

    first = of()
    assert of(id="another name", notes="x", licence="MIT", size_mb=3) == first
    different = [
        of(generation={"beam": 2}),
        of(generation={"length_ratio": 2.0}),
        of(generation={"batch_tokens": 100}),
        of(feed={"text_prefix": ">>eng<< "}),
        of(compute_type="float32"),
        of(engine="transformers"),
        of(runs_on="threads 1"),
    ]
    monkeypatch.setenv("MUJAZ_DEVICE", "cpu")
    different.append(of())
    monkeypatch.delenv("MUJAZ_DEVICE")
    monkeypatch.setattr(cached_module, "_version", lambda name: "99")
    different.append(of())
    assert len({first, *different}) == len(different) + 1


# --- around the engines of a registry -------------------------------------------------------------------


class TinyLocal(LocalEngine[str, str]):
    """A real engine of this machine but for its arithmetic: ``ran`` holds its batches."""

    def __init__(self, folder: Path) -> None:
        self.translation = Registry.load().task_model("translation")
        super().__init__(self.translation, lambda: folder)
        self.ran: list[list[str]] = []
        self.opened = 0

    def _open(self, directory: Path) -> str:
        self.opened += 1
        return "loaded"

    def _encode(self, loaded: str, text: str) -> list[str]:
        return text.split()

    def _run(
        self, loaded: str, batch: list[list[str]], *, beam: int, hypotheses: int, limit: int
    ) -> list[list[Hypothesis]]:
        self.ran.append([" ".join(tokens) for tokens in batch])
        return [
            [Hypothesis(text=f"It said {len(tokens)} things to {len(batch)}.", score=-0.5)]
            for tokens in batch
        ]


@pytest.fixture
def tiny(model: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[TinyLocal, Registry]]:
    def make() -> tuple[TinyLocal, Registry]:
        engine = TinyLocal(model)
        registry = OneTranslator(engine)
        monkeypatch.setattr(registry, "locate", lambda each: model)
        return engine, registry

    return make


def brief_json(registry: Registry, **options: object) -> str:
    from summarizer.render import render

    documents = read_sources([str(EXAMPLES)]).documents
    made = make_brief(
        documents, registry=registry, terms=Terms.load(), created="2021-07-26T00:00:00+00:00",
        **options,  # type: ignore[arg-type]
    )  # fmt: skip
    return render(made, form="json")


@pytest.mark.parametrize("reuse", ["batch", "sentence"])
def test_a_second_brief_asks_no_model_and_loads_none(
    tiny: Callable[[], tuple[TinyLocal, Registry]], store: AnswerCache, reuse: Reuse
) -> None:
    bare, plain = tiny()
    without = brief_json(plain)
    engine, registry = tiny()
    first = brief_json(wrap_engines(registry, store=store, reuse=reuse))
    assert engine.opened == 1
    if reuse == "batch":
        assert first == without
        # The cached run makes the very batches that the bare one makes, in whatever order.
        assert sorted(engine.ran) == sorted(bare.ran)
    unused, again = tiny()
    assert brief_json(wrap_engines(again, store=store, reuse=reuse)) == first
    assert (unused.ran, unused.opened) == ([], 0)


def test_only_engines_of_this_machine_are_wrapped(
    tiny: Callable[[], tuple[TinyLocal, Registry]], store: AnswerCache
) -> None:
    fake = FakeEngine(str)
    registry = OneTranslator(fake)
    assert wrap_engines(registry) is registry
    wrapped = wrap_engines(registry, store=store)
    assert isinstance(wrapped, WrappedRegistry)
    assert wrapped.engine_for(None, "translation") is fake
    assert not isinstance(wrapped.engine("extractive"), CachedEngine)
    _, local = tiny()
    cached = wrap_engines(local, store=store).engine_for(None, "translation")
    assert isinstance(cached, CachedEngine)
    assert isinstance(cached, Engine)
    inner = local.engine_for(None, "translation")
    for name in ("info", "input_limit", "word_limit", "latin_names"):
        assert getattr(cached, name) == getattr(inner, name)


def test_a_wrapped_registry_asks_the_other_for_files(store: AnswerCache, tmp_path: Path) -> None:
    class Other(Registry):
        def locate(self, each: ModelSpec) -> Path:
            return tmp_path / each.id

        def require(self, profile: str | None = None) -> None:
            raise MissingModelError(f"nothing for {profile}")

    shipped = Registry.load()
    other = Other(models=shipped.models, profiles=shipped.profiles, default_profile=shipped.default_profile)
    wrapped = wrap_engines(other, store=store)
    assert wrapped.locate(shipped.model("ar-en")) == tmp_path / "ar-en"
    with pytest.raises(MissingModelError, match="nothing for standard"):
        wrapped.require("standard")


# --- the command line -----------------------------------------------------------------------------------


def command(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit_:
        cli.main([str(each) for each in arguments])
    return int(exit_.value.code or 0)


def test_the_command_line_keeps_answers_unless_told_not_to(
    tiny: Callable[[], tuple[TinyLocal, Registry]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MUJAZ_CACHE", str(tmp_path / "cache"))
    lines = tmp_path / "lines.txt"
    lines.write_text("وصل الوزير إلى بغداد.\nقال المتحدث إن القوات ستبقى.\n", encoding="utf-8")

    def translate(*options: str) -> tuple[str, TinyLocal]:
        engine, registry = tiny()
        monkeypatch.setattr(registry, "require", lambda profile: None)
        monkeypatch.setattr(Registry, "load", classmethod(lambda cls, path=None: registry))
        assert command("translate", lines, *options) == 0
        return capsys.readouterr().out, engine

    bare, first = translate("--no-cache")
    assert first.ran
    assert command("cache", "info") == 0
    assert "\n0 entries, 0.0 of at most 256 MB\n" in capsys.readouterr().out
    kept, second = translate()
    assert second.ran
    again, third = translate("--reuse", "batch")
    assert third.ran == []
    assert bare == kept == again
    assert command("cache", "info") == 0
    out = capsys.readouterr().out
    assert str(tmp_path / "cache" / "answers" / "answers-1.sqlite") in out
    assert "the oldest was last used on " in out
    assert command("cache", "clear") == 0
    assert capsys.readouterr().out.endswith(" entries deleted\n")
    assert translate()[1].ran


def test_a_damaged_cache_is_one_warning_and_no_failure(
    tiny: Callable[[], tuple[TinyLocal, Registry]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MUJAZ_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "cache" / "answers"
    folder.mkdir(parents=True)
    (folder / "answers-1.sqlite").write_bytes(b"no database" * 500)
    _, registry = tiny()
    monkeypatch.setattr(registry, "require", lambda profile: None)
    monkeypatch.setattr(Registry, "load", classmethod(lambda cls, path=None: registry))
    assert command("summarize", EXAMPLES, "--sentences", "1") == 0
    captured = capsys.readouterr()
    assert "STORY 1 OF" in captured.out
    assert captured.err.count("mujaz: the cache ") == 1


# --- the embedded model itself --------------------------------------------------------------------------


@pytest.mark.slow
def test_the_embedded_model_writes_the_same_brief_with_and_without_the_cache(store: AnswerCache) -> None:
    """Its int8 arithmetic moves with the batch, so this fails where answers are reused across batches."""
    registry = Registry.load()
    translator = registry.task_model("translation")
    if not list(bundled_directory(translator.source_name).glob("model.bin*")):
        pytest.skip("the weights are not in this checkout")
    reports = sorted(EXAMPLES.glob("*.txt"))
    few, more = read_sources(map(str, reports[:1])).documents, read_sources(map(str, reports[:2])).documents

    def brief(documents: Sequence[object], registry: Registry) -> str:
        from summarizer.render import render

        made = make_brief(documents, registry=registry, sentences=2, created="2021-07-26T00:00:00+00:00")  # type: ignore[arg-type]
        return render(made, form="json")

    wrapped = wrap_engines(registry, store=store)
    brief(few, wrapped)  # leaves answers behind that were computed among other sentences
    bare = brief(more, registry)
    assert brief(more, wrapped) == bare
    engine = wrapped.engine(translator.id)
    assert isinstance(engine, CachedEngine)
    computed = engine.use.computed
    assert brief(more, wrapped) == bare
    assert engine.use.computed == computed
