"""The engine pool: the answers of one engine, from several copies of it. Ray is real where a test is marked slow."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from summarizer import cli
from summarizer.engines import Engine, Hypothesis
from summarizer.engines import pool as pool_module
from summarizer.engines.cached import CachedEngine
from summarizer.engines.local import LocalEngine
from summarizer.engines.pool import PoolSettings, RayEngine, start_ray
from summarizer.engines.wrapped import wrap_engines
from summarizer.errors import ConfigError, MissingModelError, ModelError
from summarizer.models import ModelSpec, Registry
from tests.fakes import FakeEngine, OneTranslator

TEXTS = ["one two", "three", "four five six", "", "seven eight", "nine"]
TWO = PoolSettings(actors=2, threads_each=1)


def spec(**fields: object) -> ModelSpec:
    return ModelSpec(
        **{  # type: ignore[arg-type]
            "id": "pooled",
            "task": "translation",
            "engine": "ctranslate2",
            "source": "path:/nowhere",
            "licence": "none",
            "size_mb": 1,
            "source_language": "ar",
            "target_language": "en",
            "input_limit": 8,
            "generation": {"batch_tokens": 4},
            **fields,
        }
    )


class Copy(FakeEngine):
    """Answers with its process, its batch and its threads, and fails in the ways that a test names in the text."""

    def __init__(self) -> None:
        super().__init__(str)

    def generate(
        self, texts: Sequence[str], *, hypotheses: int = 1, max_new_tokens: int | None = None
    ) -> list[list[Hypothesis]]:
        for text in texts:
            if text.startswith("die:") and not Path(text[4:]).exists():
                Path(text[4:]).touch()
                os._exit(1)
            if text == "perish":
                os._exit(1)
            if text == "refuse":
                raise ModelError("pooled: out of memory")
            if text == "break":
                raise ZeroDivisionError("division\nby zero")
        told = f"{os.getpid()} {os.environ.get('MUJAZ_THREADS')} {'+'.join(texts)}"
        return [[Hypothesis(text=f"{text}|{told}")] * hypotheses for text in texts]


def make(given: ModelSpec) -> Engine:
    return Copy()


# --- settings -----------------------------------------------------------------------------------------


def test_the_pool_is_asked_for_by_name_and_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUJAZ_THREADS", "16")
    assert PoolSettings.parse("ray") == PoolSettings(actors=4, threads_each=4)
    assert PoolSettings.parse("ray:3") == PoolSettings(actors=3, threads_each=5)
    monkeypatch.setenv("MUJAZ_THREADS", "1")
    assert PoolSettings.parse("ray") == PoolSettings(actors=2, threads_each=1)
    for wrong in ("", "dask", "ray:", "ray:0", "ray:two", "ray:-1"):
        with pytest.raises(ConfigError, match="must be ray or ray:COPIES"):
            PoolSettings.parse(wrong)


def test_a_copy_with_several_threads_has_several_batches() -> None:
    assert PoolSettings(actors=2, threads_each=1).batches_at_once == 2
    assert PoolSettings(actors=2, threads_each=3).batches_at_once == 6
    assert PoolSettings(actors=1, threads_each=16).batches_at_once == 4


def test_without_the_extra_the_message_has_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    for name in pool_module._ENVIRONMENT:
        monkeypatch.setenv(name, "")  # so that what the code sets is undone
    with pytest.raises(MissingModelError, match=r"pip install 'mujaz\[ray\]'"):
        RayEngine(spec(), settings=TWO).generate(["one"])


def test_the_command_line_refuses_another_pool(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        cli.main(["summarize", "x.txt", "--engine-pool", "dask"])
    assert exit_.value.code == 2
    assert "the engine pool must be ray or ray:COPIES, not 'dask'" in capsys.readouterr().err


def test_a_pool_under_a_cache_starts_only_for_what_is_not_known() -> None:
    class Local(LocalEngine[str, str]):
        def _open(self, directory: Path) -> str:
            raise NotImplementedError

        def _encode(self, loaded: str, text: str) -> list[str]:
            raise NotImplementedError

        def _run(self, *arguments: object, **options: object) -> list[list[Hypothesis]]:
            raise NotImplementedError

    found = Registry.load().task_model("translation")
    registry = OneTranslator(Local(found, Path))
    pooled = wrap_engines(registry, pool=TWO).engine(found.id)
    assert isinstance(pooled, RayEngine)
    assert isinstance(pooled, Engine)
    assert (pooled.info, pooled.word_limit) == (found.info, found.word_limit)
    pooled.close()  # nothing has started: nothing to end
    assert pooled.generate(["", " "]) == [[Hypothesis(text="")]] * 2
    from summarizer.cache import AnswerCache

    store = AnswerCache(Path("/nowhere/a.sqlite"))
    assert isinstance(wrap_engines(registry, pool=TWO, store=store).engine(found.id), CachedEngine)


# --- the work, with Ray's few words said by a fake ------------------------------------------------------


class _RayError(Exception):
    pass


class _RayTaskError(_RayError):
    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


@pytest.fixture
def fake_ray(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A Ray whose actors are objects of this process; ``state`` holds what was asked of it."""
    state = SimpleNamespace(initialized=False, options={}, killed=0, address="127.0.0.1:1", busy=0, most=0)
    lock = threading.Lock()

    def remote(**options: object) -> Callable[[type], object]:
        state.actor_options = options

        def wrap(kind: type) -> object:
            def build(*arguments: object) -> object:
                inner = kind(*arguments)

                def call(method: str, *given: object) -> object:
                    with lock:
                        state.busy += 1
                        state.most = max(state.most, state.busy)
                    try:
                        return getattr(inner, method)(*given)
                    except Exception as error:
                        raise _RayTaskError(error) from error
                    finally:
                        with lock:
                            state.busy -= 1

                return SimpleNamespace(
                    **{
                        name: SimpleNamespace(remote=lambda *given, name=name: (call, name, given))
                        for name in ("lengths", "answer")
                    }
                )

            return SimpleNamespace(remote=build)

        return wrap

    def get(question: tuple[Any, str, tuple[object, ...]]) -> object:
        call, name, given = question
        return call(name, *given)

    def init(**options: object) -> None:
        state.initialized, state.options = True, options
        if getattr(state, "fails", None):
            raise state.fails

    module = ModuleType("ray")
    module.__dict__.update(
        remote=remote, get=get, init=init, is_initialized=lambda: state.initialized,
        kill=lambda actor: setattr(state, "killed", state.killed + 1),
        shutdown=lambda: setattr(state, "initialized", False),
        get_runtime_context=lambda: SimpleNamespace(gcs_address=state.address),
    )  # fmt: skip
    exceptions = ModuleType("ray.exceptions")
    exceptions.__dict__.update(RayError=_RayError, RayTaskError=_RayTaskError)
    monkeypatch.setitem(sys.modules, "ray", module)
    monkeypatch.setitem(sys.modules, "ray.exceptions", exceptions)
    for name in ("RAY_ADDRESS", *pool_module._ENVIRONMENT, "MUJAZ_THREADS", "MUJAZ_DEVICE"):
        monkeypatch.setenv(name, "")  # so that what the code sets is undone
    return state


