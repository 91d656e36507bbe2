"""The list of reports: read as the pipeline reads, corrected by pure functions, sent on untouched where untouched."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.errors import InputError
from summarizer.server.requests import Report, read_reports
from tests.ui.serving import BRIDGE, PASTED, TOLLS
from ui.drafts import Drafts, edit, merge, read_drafts, remove, split, to_reports

FILE = Report(name="bridge.txt", data=BRIDGE.encode())


@pytest.fixture
def drafts() -> Drafts:
    return read_drafts([Report(text=PASTED), FILE, Report(name="broken.pdf", data=b"no pdf")])


def test_the_list_is_what_ingest_reads(drafts: Drafts) -> None:
    assert [item.title for item in drafts.items] == [
        "الوزيرة تفتتح الجسر",
        "رسوم عبور على الجسر",
        "الوزيرة تفتتح الجسر",
    ]
    assert [item.report for item in drafts.items] == [0, 0, 1]
    assert [warning.subject for warning in drafts.warnings] == ["broken.pdf"]


def test_what_is_untouched_is_sent_on_as_it_came(drafts: Drafts) -> None:
    assert to_reports(drafts) == drafts.reports
    assert to_reports(edit(drafts, 0, **fields(drafts, 0))) == drafts.reports


def fields(drafts: Drafts, index: int, **changes: str) -> dict[str, str]:
    item = drafts.items[index]
    return {"title": item.title, "outlet": item.outlet, "date": item.date, "text": item.text, **changes}


def test_a_correction_reaches_the_document(drafts: Drafts) -> None:
    changed = edit(
        drafts, 1, **fields(drafts, 1, outlet="Radio\u00a0 City", date="2021-10-02", title="عنوان آخر")
    )
    reports = to_reports(changed)
    assert reports[1] == FILE  # the other input is not touched
    first, second = read_reports(reports[:1]).documents
    assert (second.source, second.published, second.title) == ("Radio City", "2021-10-02", "عنوان آخر")
    assert "رسوم عبور على الجسر" not in second.text  # the new title stands where the old one stood
    assert first.text.strip() == BRIDGE


@pytest.mark.parametrize("date", ["yesterday", "2021-4-7", "07/04/2021", "2021-04-07x"])
def test_a_date_must_look_like_one(drafts: Drafts, date: str) -> None:
    with pytest.raises(InputError, match="date"):
        edit(drafts, 0, **fields(drafts, 0, date=date))


def test_two_reports_become_one(drafts: Drafts) -> None:
    joined = merge(drafts, 0)
    assert len(joined.items) == 2
    assert joined.items[0].text == f"{BRIDGE}\n\n{TOLLS}"
    assert joined.items[0].date == drafts.items[0].date
    assert len(read_reports(to_reports(joined)[:1]).documents) == 1
    with pytest.raises(InputError):
        merge(drafts, 2)


def test_one_report_becomes_two(drafts: Drafts) -> None:
    joined = merge(drafts, 0)
    again = split(joined, 0, joined.items[0].text.index("رسوم عبور"))
    assert [item.text for item in again.items[:2]] == [BRIDGE, TOLLS]
    assert again.items[1].title == "رسوم عبور على الجسر"
    for position in (0, len(joined.items[0].text)):
        with pytest.raises(InputError):
            split(joined, 0, position)


def test_a_report_can_be_left_out(drafts: Drafts) -> None:
    rest = remove(remove(drafts, 0), 0)
    assert to_reports(rest) == (FILE, drafts.reports[2])  # what could not be read is told in the brief
    assert to_reports(remove(rest, 0)) == ()


@given(st.data())
def test_no_letter_is_lost_or_made_up(data: st.DataObject) -> None:
    drafts = read_drafts([Report(text=PASTED)])
    for _ in range(data.draw(st.integers(0, 6))):
        index = data.draw(st.integers(0, len(drafts.items) - 1))
        try:
            if data.draw(st.booleans()):
                drafts = merge(drafts, index)
            else:
                drafts = split(drafts, index, data.draw(st.integers(0, len(drafts.items[index].text))))
        except InputError:
            continue
    letters = "".join("".join(item.text for item in drafts.items).split())
    assert letters == "".join((BRIDGE + TOLLS).split())
    for report in to_reports(drafts):
        if report.name != "-":
            assert all(record["text"] for record in json.loads(report.text or "[]"))
