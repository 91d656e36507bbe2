"""The briefing's file: everything wrong with it is told at once, by its place, with what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from summarizer.archive import open_archive
from summarizer.daily.briefing import Briefing
from summarizer.daily.config import BriefingConfig, load_config
from summarizer.daily.selectors import to_xpath
from summarizer.errors import ConfigError
from tests.conftest import ROOT
from tests.daily.world import write_config


def problems_of(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "briefing.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value).startswith("briefing.yaml: ")
    return list(caught.value.problems)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    assert problems_of(
        tmp_path,
        """
name: Iraq Desk
langages: [ar]
languages: [fr]
sources:
  - {kind: fead, id: a, url: x}
  - {kind: feed, id: b, urll: "http://x/"}
  - {kind: folder, id: c, path: inbox, limit: 0}
  - {id: d}
publishers:
  - {kind: email, id: m, host: h, sender: me@x, recipients: [], prot: 3}
schedule: {at: "25:00"}
stories: 3
stories: 4
""",
    ) == [
        "line 14: 'stories' stands there twice",
        "name: String should match pattern '^[a-z0-9][a-z0-9_-]{0,39}$', not 'Iraq Desk'",
        "languages[0]: Input should be 'ar' or 'en', not 'fr'",
        "sources[0].kind: unknown kind 'fead'; did you mean 'feed'?",
        "sources[1].url: is missing",
        "sources[1].urll: unknown key; did you mean 'url'?",
        "sources[2].limit: Input should be greater than or equal to 1, not 0",
        "sources[3].kind: is missing",
        "publishers[0].recipients: Tuple should have at least 1 item after validation, not 0, not []",
        "publishers[0].prot: unknown key; did you mean 'port'?",
        "schedule.at: hour must be in 0..23, not '25:00'",
        "langages: unknown key; did you mean 'languages'?",
    ]


def test_what_only_the_whole_can_tell(tmp_path: Path) -> None:
    assert problems_of(
        tmp_path,
        """
name: desk
timezone: Mars/Base
sources:
  - {kind: folder, id: a, path: x}
  - {kind: feed, id: a, url: "https://x.example/", allow: "[", selector: "div >"}
publishers: [{kind: slack, id: files, url_env: HOOK}]
alerts: {silent_after_hours: 3, to: []}
""",
    ) == ["alerts.to: unknown key; known: silent_after_hours"]
    assert problems_of(
        tmp_path,
        """
name: desk
timezone: Mars/Base
sources:
  - {kind: folder, id: a, path: x}
  - {kind: feed, id: a, url: "https://x.example/", allow: "[", selector: "div >"}
publishers: [{kind: slack, id: files, url_env: HOOK}]
""",
    ) == [
        "sources[1].id: 'a' stands there twice",
        "publishers[0].id: 'files' is the name of the day's folder",
        "timezone: no such time zone: 'Mars/Base' (Asia/Baghdad, Africa/Cairo, UTC...)",
        "sources[1].allow: not a regular expression: unterminated character set at position 0",
        "sources[1].selector: selector 'div >': names no element",
    ]


@pytest.mark.parametrize(
    ("text", "problem"), [("- a", "keys and values"), ("a: [", "not YAML"), ("1: 2", "word")]
)
def test_what_is_no_configuration(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "b.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=problem):
        load_config(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_config(tmp_path / "none.yaml")


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "b.yaml"
    path.write_text("{name: d, sources: [{kind: folder, id: a, path: in}]}", encoding="utf-8")
    config = load_config(path)
    assert config.archive_url == str(tmp_path / "archive.sqlite")
    assert config.path(Path("/elsewhere")) == Path("/elsewhere")


def test_the_example_is_a_configuration_and_names_every_key() -> None:
    path = ROOT / "examples" / "briefing.yaml"
    config = load_config(path)
    assert {source.kind for source in config.sources} == {"feed", "sitemap", "folder", "maildir"}
    text = path.read_text(encoding="utf-8")
    written = yaml.safe_load(text)
    for name in BriefingConfig.model_fields:
        assert name == "folder" or name in written or f"# {name}:" in text, name


@pytest.mark.parametrize(
    ("selector", "xpath"),
    [
        ("article", "//article"),
        ("div.story#main > p", "//div[contains(concat(' ', normalize-space(@class), ' '), ' story ')][@id='main']/p"),
        ("[itemprop=articleBody], .x", "//*[@itemprop='articleBody'] | //*[contains(concat(' ', normalize-space(@class), ' '), ' x ')]"),
    ],
)  # fmt: skip
def test_selectors(selector: str, xpath: str) -> None:
    assert to_xpath(selector) == xpath


@pytest.mark.parametrize("selector", ["", "div >", "a:hover", "x[y", "] | //*"])
def test_selectors_that_are_not_understood(selector: str) -> None:
    with pytest.raises(ConfigError):
        to_xpath(selector)


def test_a_pool_of_engines_is_used_where_it_is_asked_for(tmp_path: Path) -> None:
    import summarizer.engines.pool as pools

    for pool, kind in (("ray:2", pools.RayEngine), (None, None)):
        config = load_config(
            write_config(
                tmp_path,
                sources=[{"id": "d", "kind": "folder", "path": "x"}],
                **({"engine_pool": pool} if pool else {}),
            )
        )
        with open_archive(tmp_path / "archive.sqlite") as archive:
            registry = Briefing(config, archive)._registry()
        engine = registry.engine(registry.task_model("translation", config.profile).id)
        assert isinstance(engine, kind) if kind else not isinstance(engine, pools.RayEngine)
    assert problems_of(
        tmp_path, "name: a\nengine_pool: ray:0\nsources: [{id: d, kind: folder, path: x}]\n"
    ) == ["engine_pool: ray or ray:COPIES, not 'ray:0'"]
