"""Archives of reports: read like a folder, and nothing that a stranger's archive tries works."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer import zipped
from summarizer.errors import ReadError
from summarizer.ingest import Ingested, read_bytes, read_sources
from summarizer.zipped import read_zip
from tests.conftest import EXAMPLES

LEAD = "أعلنت وزارة الخارجية في العاصمة عقد جولة جديدة من المحادثات بين البلدين في السابع من الشهر المقبل."


def pack(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def read(data: bytes) -> Ingested:
    return read_bytes(data, origin="reports.zip", suffix=".zip")


def code_of(data: bytes) -> str:
    with pytest.raises(ReadError, match=r"^reports\.zip: ") as caught:
        read(data)
    return caught.value.code


def test_an_archive_is_read_as_its_folder_is(tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in EXAMPLES.iterdir() if path.suffix in (".txt", ".md")}
    tree = {
        **files,
        "b/x.txt": LEAD.encode(),
        "a/b.txt": f"{LEAD} ثان".encode(),
        "z.json": b"{",
        "x.png": b"?",
    }
    for name, data in tree.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "reports.zip").write_bytes(pack(dict(sorted(tree.items(), reverse=True))))
    packed, folder = (read_sources([str(tmp_path / name)]) for name in ("reports.zip", "folder"))
    assert packed == folder
    assert len(packed.documents) >= 5 + 2


def test_what_is_no_report_is_left_out_and_nothing_left_is_an_error() -> None:
    others = {
        ".hidden.txt": b"x",
        "__MACOSX/a.txt": b"x",
        "picture.png": b"x",
        "d/.git/a.txt": b"x",
        "folder/": b"",
    }
    (document,) = read(pack({**others, "a.txt": LEAD.encode()})).documents
    assert document.origin == "a.txt"
    assert code_of(pack(others)) == "empty"
    assert code_of(pack({})) == "empty"


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd.txt", "/etc/passwd.txt", "C:\\etc\\passwd.txt", "a/../../passwd.txt"]
)
def test_names_lead_nowhere(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (document,) = read(pack({name: LEAD.encode()})).documents
    assert document.origin == "passwd.txt"
    assert list(tmp_path.iterdir()) == []


def test_a_bad_member_costs_the_others_nothing() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", LEAD)
        archive.writestr("inner.zip", pack({"b.txt": LEAD.encode()}))
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("odd.txt", LEAD, compress_type=zipfile.ZIP_LZMA)
        archive.writestr("english.txt", "No Arabic at all.")
    result = read(file.getvalue())
    assert [each.origin for each in result.documents] == ["a.txt"]
    assert [(each.subject, each.code) for each in result.warnings] == [
        ("english.txt", "not_arabic"),
        ("inner.zip", "unsupported"),
        ("link.txt", "unsupported"),
        ("odd.txt", "unsupported"),
    ]


def test_encrypted_and_damaged_members() -> None:
    whole = pack({"a.txt": LEAD.encode(), "b.txt": f"{LEAD} ثان".encode()})
    locked = bytearray(whole)
    at = locked.index(b"PK\x01\x02") + 8
    locked[at : at + 2] = struct.pack("<H", struct.unpack_from("<H", locked, at)[0] | 1)
    torn = bytearray(whole)
    torn[60] ^= 0xFF
    for data, code in ((bytes(locked), "encrypted"), (bytes(torn), "malformed")):
        result = read(data)
        assert [each.origin for each in result.documents] == ["b.txt"]
        assert [(each.subject, each.code) for each in result.warnings] == [("a.txt", code)]


def test_bombs_are_refused_before_anything_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    many = pack({f"{n}.txt": b"" for n in range(zipped.ZIP_MAX_MEMBERS + 1)})
    swollen = pack({"a.txt": bytes(3_000_000)})  # 1,000 : 1
    long = pack({f"{n}.txt": bytes(14_000_000) for n in range(10)})
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    assert code_of(many) == "too_large"
    assert code_of(swollen) == "too_large"
    monkeypatch.setattr(zipped, "ZIP_MAX_RATIO", 10_000)
    assert code_of(long) == "too_large"


def test_a_large_member_is_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "ZIP_MAX_MEMBER_BYTES", 1_000)
    result = read(pack({"a.txt": LEAD.encode(), "b.txt": LEAD.encode() * 10}))
    assert [each.origin for each in result.documents] == ["a.txt"]
    assert [(each.subject, each.code) for each in result.warnings] == [("b.txt", "too_large")]


def test_a_member_that_lies_about_its_size_is_damaged() -> None:
    data = bytearray(pack({"a.txt": b"x" * 500_000, "b.txt": LEAD.encode()}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<L", 100)  # the directory says 100 bytes
    assert [(each.subject, each.code) for each in read(bytes(data)).warnings] == [("a.txt", "malformed")]


def test_other_zip_files_are_no_archives_of_reports() -> None:
    for member in ("[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"):
        assert code_of(pack({member: b"x", "a.txt": LEAD.encode()})) == "binary"
    assert code_of(b"PK\x03\x04 nonsense") == "malformed"
    assert code_of(LEAD.encode()) == "malformed"


# --- names --------------------------------------------------------------------------------------------


def raw_named(name: bytes, *, extra: bytes = b"") -> bytes:
    """Return an archive whose one member has these bytes for a name, not marked as UTF-8."""
    file = io.BytesIO()
    info = zipfile.ZipInfo("x" * len(name))
    info.extra = extra
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(info, LEAD)
    return file.getvalue().replace(b"x" * len(name), name)


@pytest.mark.parametrize("encoding", ["cp1256", "cp720", "utf-8"])
@pytest.mark.parametrize(
    "name", ["تقرير الجزيرة.txt", "خبر عاجل.txt", "بغداد-2021.txt", "report عن النفط.txt"]
)
def test_arabic_names_in_any_code_page(name: str, encoding: str) -> None:
    (member,) = read_zip(raw_named(name.encode(encoding)))
    assert member.name == name


def test_other_names_stay_what_the_format_says() -> None:
    (member,) = read_zip(raw_named("Übersicht.txt".encode("cp437")))
    assert member.name == "Übersicht.txt"


def test_the_name_beside_the_name() -> None:
    raw, name = b"????.txt\x80", "تقرير.txt"
    field = b"\x01" + struct.pack("<L", zlib.crc32(raw)) + name.encode()
    (member,) = read_zip(raw_named(raw, extra=struct.pack("<HH", 0x7075, len(field)) + field))
    assert member.name == name
    stale = b"\x01" + struct.pack("<L", 1) + name.encode()
    (member,) = read_zip(raw_named(raw, extra=struct.pack("<HH", 0x7075, len(stale)) + stale))
    assert member.name != name


@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 255))
def test_any_damage_gives_documents_or_a_read_error(tail: bytes, position: int, value: int) -> None:
    data = bytearray(pack({"تقرير.txt": LEAD.encode(), "a/b.txt": LEAD.encode() * 2}) + tail)
    data[position % len(data)] = value
    try:
        result = read(bytes(data))
    except ReadError:
        return
    assert len(result.documents) + len(result.warnings) >= 1
