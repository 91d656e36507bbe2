"""The archive as a text file and back: JSON Lines, one row a line, the same bytes for the same archive.

An export can be read without Mujaz, moves an archive between SQLite and PostgreSQL, and is what a backup should be made
of. What can be made anew is left out: the search index, the vectors, cached pages.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import IO, Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from summarizer.archive import search_index, tables
from summarizer.archive.database import Database
from summarizer.errors import ArchiveError, InputError

#: Version of the file's form.
EXPORT_VERSION: Final = 1
#: Rows written at once.
_BATCH: Final = 500
_LEFT_OUT: Final = frozenset(("migrations", "vectors", "pages"))
#: In this order whatever a row refers to stands before it, but for stories that refer to stories.
TABLES: Final = tuple(table for table in tables.metadata.sorted_tables if table.name not in _LEFT_OUT)


def export_archive(database: Database, file: IO[str]) -> int:
    """Write the archive, as it is at one moment, and return the number of rows."""
    count = 0
    with database.read() as connection:
        _write(file, {"mujaz_archive": EXPORT_VERSION})
        for table in TABLES:
            rows = sa.select(table).order_by(*table.primary_key.columns)
            for row in connection.execution_options(yield_per=_BATCH).execute(rows):
                values = {name: _plain(value) for name, value in row._mapping.items()}
                _write(file, {"table": table.name, "row": values})
                count += 1
        _write(file, {"rows": count})
    return count


def import_archive(database: Database, lines: Iterable[str]) -> int:
    """Fill an empty archive from an export, in one transaction, and return the number of rows.

    Raises ``ArchiveError`` where the archive is not empty, ``InputError`` for a file that is none, of another form,
    damaged or cut short; nothing is stored then.
    """
    with database.write() as connection:
        if any(
            connection.scalar(sa.select(sa.literal(1)).select_from(table).limit(1)) for table in _contents()
        ):
            raise ArchiveError(f"archive {database.name}: an import needs an empty archive")
        connection.execute(tables.settings.delete())
        later: list[tuple[sa.Table, dict[str, Any]]] = []
        count = 0
        batch: list[dict[str, Any]] = []
        current: sa.Table | None = None
        for table, values in _rows(lines):
            if table is not current or len(batch) >= _BATCH:
                _insert(connection, current, batch)
                batch, current = [], table
            own = [each.parent.name for each in table.foreign_keys if each.column.table is table]
            if any(values[name] is not None for name in own):
                later.append((table, {"id": values["id"], **{name: values[name] for name in own}}))
                values |= dict.fromkeys(own)
            batch.append(values)
            count += 1
        _insert(connection, current, batch)
        for table, values in later:
            connection.execute(table.update().where(table.c.id == values.pop("id")).values(**values))
        _set_sequences(connection)
        search_index.rebuild(connection)
    return count


def _contents() -> Iterator[sa.Table]:
    return (table for table in TABLES if table.name != "settings")


def _write(file: IO[str], line: dict[str, Any]) -> None:
    file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value


def _rows(lines: Iterable[str]) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    """Yield the rows of an export; raise ``InputError`` with the number of the line that is wrong."""
    known = {table.name: table for table in TABLES}
    count, ended, number = 0, False, 0
    for number, line in enumerate(lines, 1):
        try:
            plain = json.loads(line)
            if number == 1:
                version = plain["mujaz_archive"]
                if version != EXPORT_VERSION:
                    raise InputError(f"this export has form {version}; {EXPORT_VERSION} is read")
            elif "table" in plain:
                table = known[plain["table"]]
                columns = {column.name: column for column in table.columns}
                if set(plain["row"]) != set(columns):
                    raise InputError(f"line {number}: not a row of {table.name}")
                yield table, {name: _value(columns[name], each) for name, each in plain["row"].items()}
                count += 1
            else:
                ended = plain["rows"] == count
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"line {number}: not a line of an export of an archive: {error!r}") from error
    if not ended:
        raise InputError(f"the export is cut short: it ends after line {number} ({count} rows)")


def _value(column: sa.Column[Any], plain: Any) -> Any:
    if plain is None:
        return None
    if isinstance(column.type, tables.Instant):
        return datetime.fromisoformat(plain)
    if isinstance(column.type, sa.Date):
        return date.fromisoformat(plain)
    return base64.b64decode(plain, validate=True) if isinstance(column.type, sa.LargeBinary) else plain


def _insert(connection: Connection, table: sa.Table | None, batch: list[dict[str, Any]]) -> None:
    if table is None or not batch:
        return
    try:
        connection.execute(table.insert(), batch)
    except sa.exc.IntegrityError as error:
        raise InputError(
            f"the export is damaged: {table.name} has a row twice, or lacks one: {error.orig}"
        ) from error


def _set_sequences(connection: Connection) -> None:
    """Let PostgreSQL's next numbers follow those of the rows; SQLite does so by itself."""
    if connection.dialect.name == "sqlite":
        return
    for table in TABLES:
        if "id" in table.c and isinstance(table.c.id.type, sa.Integer):
            highest = sa.select(sa.func.max(table.c.id)).scalar_subquery()
            sequence = sa.func.pg_get_serial_sequence(table.name, "id")
            connection.execute(
                sa.select(sa.func.setval(sequence, sa.func.coalesce(highest, 1), highest.is_not(None)))
            )
