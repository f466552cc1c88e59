"""A history of referrals from a file: read as it is, or refused with the place of every fault."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beds.errors import BadInput, HistoryRejected
from beds.history_files import History, PeriodKind, history_in, read_history

UNTIL = date(2026, 3, 3)


def csv_of(*rows: str, header: str = "period,value") -> bytes:
    """Return a file of these rows."""
    return "\n".join([header, *rows, ""]).encode()


def quarters(count: int, last_year: int = 2025) -> list[str]:
    """Return rows of so many quarters up to the last of a year."""
    ends = 4 * last_year + 3
    return [f"{n // 4}-Q{n % 4 + 1},{100 + n % 4}" for n in range(ends - count + 1, ends + 1)]


def read(content: bytes) -> History:
    """Return the history of a file of this content."""
    return history_in(content, file="own.csv", until=UNTIL)


def faults_of(content: bytes) -> list[str]:
    """Return every fault of a file of this content."""
    with pytest.raises(HistoryRejected) as refused:
        read(content)
    assert isinstance(refused.value, BadInput)
    return [str(fault) for fault in refused.value.faults]


def test_quarters_are_read_with_their_days() -> None:
    found = read(csv_of(*quarters(8)))

    assert (found.kind, found.starts_on, found.ends_on) == (
        PeriodKind.QUARTER,
        date(2024, 1, 1),
        date(2026, 1, 1),
    )
    assert found.values == (100, 101, 102, 103, 100, 101, 102, 103)


@pytest.mark.parametrize("week", ["{year}-W{week:02d}", "{year}W{week:02d}", "{monday}"])
def test_weeks_are_read_in_each_of_their_forms(week: str) -> None:
    mondays = [date.fromisocalendar(2025, number, 1) for number in range(1, 31)]
    rows = [
        f"{week.format(year=day.isocalendar()[0], week=day.isocalendar()[1], monday=day)},2.5"
        for day in mondays
    ]

    found = read(csv_of(*rows))

    assert (found.kind, found.starts_on, len(found.values)) == (PeriodKind.WEEK, date(2024, 12, 30), 30)


def test_a_spreadsheets_marks_and_line_ends_do_no_harm() -> None:
    content = b"\xef\xbb\xbf" + csv_of(*quarters(8)).replace(b"\n", b"\r\n")

    assert read(content) == read(csv_of(*quarters(8)))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "own.csv line 1: must begin with the header period,value"),
        (csv_of(header="date,value"), "own.csv line 1: must begin with the header period,value"),
        (csv_of(), "own.csv: a header period,value and a row a period are needed"),
        (csv_of(*quarters(7)), "own.csv, period: at least 8 quarters are needed"),
        (csv_of("MARKER,1", *quarters(8)), "own.csv line 2, period: must be a quarter such as 2024-Q1"),
        (csv_of("2024-Q5,1", *quarters(8)), "own.csv line 2, period: must be a quarter"),
        (csv_of("2024-W54,1", *quarters(8)), "own.csv line 2, period: must be a quarter"),
        (csv_of("2024-01-02,1", *quarters(8)), "own.csv line 2, period: must be a quarter"),
        (csv_of(*quarters(8), "2026-Q1,MARKER"), "own.csv line 10, value: must be a number from 0"),
        (csv_of(*quarters(8), "2026-Q1,-1"), "own.csv line 10, value: must be a number from 0"),
        (csv_of(*quarters(8), "2026-Q1,nan"), "own.csv line 10, value: must be a number from 0"),
        (csv_of(*quarters(8), "2026-Q1,1e5"), "own.csv line 10, value: must be a number from 0"),
        (csv_of(*quarters(8), "2026-Q1,1,2"), "own.csv line 10: must have 2 cells"),
        (csv_of(*quarters(8), "2026-Q1,1"), "own.csv line 10, period: must have ended by 2026-03-03"),
        (csv_of(*quarters(8)[::-1]), "own.csv line 3, period: must be the period after the one before it"),
        (csv_of(*quarters(9)[:4], *quarters(9)[5:]), "own.csv line 6, period: must be the period after"),
        (csv_of(*quarters(8), "2026-W01,1"), "own.csv line 10, period: must be a quarter or a week as"),
        (
            csv_of(*[f"{2024 + n // 4}-Q{n % 4 + 1},0" for n in range(8)]),
            "own.csv, value: at least one above 0",
        ),
        (b"period,value\n\xff", "own.csv: must be CSV in UTF-8"),
        (b'period,value\n"2024-Q1,1\n', "must be CSV: a quotation mark is not closed"),
    ],
)
def test_what_is_wrong_is_named_and_never_repeated(content: bytes, fault: str) -> None:
    found = faults_of(content)

    assert any(one.startswith(fault) or fault in one for one in found), found
    assert "MARKER" not in "".join(found)


def test_every_fault_is_told_at_once() -> None:
    found = faults_of(csv_of("x,1", "2024-Q1,y", "2024-Q2,1", "2024-Q4,1"))

    assert [fault.partition(":")[0] for fault in found] == [
        "own.csv line 2, period",
        "own.csv line 3, value",
        "own.csv line 5, period",
    ]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: f"period,value\n{text}".encode()))
def test_whatever_a_file_holds_it_is_read_or_refused_in_words(content: bytes) -> None:
    try:
        found: object = read(content)
    except HistoryRejected as refused:
        found = refused.faults

    assert found


@pytest.mark.parametrize("name", ["missing.csv", ".", "a\0b"])
def test_what_is_no_file_is_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="--history: a CSV file that can be read is accepted"):
        read_history(tmp_path / name, until=UNTIL)
