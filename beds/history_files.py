"""A history of referrals from a CSV file, in place of the published one: `period,value`, quarters or weeks.

A period is a quarter (`2024-Q1`) or a week (`2024-W07`, or the date of its Monday); they follow each other
without a gap, the oldest first. Refused whole, with line, column and what is accepted for every fault.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Final

from beds.errors import BadInput, Fault, HistoryRejected

MOST_BYTES: Final = 1_000_000
HEADER: Final = ("period", "value")
LARGEST: Final = 10_000_000
FIRST_YEAR, LAST_YEAR = 1900, 2999
_QUARTER: Final = re.compile(r"(\d{4})[- ]?Q([1-4])", re.ASCII)
_WEEK: Final = re.compile(r"(\d{4})-?W(\d{2})", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,8}(\.\d{1,9})?", re.ASCII)
A_WEEK: Final = timedelta(days=7)


class PeriodKind(StrEnum):
    """How long a period is."""

    QUARTER = "quarter"
    WEEK = "week"


LEAST_PERIODS: Final = {PeriodKind.QUARTER: 8, PeriodKind.WEEK: 26}
"""Ours: of fewer there is nothing to forecast from."""
SEASON: Final = {PeriodKind.QUARTER: 4, PeriodKind.WEEK: 52}


@dataclass(frozen=True, slots=True)
class History:
    """Referrals by period, the oldest first.

    `starts_on` is the first day of the first period, `ends_on` the first day after the last.
    """

    kind: PeriodKind
    starts_on: date
    ends_on: date
    values: tuple[float, ...]


def read_history(path: Path, *, until: date) -> History:
    """Return the history that a file states.

    Parameters
    ----------
    until : the night of the forecast; no period ends after it

    Raises
    ------
    BadInput
        The file cannot be read.
    HistoryRejected
        Something in it is not accepted; every fault is listed.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise BadInput("--history: a CSV file that can be read is accepted") from None
    if len(content) > MOST_BYTES:
        raise BadInput(f"--history: a file of up to {MOST_BYTES // 1_000_000} MB is accepted")
    return history_in(content, file=path.name, until=until)


def history_in(content: bytes, *, file: str, until: date) -> History:
    """Return the history that the bytes of a file state.

    Raises
    ------
    HistoryRejected
        Something in it is not accepted; every fault is listed.
    """
    faults: list[Fault] = []

    def refuse(line: int | None, column: str | None, message: str) -> None:
        faults.append(Fault(file, line, column, message))

    rows = list(_rows(content, refuse))
    starts = [(line, start) for line, start, _ in rows]
    for (_, before), (line, start) in pairwise(starts):
        if start[0] is not before[0]:
            refuse(line, "period", "must be a quarter or a week as the first one is")
        elif start[1] != period_after(*before):
            refuse(line, "period", "must be the period after the one before it: no gap, the oldest first")
    if rows and not faults:
        kind, first = starts[0][1]
        ends_on = period_after(*starts[-1][1])
        if len(rows) < LEAST_PERIODS[kind]:
            refuse(None, "period", f"at least {LEAST_PERIODS[kind]} {kind}s are needed")
        if ends_on > until:
            refuse(starts[-1][0], "period", f"must have ended by {until}, the night of the forecast")
        if not any(value for _, _, value in rows):
            refuse(None, "value", "at least one above 0 is needed")
    elif not faults:
        refuse(None, None, f"a header {','.join(HEADER)} and a row a period are needed")
    if faults:
        raise HistoryRejected(sorted(faults, key=lambda fault: fault.line or 0))
    return History(kind, first, ends_on, tuple(value for _, _, value in rows))


def _rows(
    content: bytes, refuse: Callable[[int | None, str | None, str], None]
) -> Iterator[tuple[int, tuple[PeriodKind, date], float]]:
    """Yield line, kind and first day of a period, and value, of each row that can be read."""
    try:
        text = content.decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        if tuple(name.strip() for name in next(reader, [])) != HEADER:
            refuse(1, None, f"must begin with the header {','.join(HEADER)}")
            return
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(HEADER):
                refuse(reader.line_num, None, f"must have {len(HEADER)} cells, as its header has")
                continue
            period, value = _period(cells[0].strip()), _value(cells[1].strip())
            if period is None:
                refuse(
                    reader.line_num, "period", "must be a quarter such as 2024-Q1, or a week such as 2024-W07"
                )
            if value is None:
                refuse(reader.line_num, "value", f"must be a number from 0 to {LARGEST:,}, in digits")
            if period is not None and value is not None:
                yield reader.line_num, period, value
    except UnicodeDecodeError:
        refuse(None, None, "must be CSV in UTF-8")
    except csv.Error:
        refuse(
            reader.line_num, None, "must be CSV: a quotation mark is not closed, or a character is not text"
        )


def _period(text: str) -> tuple[PeriodKind, date] | None:
    quarter, week = _QUARTER.fullmatch(text), _WEEK.fullmatch(text)
    try:
        if quarter:
            start = date(int(quarter[1]), 3 * int(quarter[2]) - 2, 1)
            kind = PeriodKind.QUARTER
        elif week:
            start, kind = date.fromisocalendar(int(week[1]), int(week[2]), 1), PeriodKind.WEEK
        elif _DAY.fullmatch(text):
            start, kind = date.fromisoformat(text), PeriodKind.WEEK
        else:
            return None
    except ValueError:
        return None
    if not FIRST_YEAR <= start.year <= LAST_YEAR or (kind is PeriodKind.WEEK and start.weekday()):
        return None
    return kind, start


def _value(text: str) -> float | None:
    if not _NUMBER.fullmatch(text) or float(text) > LARGEST:
        return None
    return float(text)


def period_after(kind: PeriodKind, start: date) -> date:
    """Return the first day of the period after the one that starts on a day."""
    if kind is PeriodKind.WEEK:
        return start + A_WEEK
    return date(start.year, start.month + 3, 1) if start.month < 10 else date(start.year + 1, 1, 1)
