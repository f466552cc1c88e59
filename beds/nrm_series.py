"""Published series of the National Referral Mechanism, as they were known at a time.

Figures are revised: a series has a vintage, the day as of which it is read, and says where its values come
from and what is wrong with them. Nothing here forecasts or fills a gap: a series ends where one begins.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beds.domain.terms import Nation
from beds.errors import BadInput
from beds.reference import read_rows

Floats = NDArray[np.float64]

TABLES_PUBLISHED: Final = date(2024, 3, 7)
"""When the tables that hold every quarter up to 2023 were published; no earlier vintage of them was seen."""
LAST_YEAR_OF_TABLES: Final = 2023
QUARTERS: Final = 4


class Group(StrEnum):
    """Whom a series counts, by age when exploited."""

    ALL = "all"
    ADULT = "adult"
    CHILD = "child"


def first_day_of_quarter(period: str) -> date:
    """Return the first day of a quarter such as `2025-Q4`."""
    return date(int(period[:4]), 3 * int(period[-1]) - 2, 1)


@dataclass(frozen=True, slots=True)
class KnownBreak:
    """A period from which something is known to have changed."""

    period: str
    what: str
    source: str


@dataclass(frozen=True)
class Series:
    """Counts by quarter or year without a gap.

    Attributes
    ----------
    title : str
        What is counted, for a screen.
    periods : tuple of str
        `2009-Q2` … or `2016` …, one for each value.
    values : ndarray, shape (periods,)
    season : int
        Periods a year: 4 or 1.
    vintage : date
        The latest publication that any value is from.
    sources, notes : tuple of str
        Where the values come from, and what to know of them.
    breaks : tuple of KnownBreak
        Those inside the series, after its first period.
    assumed : bool
        Whether a value rests on background knowledge only.
    """

    title: str
    periods: tuple[str, ...]
    values: Floats
    season: int
    vintage: date
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    breaks: tuple[KnownBreak, ...] = ()
    assumed: bool = False

    @property
    def first_period(self) -> str:
        """The first period."""
        return self.periods[0]

    @property
    def break_indices(self) -> tuple[int, ...]:
        """The breaks as positions in `values`, for `optimiser.forecasting`."""
        return tuple(self.periods.index(one.period) for one in self.breaks)


@dataclass(frozen=True, slots=True)
class Revision:
    """A period that was published more than once: the first value seen and the latest."""

    period: str
    first: int
    latest: int

    @property
    def change(self) -> float:
        """The change as a share of the first value."""
        return self.latest / self.first - 1


@dataclass(frozen=True, slots=True)
class _Value:
    """One published value of one period."""

    period: str
    published: date
    value: float
    source: str
    note: str
    assumed: bool


def quarterly_referrals(*, vintage: str | None = None, group: Group | str = Group.ALL) -> Series:
    """Return referrals by quarter in the UK: the latest values, or those known on a day.

    Parameters
    ----------
    vintage : str, optional
        A day, month or year (`2025-06-30`, `2025-06`, `2025`), read at its end.
    group : Group
        Adults and children end with 2023: later bulletins that were seen have no such split.

    Raises
    ------
    BadInput
        No such group or day, or a day before the first vintage, 7 March 2024.
    """
    which = _group(group)
    as_of = date.max if vintage is None else _last_day(vintage)
    column = "total" if which is Group.ALL else which.value
    values = [
        _Value(
            period=f"{row['year']}-{row['quarter']}",
            published=TABLES_PUBLISHED,
            value=float(row[column]),
            source=row["source"],
            note="",
            assumed=row["assumption"] == "true",
        )
        for row in read_rows("nrm_quarterly_referrals")
        if int(row["year"]) <= LAST_YEAR_OF_TABLES
    ]
    if which is Group.ALL:
        values += [one for one in _vintages() if "Q" in one.period]
    return _series(
        f"Referrals into the National Referral Mechanism, UK, {which.value}",
        [one for one in values if one.published <= as_of],
        kind="referrals",
    )


def quarterly_positive_grounds(*, group: Group | str = Group.ADULT) -> Series:
    """Return positive reasonable grounds decisions by quarter in the UK, from 2014.

    Adults and children end with 2023. `all` goes on while bulletins that were seen follow one another, to
    2024 Q3; where a bulletin has a whole percentage only, the count is worked out from it and may be off by
    half a per cent of the decisions.

    Raises
    ------
    BadInput
        There is no such group.
    """
    which = _group(group)
    counts: dict[str, _Value] = {}
    for row in read_rows("nrm_decisions_quarterly"):
        if row["stage"] != "reasonable_grounds":
            continue
        if which is not Group.ALL and row["age_group"] != which.value:
            continue
        one = _decision(row)
        before = counts.get(one.period)
        value = one.value + (before.value if before else 0.0)
        counts[one.period] = _Value(one.period, one.published, value, one.source, one.note, one.assumed)
    return _series(
        f"Positive reasonable grounds decisions, UK, {which.value}",
        list(counts.values()),
        kind="positive_grounds",
    )


def annual_referrals(nation: Nation) -> Series:
    """Return referrals by year in one nation: the latest run of years without a gap.

    There is no quarterly series by nation, and no table by nation was seen for 2022 to 2025: some years are
    recalled.

    Raises
    ------
    BadInput
        No years of that nation are on record.
    """
    values = [
        _Value(
            period=row["period"],
            published=TABLES_PUBLISHED,
            value=float(row["referrals"]),
            source=row["source"],
            note=f"{row['period']}: {row['confidence']}" if row["assumption"] == "true" else "",
            assumed=row["assumption"] == "true",
        )
        for row in read_rows("nrm_by_nation")
        if row["nation"] == nation and row["period"].isdigit()
    ]
    if not values:
        raise BadInput("nation: no referrals by year are on record for it")
    run = _run_to_the_end(sorted(values, key=lambda one: one.period))
    notes = ("by year and in part recalled: no table by nation was seen for later years",)
    return _series(f"Referrals into the National Referral Mechanism, {nation}", run, notes=notes)


def revisions() -> tuple[Revision, ...]:
    """Return the periods that were published more than once, the first and the latest value of each."""
    by_period: dict[str, list[_Value]] = {}
    for one in _vintages():
        by_period.setdefault(one.period, []).append(one)
    return tuple(
        Revision(period, int(values[0].value), int(values[-1].value))
        for period, values in sorted(by_period.items())
        if len(values) > 1
    )


def _vintages() -> list[_Value]:
    """Every published value of `nrm_vintages.csv`, earliest publication first."""
    values = [
        _Value(
            period=row["period"],
            published=_last_day(row["published"]),
            value=float(row["value"]),
            source=row["source"],
            note=f"{row['period']}: {row['note']}" if row["note"] else "",
            assumed=row["assumption"] == "true",
        )
        for row in read_rows("nrm_vintages")
    ]
    return sorted(values, key=lambda one: one.published)


def _decision(row: Mapping[str, str]) -> _Value:
    period, published, note = f"{row['year']}-{row['quarter']}", TABLES_PUBLISHED, ""
    if int(row["year"]) > LAST_YEAR_OF_TABLES:
        # a bulletin appears in the second month after its quarter
        years, month = divmod(int(row["quarter"][1]) * 3 + 1, 12)
        published = _last_day(f"{int(row['year']) + years}-{month + 1}")
    if row["positive"]:
        value = float(row["positive"])
    else:
        value = round(float(row["total"]) * float(row["positive_pct"]) / 100)
        note = f"{period}: {row['positive_pct']} % of {int(row['total']):,} decisions, as published"
    return _Value(period, published, value, row["source"], note, row["assumption"] == "true")


def _series(title: str, values: list[_Value], *, kind: str = "", notes: tuple[str, ...] = ()) -> Series:
    """The series of the latest value of each period, up to the first gap.

    Raises
    ------
    BadInput
        There is none.
    """
    latest = {one.period: one for one in sorted(values, key=lambda one: one.published)}
    if not latest:
        raise BadInput(f"vintage: {TABLES_PUBLISHED} or later is accepted")
    run = _run_from_the_start(sorted(latest.values(), key=lambda one: one.period))
    periods = tuple(one.period for one in run)
    quarterly = "Q" in periods[0]
    return Series(
        title=title,
        periods=periods,
        values=np.array([one.value for one in run]),
        season=QUARTERS if quarterly else 1,
        vintage=max(one.published for one in run),
        sources=tuple(dict.fromkeys(one.source for one in run)),
        notes=(*notes, *(one.note for one in run if one.note)),
        breaks=tuple(
            KnownBreak(row["quarter"], row["what"], row["source"])
            for row in read_rows("nrm_breaks")
            if row["series"] == kind and row["quarter"] in periods[1:]
        ),
        assumed=any(one.assumed for one in run),
    )


def _run_from_the_start(values: list[_Value]) -> list[_Value]:
    run = values[:1]
    for one in values[1:]:
        if _number(one.period) != _number(run[-1].period) + 1:
            break
        run.append(one)
    return run


def _run_to_the_end(values: list[_Value]) -> list[_Value]:
    run = values[-1:]
    for one in reversed(values[:-1]):
        if _number(one.period) != _number(run[0].period) - 1:
            break
        run.insert(0, one)
    return run


def _number(period: str) -> int:
    """Quarters or years counted on, so that neighbours differ by one."""
    year, _, quarter = period.partition("-Q")
    return int(year) * QUARTERS + int(quarter) if quarter else int(year)


def _group(group: Group | str) -> Group:
    try:
        return Group(group)
    except ValueError as error:
        raise BadInput(f"group: {', '.join(Group)} are accepted") from error


def _last_day(text: str) -> date:
    """The last day of a day, month or year in ISO form."""
    parts = text.split("-")
    try:
        year, month = int(parts[0]), int(parts[1]) if len(parts) > 1 else 12
        day = int(parts[2]) if len(parts) > 2 else calendar.monthrange(year, month)[1]
        return date(year, month, day)
    except (ValueError, IndexError) as error:
        raise BadInput(
            "vintage: a day, month or year such as 2025-06-30, 2025-06 or 2025 is accepted"
        ) from error
