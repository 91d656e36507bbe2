"""A ``.zip`` of reports -> its members, as the files of a folder would be read.

The archive is a stranger's. Nothing is unpacked to disk, and a member's name is only ever shown: ``../../etc/passwd``
is a report called ``passwd``. ``read_zip`` refuses an archive that declares more than a folder of reports could hold,
and each ``Member.read`` stops at the declared size, for which zipfile vouches. Archives in archives are not opened.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from summarizer.errors import ReadError

#: Entries of an archive, folders and files that are not read included. A day of a news agency is some 1,000 files.
ZIP_MAX_MEMBERS: Final = 5_000
#: Bytes that all members, and one member, may unpack to.
ZIP_MAX_BYTES: Final = 128_000_000
ZIP_MAX_MEMBER_BYTES: Final = 32_000_000
#: Times that a member may be longer unpacked. Prose packs to a third, logs and tables to a fiftieth.
ZIP_MAX_RATIO: Final = 200
#: Below this many bytes no ratio is suspicious: an empty table packs to nothing.
_RATIO_FROM_BYTES: Final = 1_000_000

#: What zipfile and zlib raise on damaged archives; neither documents all of it.
_DAMAGE: Final = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, KeyError,
    IndexError, OverflowError, RuntimeError, NotImplementedError,
)  # fmt: skip
_UTF8_NAME: Final = 0x800
_ENCRYPTED: Final = 0x1


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive. ``path`` is for sorting and showing, and leads nowhere."""

    path: PurePosixPath
    _archive: zipfile.ZipFile
    _info: zipfile.ZipInfo

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()

    def read(self) -> bytes:
        """Return the bytes. Raises ``ReadError``: ``encrypted``, ``unsupported``, ``too_large``, ``malformed``."""
        info = self._info
        mode = info.external_attr >> 16
        if info.flag_bits & _ENCRYPTED:
            raise ReadError("encrypted; pack it without a password", code="encrypted")
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise ReadError("a link, not a file", code="unsupported")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ReadError("packed in a way that is not read; pack it with deflate", code="unsupported")
        if info.file_size > ZIP_MAX_MEMBER_BYTES:
            size = f"{info.file_size / 1e6:.1f} MB"
            raise ReadError(f"{size}; at most {ZIP_MAX_MEMBER_BYTES / 1e6:g} MB are read", code="too_large")
        try:
            with self._archive.open(info) as file:
                return file.read()
        except _DAMAGE as error:
            raise ReadError("damaged in the archive", code="malformed") from error


def read_zip(data: bytes) -> Iterator[Member]:
    """Yield the files of an archive in the order of a folder: names sorted, files before folders, hidden ones left out.

    Raises ``ReadError``: ``malformed``, or ``too_large`` for what unpacks to more than a folder of reports.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGE as error:
        raise ReadError("a damaged archive", code="malformed") from error
    with archive:
        entries = archive.infolist()
        _check(entries)
        members = [Member(_path(info), archive, info) for info in entries if not info.is_dir()]
        yield from sorted((each for each in members if _is_shown(each.path)), key=_as_in_a_folder)


def has_word_document(data: bytes) -> bool:
    """Tell whether zipped ``data`` is a Word file. False for a damaged archive."""
    return _holds(data, "word/document.xml")


def is_other_document(data: bytes) -> bool:
    """Tell whether zipped ``data`` is an office document, an e-book or a program, and no archive of reports."""
    return any(_holds(data, name) for name in ("[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"))


def _holds(data: bytes, name: str) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            archive.getinfo(name)
    except _DAMAGE:
        return False
    return True


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > ZIP_MAX_MEMBERS:
        raise ReadError(
            f"an archive of {len(entries):,} files; at most {ZIP_MAX_MEMBERS:,} are read", code="too_large"
        )
    total = sum(info.file_size for info in entries)
    swollen = any(
        info.file_size > _RATIO_FROM_BYTES and info.file_size > ZIP_MAX_RATIO * info.compress_size
        for info in entries
    )
    if total > ZIP_MAX_BYTES or swollen:
        raise ReadError(
            f"the archive unpacks to {total / 1e6:.0f} MB, which no folder of reports does", code="too_large"
        )


# --- names --------------------------------------------------------------------------------------

#: Info-ZIP's extra field that holds the name in UTF-8 beside the one in a code page.
_UNICODE_PATH: Final = 0x7075


def _path(info: zipfile.ZipInfo) -> PurePosixPath:
    name = decode_name(info)
    parts = [_printable(part) for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return PurePosixPath(*parts) if parts else PurePosixPath("unnamed")


def decode_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name: UTF-8 where the archive says so or it is, else the Arabic code page that fits.

    Windows packs names in the code page of the machine: 720 (its Arabic DOS page) or 1256, without saying which.
    """
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    raw = info.filename.encode("cp437", "replace")
    if raw.isascii():
        return info.filename
    if (unicode_name := _unicode_path(info.extra, raw)) is not None:
        return unicode_name
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        readings = [_read(raw, page) for page in ("cp1256", "cp720")]
        best = max(readings, key=_arabic_letters)
        return best if _arabic_letters(best) > 0 and not _MIXED_WORD.search(best) else info.filename


#: "Übersicht" read as Arabic: no word has letters of both.
_MIXED_WORD: Final = re.compile("[A-Za-z][\u0621-\u064a]|[\u0621-\u064a][A-Za-z]")


def _read(raw: bytes, page: str) -> str:
    return raw.decode(page, "replace")


def _arabic_letters(name: str) -> int:
    """Count Arabic letters, less what no name holds: box drawing, symbols and Latin letters with accents."""
    letters = sum("\u0621" <= character <= "\u064a" for character in name)
    strange = sum(ord(character) > 0x7F and not "\u0600" <= character <= "\u06ff" for character in name)
    return letters - 2 * strange


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    position = 0
    while position + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, position)
        field = extra[position + 4 : position + 4 + size]
        position += 4 + size
        # version, checksum of the name it stands for, name
        if kind == _UNICODE_PATH and size > 5 and field[:1] == b"\x01":
            if struct.unpack_from("<L", field, 1)[0] != zlib.crc32(raw):
                return None
            try:
                return field[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
    return None


def _printable(part: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in part)


def _is_shown(path: PurePosixPath) -> bool:
    return not any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def _as_in_a_folder(member: Member) -> tuple[tuple[bool, str], ...]:
    *folders, name = member.path.parts
    return (*((True, folder) for folder in folders), (False, name))
