"""The archive's tests run twice: on SQLite, and on a PostgreSQL server of their own where one is installed."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from summarizer.archive import Archive, open_archive

_NUMBERS = itertools.count(1)


class Server:
    """A PostgreSQL server in a temporary folder, reached by a socket in it and by nothing else."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="mujaz-pg-"))
        # PostgreSQL refuses to run as root: Debian's package brings a user for it.
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(self.folder, "postgres")
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-U", "mujaz", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c full_page_writes=off"
        self._run("pg_ctl", "-D", data, "-o", options, "-l", self.folder / "log", "-w", "start")

    def url(self) -> str:
        """Return the URL of a new, empty schema."""
        schema = f"test{next(_NUMBERS)}"
        import psycopg  # optional: the fixture below skips without it

        address = f"host={self.folder} user=mujaz dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {schema}")  # type: ignore[call-overload]
        return f"postgresql+psycopg://mujaz@/postgres?host={self.folder}&options=-csearch_path%3D{schema}"

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: object) -> None:
        command = [*self.user, str(self.programs / program), *map(str, arguments)]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder
        )


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    pytest.importorskip("psycopg", reason="PostgreSQL tests need psycopg: pip install 'mujaz[postgres]'")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    server = Server(found[-1].parent)
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: a new file, or a new schema."""
    if request.param == "sqlite":
        return str(tmp_path / "archive.sqlite")
    server: Server = request.getfixturevalue("postgresql")
    return server.url()


@pytest.fixture
def archive(where: str) -> Iterator[Archive]:
    with open_archive(where) as opened:
        yield opened


@pytest.fixture
def sqlite_archive(tmp_path: Path) -> Iterator[Archive]:
    """For what does not depend on the database."""
    with open_archive(tmp_path / "archive.sqlite") as opened:
        yield opened