def test_answers_come_back_in_order_from_the_batches_of_one_engine(fake_ray: SimpleNamespace) -> None:
    engine = RayEngine(spec(), settings=TWO, make=make)
    found = engine.generate(TEXTS, hypotheses=1)
    assert [each[0].text.split("|")[0] for each in found] == TEXTS
    batches = {each[0].text.split("|")[1].split(" ", 2)[2] for each in found if each[0].text}
    assert batches == {
        "nine+three",
        "one two",
        "seven eight",
        "four five six",
    }  # four tokens a batch, and even
    assert engine.count_tokens("one two three") == 3
    assert 1 <= fake_ray.most <= 2
    assert fake_ray.actor_options == {
        "num_cpus": 0, "max_restarts": 3, "max_task_retries": 3, "max_concurrency": 1,
    }  # fmt: skip
    engine.close()
    assert fake_ray.killed == 2
    assert engine.generate(["one"])


def test_ray_is_kept_to_this_machine(fake_ray: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    start_ray(TWO)
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    assert fake_ray.options["address"] == "local"
    assert fake_ray.options["include_dashboard"] is False
    fake_ray.options = None
    start_ray(TWO)  # it runs already
    assert fake_ray.options is None
    fake_ray.initialized, fake_ray.address = False, "192.0.2.7:1"
    with pytest.raises(ModelError, match="would listen on the network"):
        start_ray(TWO)
    assert not fake_ray.initialized
    monkeypatch.setenv("RAY_ADDRESS", "192.0.2.7:6379")  # but for who names a cluster
    start_ray(TWO)
    assert fake_ray.options["address"] == "192.0.2.7:6379"
    assert "num_cpus" not in fake_ray.options
    fake_ray.initialized, fake_ray.fails = False, ConnectionError("nobody\nthere")
    with pytest.raises(ModelError, match="Ray does not start: nobody there"):
        start_ray(TWO)


def test_errors_of_a_copy_are_errors_of_the_engine(fake_ray: SimpleNamespace) -> None:
    engine = RayEngine(spec(), settings=TWO, make=make)
    with pytest.raises(ModelError, match=r"^pooled: out of memory$"):
        engine.generate(["refuse", *TEXTS])
    with pytest.raises(ModelError, match="pooled: division by zero"):
        engine.generate(["break"])
    with pytest.raises(ModelError, match="9 tokens, 8 are read"):
        engine.generate(["1 2 3 4 5 6 7 8 9"])
    with pytest.raises(ModelError, match="must be 1 or more"):
        engine.generate(["one"], hypotheses=0)
    assert len(engine.generate(TEXTS)) == len(TEXTS)  # both copies are idle again


# --- Ray itself -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ray() -> Iterator[ModuleType]:
    pytest.importorskip("ray", reason="the pool runs on Ray: pip install 'mujaz[ray]'")
    started = start_ray(TWO)
    yield started
    started.shutdown()


@pytest.fixture(scope="module")
def engine(ray: ModuleType) -> Iterator[RayEngine]:
    # The copies cannot import this test: they get it by value.
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    pooled = RayEngine(spec(), settings=TWO, make=make)
    yield pooled
    pooled.close()


def process(answer: list[Hypothesis]) -> int:
    return int(answer[0].text.split("|")[1].split()[0])


@pytest.mark.slow
def test_two_processes_do_the_work_and_order_is_kept(engine: RayEngine) -> None:
    texts = [f"number {number}" for number in range(40)]
    found = engine.generate(texts, hypotheses=2)
    assert [each[0].text.split("|")[0] for each in found] == texts
    assert {len(each) for each in found} == {2}
    processes = {process(each) for each in found}
    assert len(processes) == 2
    assert os.getpid() not in processes
    assert all(each[0].text.split("|")[1].split()[1] == "1" for each in found)  # one thread each


@pytest.mark.slow
def test_a_copy_that_dies_is_started_again_and_its_batch_repeated(engine: RayEngine, tmp_path: Path) -> None:
    first = {process(each) for each in engine.generate([f"a {number}" for number in range(20)])}
    (found,) = engine.generate([f"die:{tmp_path / 'once'}"])
    assert (tmp_path / "once").exists()
    assert process(found) not in first
    assert len(engine.generate(TEXTS)) == len(TEXTS)


@pytest.mark.slow
def test_errors_of_real_actors(engine: RayEngine) -> None:
    with pytest.raises(ModelError, match=r"^pooled: out of memory$"):
        engine.generate(["refuse"])
    with pytest.raises(ModelError, match="pooled: division by zero"):
        engine.generate(["break"])


@pytest.mark.slow
def test_a_copy_that_always_dies_is_a_model_error(ray: ModuleType) -> None:
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    pooled = RayEngine(spec(), settings=PoolSettings(actors=1, threads_each=1), make=make)
    with pytest.raises(ModelError, match="a copy in the pool failed 4 times"):
        pooled.generate(["perish"])
    pooled.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_socket_listens_beyond_this_machine_and_nothing_reports_home(engine: RayEngine) -> None:
    engine.count_tokens("now it runs")
    from ray.thirdparty_files import psutil  # type: ignore[import-not-found,unused-ignore]

    own = psutil.Process()
    sockets = [
        (each.name(), connection)
        for each in (own, *own.children(recursive=True))
        for connection in each.net_connections(kind="inet")
    ]
    listening = {connection.laddr.ip for _, connection in sockets if connection.status == "LISTEN"}
    assert listening
    loopback = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
    assert listening <= loopback
    assert {connection.raddr.ip for _, connection in sockets if connection.raddr} <= loopback
    from ray._common.usage.usage_lib import usage_stats_enabled

    assert not usage_stats_enabled()
