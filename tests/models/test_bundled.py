from __future__ import annotations

import errno
import hashlib
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from summarizer.errors import MissingModelError, ModelError
from summarizer.models import (
    bundled,
    cache_directory,
    unpack_bundled,
)
from tests.conftest import ROOT
from tests.models.samples import write_model

# --- the cache ---


def test_the_cache_is_where_the_user_wants_it(monkeypatch, tmp_path):
    assert cache_directory() == tmp_path / "cache"
    monkeypatch.delenv("MUJAZ_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_directory() == tmp_path / "xdg" / "mujaz"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # the standard says to ignore it
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_directory() == tmp_path / ".cache" / "mujaz"


def test_parts_are_joined_beside_the_other_files(tmp_path, cache):
    found = unpack_bundled(write_model(tmp_path / "m"))
    assert found.parent == cache / "models"
    assert (found / "model.bin").read_bytes() == b"first second third"
    assert {each.name for each in found.iterdir()} == {
        "model.bin", "config.json", "vocabulary.json", "tokenizer.json", "SHA256SUMS", "sizes.json"
    }  # fmt: skip


def test_joined_weights_are_used_again_until_they_are_off(tmp_path):
    directory = write_model(tmp_path / "m")
    found = unpack_bundled(directory)
    stamp = (found / "model.bin").stat().st_mtime_ns
    assert unpack_bundled(directory) == found
    assert (found / "model.bin").stat().st_mtime_ns == stamp
    (found / "model.bin").write_bytes(b"cut")
    assert (unpack_bundled(directory) / "model.bin").read_bytes() == b"first second third"
    assert not (found / ".old").exists()
    (found / "config.json").unlink()
    assert (unpack_bundled(directory) / "config.json").exists()


def test_new_weights_never_meet_an_old_cache(tmp_path):
    one = unpack_bundled(write_model(tmp_path / "m"))
    shutil.rmtree(tmp_path / "m")
    other = unpack_bundled(write_model(tmp_path / "m", parts=(b"FIRST ", b"second ", b"third")))
    assert one != other
    assert (other / "model.bin").read_bytes() == b"FIRST second third"


def test_another_tokenizer_never_meets_an_old_cache(tmp_path):
    one = unpack_bundled(write_model(tmp_path / "m"))
    (tmp_path / "m" / "tokenizer.json").write_bytes(b"[]")
    lines = (tmp_path / "m" / "SHA256SUMS").read_text().splitlines()
    lines = [line for line in lines if not line.endswith(" tokenizer.json")]
    lines.append(f"{hashlib.sha256(b'[]').hexdigest()}  tokenizer.json")
    (tmp_path / "m" / "SHA256SUMS").write_text("\n".join(lines))
    other = unpack_bundled(tmp_path / "m")
    assert one != other
    assert (other / "tokenizer.json").read_bytes() == b"[]"


def test_what_another_process_finished_first_stays(tmp_path):
    found = unpack_bundled(write_model(tmp_path / "m"))
    stamp = (found / "model.bin").stat().st_mtime_ns
    work = found.parent / ".partial-late"
    shutil.copytree(found, work)
    (work / "model.bin").write_bytes(b"first second third")
    bundled._put(work, found)
    assert (found / "model.bin").stat().st_mtime_ns == stamp
    (found / "model.bin").write_bytes(b"cut")
    bundled._put(work, found)
    assert (found / "model.bin").read_bytes() == b"first second third"
    assert not work.exists()


def test_whole_weights_are_used_where_they_lie(tmp_path, cache):
    directory = write_model(tmp_path / "m")
    (directory / "model.bin").write_bytes(b"first second third")
    assert unpack_bundled(directory) == directory
    assert not cache.exists()


def test_one_part_is_enough(tmp_path):
    assert (unpack_bundled(write_model(tmp_path / "m", parts=(b"all",))) / "model.bin").read_bytes() == b"all"


@pytest.mark.parametrize("name", ["model.bin.part-01", "config.json"])
def test_a_damaged_file_is_named_and_leaves_no_cache(tmp_path, cache, name):
    directory = write_model(tmp_path / "m")
    content = bytearray((directory / name).read_bytes())
    content[0] ^= 1
    (directory / name).write_bytes(content)
    with pytest.raises(ModelError, match=rf"{name} is damaged"):
        unpack_bundled(directory)
    assert list((cache / "models").iterdir()) == []


@pytest.mark.parametrize("name", ["model.bin.part-01", "tokenizer.json"])
def test_a_missing_file_of_the_model_is_named(tmp_path, name):
    directory = write_model(tmp_path / "m")
    (directory / name).unlink()
    with pytest.raises(ModelError, match=rf"{name} is missing"):
        unpack_bundled(directory)


def test_parts_that_do_not_add_up_are_damage(tmp_path):
    directory = write_model(tmp_path / "m")
    sums = (directory / "SHA256SUMS").read_text().splitlines()
    sums[-1] = f"{'0' * 64}  model.bin"
    (directory / "SHA256SUMS").write_text("\n".join(sums))
    with pytest.raises(ModelError, match=r"model\.bin is damaged"):
        unpack_bundled(directory)


@pytest.mark.parametrize(
    ("sums", "message"),
    [
        (None, "SHA256SUMS cannot be read"),
        ("nonsense\n", "SHA256SUMS is damaged: 'nonsense'"),
        (f"{'0' * 64}  ../model.bin\n", "SHA256SUMS is damaged"),
        ("", r"SHA256SUMS does not name model\.bin"),
    ],
)
def test_checksums_must_be_there_and_right(tmp_path, sums, message):
    directory = write_model(tmp_path / "m")
    (directory / "SHA256SUMS").unlink()
    if sums is not None:
        (directory / "SHA256SUMS").write_text(sums)
    with pytest.raises(ModelError, match=message):
        unpack_bundled(directory)


def test_a_part_that_the_checksums_do_not_know_is_refused(tmp_path):
    directory = write_model(tmp_path / "m")
    (directory / "model.bin.part-99").write_bytes(b"stray")
    with pytest.raises(ModelError, match=r"model\.bin\.part-99 is not in"):
        unpack_bundled(directory)


def test_a_directory_without_weights_is_a_missing_model(tmp_path):
    with pytest.raises(MissingModelError, match="has no weights"):
        unpack_bundled(tmp_path)


@pytest.mark.parametrize(
    ("number", "message"),
    [(errno.ENOSPC, "the disk is full; make room or set MUJAZ_CACHE"), (errno.EIO, "boom")],
)
def test_a_cache_that_cannot_be_written_is_a_clear_error(tmp_path, cache, monkeypatch, number, message):
    def refuse(descriptor: int) -> None:
        raise OSError(number, "boom")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(ModelError, match=message):
        unpack_bundled(write_model(tmp_path / "m"))
    assert list((cache / "models").iterdir()) == []


def test_a_cache_that_is_a_file_is_a_clear_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MUJAZ_CACHE", str(tmp_path / "file"))
    with pytest.raises(ModelError, match="set MUJAZ_CACHE to another directory"):
        unpack_bundled(write_model(tmp_path / "m"))


def test_a_faster_process_wins_without_harm(tmp_path, monkeypatch):
    directory = write_model(tmp_path / "m")
    real = Path.replace

    def lose(self: Path, target: Path) -> Path:
        shutil.copytree(self, target)  # the other process finishes in this very moment
        return real(self, target)

    monkeypatch.setattr(Path, "replace", lose)
    found = unpack_bundled(directory)
    assert (found / "model.bin").read_bytes() == b"first second third"
    assert [each.name for each in found.parent.iterdir()] == [found.name]


def unpack_in_process(directory: str) -> str:
    return str(unpack_bundled(Path(directory)))


def test_processes_that_start_together_all_get_the_model(tmp_path):
    directory = write_model(tmp_path / "m", parts=tuple(bytes([i]) * 500_000 for i in range(4)))
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = pool.map(unpack_in_process, [str(directory)] * 6)
    assert len(set(found)) == 1
    assert (Path(found[0]) / "model.bin").stat().st_size == 2_000_000
    assert [each.name for each in Path(found[0]).parent.iterdir()] == [Path(found[0]).name]


def test_a_kill_in_the_middle_leaves_nothing_that_is_taken_for_a_model(tmp_path, cache):
    directory = write_model(tmp_path / "m")
    code = (
        "import os, sys; from pathlib import Path; from summarizer.models import bundled;"
        "os.fsync = lambda descriptor: os._exit(9);"
        "bundled.unpack_bundled(Path(sys.argv[1]))"
    )
    run = subprocess.run([sys.executable, "-c", code, str(directory)], cwd=ROOT, check=False)
    assert run.returncode == 9
    (leftover,) = (cache / "models").iterdir()
    assert leftover.name.startswith(".partial-")
    assert (unpack_bundled(directory) / "model.bin").read_bytes() == b"first second third"
    assert leftover.exists()  # young: it could be another process at work
    old = time.time() - 7200
    os.utime(leftover, (old, old))
    shutil.rmtree(unpack_bundled(directory))
    unpack_bundled(directory)
    assert not leftover.exists()
