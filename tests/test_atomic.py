"""A file is replaced whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from summarizer.atomic import replacing
from tests.conftest import ROOT


def test_the_new_file_stands_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "brief.md"
    with replacing(path) as file:
        file.write(b"half")
        assert not path.exists()
        file.write(b" and half")
    assert path.read_bytes() == b"half and half"
    with replacing(path, text=True) as file:
        file.write("موجز\n")
        assert path.read_bytes() == b"half and half"
    assert path.read_text("utf-8") == "موجز\n"
    assert list(path.parent.iterdir()) == [path]


def test_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    with replacing(tmp_path / "replaced") as file:
        file.write(b"x")
    assert (tmp_path / "replaced").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("alone", [False, True])
def test_a_block_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path, alone: bool) -> None:
    path = tmp_path / "brief.md"
    path.write_text("old")

    def fail() -> None:
        with replacing(path, alone=alone) as file:
            file.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "brief.md"
    with replacing(path) as one, replacing(path) as other:
        one.write(b"one")
        other.write(b"other")
    assert path.read_text() == "one"  # the outer block ends last
    assert list(tmp_path.iterdir()) == [path]


def test_killed_before_the_end_the_old_file_stands(tmp_path: Path) -> None:
    path = tmp_path / "brief.md"
    path.write_text("old")
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom summarizer.atomic import replacing\n"
        "with replacing(Path(sys.argv[1]), alone=True) as file:\n"
        "    file.write(b'new')\n    file.flush()\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], cwd=ROOT, check=False)
    assert path.read_text() == "old"
    assert (tmp_path / ".brief.md.part").read_bytes() == b"new"
    with replacing(path, alone=True) as file:  # the next writer takes over what the killed one left
        file.write(b"newer")
    assert path.read_text() == "newer"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(NotADirectoryError), replacing(tmp_path / "folder" / "brief.md"):
        pass
