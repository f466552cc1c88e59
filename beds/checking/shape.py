"""The JSON of a round read into claims, or a sentence for everything in it that has not the agreed form.

Source: `allocation.md` §6. Only places in the document are named, never a value found there: a file that is
not a round's result could hold anything. Fields beyond the agreed ones are not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeVar

from beds.checking.mismatch import MISMATCHES
from beds.checking.rules import BARRIER_RULES
from beds.domain.terms import Outcome, Priority

SCHEMA_VERSION: Final = 1
LEVELS: Final = ("emergency", "urgent", "standard", "days_waited", "mismatch")
STATUSES: Final = ("optimal", "feasible")
FIRST_YEAR, LAST_YEAR = 1900, 2999
"""The instants of a round: nearer to its ends the calendar has no room to reckon."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ClaimedPlacement:
    """What the result says of one placed household; references are as found, known or not.

    `kept`: a person settled it before the round, which was not free to choose better.
    """

    referral_id: str
    site_id: str
    unit_id: str
    bed_ids: tuple[str, ...]
    starts_on: date
    expected_end_on: date
    mismatch: Mapping[str, int]
    kept: bool = False


@dataclass(frozen=True, slots=True)
class ClaimedBarrier:
    """A set of rules said to be in the way."""

    rules: tuple[str, ...]
    units: int
    askable: bool


@dataclass(frozen=True, slots=True)
class ClaimedUnplaced:
    """What the result says of one household that was not placed."""

    referral_id: str
    outcome: Outcome
    free_on: date | None
    outranked_by: Mapping[str, int]
    barriers: tuple[ClaimedBarrier, ...]


@dataclass(frozen=True, slots=True)
class ClaimedRound:
    """A whole result; `bound` holds `None` for a level without a bound."""

    as_at: datetime
    is_optimal: bool
    objective: Mapping[str, int]
    bound: Mapping[str, int | None]
    placements: tuple[ClaimedPlacement, ...]
    unplaced: tuple[ClaimedUnplaced, ...]


class WrongShape(ValueError):
    """Something in the document is not of the agreed form; the message says where and what is accepted."""


def read_claims(document: object) -> tuple[ClaimedRound | None, list[str]]:
    """Return the claims of a result, or `None` and a sentence for every part not of the agreed form."""
    reader = _Reader()
    fields = reader.read(_mapping, document, "the result")
    if fields is None:
        return None, reader.faults
    reader.read(_schema_version, fields.get("schema_version"), "schema_version")
    as_at = reader.read(_instant, fields.get("as_at"), "as_at")
    status = reader.read(_one_of(STATUSES), fields.get("status"), "status")
    objective = reader.read(_levels(_count), fields.get("objective"), "objective")
    bound = reader.read(_levels(_count_or_none), fields.get("bound"), "bound")
    placements = reader.read_each(_placement, fields.get("placements"), "placements")
    unplaced = reader.read_each(_unplaced, fields.get("unplaced"), "unplaced")
    if reader.faults or as_at is None or objective is None or bound is None:
        return None, reader.faults
    claims = ClaimedRound(as_at, status == "optimal", objective, bound, placements, unplaced)
    return claims, []


class _Reader:
    """Reads part after part and remembers every fault, so that all of them are reported at once."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def read(self, parse: Callable[[object, str], Value], value: object, where: str) -> Value | None:
        try:
            return parse(value, where)
        except WrongShape as wrong:
            self.faults.append(str(wrong))
            return None

    def read_each(
        self, parse: Callable[[object, str], Value], value: object, where: str
    ) -> tuple[Value, ...]:
        items = self.read(_list, value, where) or []
        read = [self.read(parse, item, f"{where}[{index}]") for index, item in enumerate(items)]
        return tuple(item for item in read if item is not None)


def _placement(value: object, where: str) -> ClaimedPlacement:
    fields = _mapping(value, where)
    bed_ids = _list(fields.get("bed_ids"), f"{where}.bed_ids")
    return ClaimedPlacement(
        referral_id=_text(fields.get("referral_id"), f"{where}.referral_id"),
        site_id=_text(fields.get("site_id"), f"{where}.site_id"),
        unit_id=_text(fields.get("unit_id"), f"{where}.unit_id"),
        bed_ids=tuple(_text(bed_id, f"{where}.bed_ids") for bed_id in bed_ids),
        starts_on=_date(fields.get("starts_on"), f"{where}.starts_on"),
        expected_end_on=_date(fields.get("expected_end_on"), f"{where}.expected_end_on"),
        mismatch=_counts(fields.get("mismatch"), f"{where}.mismatch", MISMATCHES),
        kept=_yes_or_no(fields.get("kept", False), f"{where}.kept"),
    )


def _unplaced(value: object, where: str) -> ClaimedUnplaced:
    fields = _mapping(value, where)
    free_on = fields["free_on"] if "free_on" in fields else _refuse(f"{where}.free_on", "a date or null")
    barriers = _list(fields.get("barriers"), f"{where}.barriers")
    return ClaimedUnplaced(
        referral_id=_text(fields.get("referral_id"), f"{where}.referral_id"),
        outcome=Outcome(_one_of(tuple(Outcome))(fields.get("outcome"), f"{where}.outcome")),
        free_on=None if free_on is None else _date(free_on, f"{where}.free_on"),
        outranked_by=_counts(fields.get("outranked_by"), f"{where}.outranked_by", tuple(Priority)),
        barriers=tuple(
            _barrier(barrier, f"{where}.barriers[{index}]") for index, barrier in enumerate(barriers)
        ),
    )


def _barrier(value: object, where: str) -> ClaimedBarrier:
    fields = _mapping(value, where)
    rules = _list(fields.get("rules"), f"{where}.rules")
    return ClaimedBarrier(
        rules=tuple(_one_of(tuple(BARRIER_RULES))(rule, f"{where}.rules") for rule in rules),
        units=_count(fields.get("units"), f"{where}.units"),
        askable=_yes_or_no(fields.get("askable"), f"{where}.askable"),
    )


def _refuse(where: str, accepted: str) -> object:
    raise WrongShape(f"{where}: must be {accepted}")


def _mapping(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise WrongShape(f"{where}: must be an object")
    return value


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise WrongShape(f"{where}: must be a list")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise WrongShape(f"{where}: must be a reference")
    return value


def _yes_or_no(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise WrongShape(f"{where}: must be true or false")
    return value


def _count(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise WrongShape(f"{where}: must be a whole number, 0 or more")
    return value


def _count_or_none(value: object, where: str) -> int | None:
    return None if value is None else _count(value, where)


def _date(value: object, where: str) -> date:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise WrongShape(f"{where}: must be a date such as 2026-03-03")
    return day


def _instant(value: object, where: str) -> datetime:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None or not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise WrongShape(
            f"{where}: must be a date-time with an offset, such as 2026-03-03T02:00:00+00:00,"
            f" from {FIRST_YEAR} to {LAST_YEAR}"
        )
    return instant


def _schema_version(value: object, where: str) -> int:
    if isinstance(value, bool) or value != SCHEMA_VERSION:
        raise WrongShape(f"{where}: must be {SCHEMA_VERSION}")
    return SCHEMA_VERSION


def _one_of(accepted: tuple[str, ...]) -> Callable[[object, str], str]:
    def parse(value: object, where: str) -> str:
        if not isinstance(value, str) or value not in accepted:
            raise WrongShape(f"{where}: must be one of {', '.join(sorted(accepted))}")
        return value

    return parse


def _counts(value: object, where: str, names: tuple[str, ...]) -> dict[str, int]:
    fields = _mapping(value, where)
    if not set(fields) <= set(names):
        raise WrongShape(f"{where}: must name only {', '.join(sorted(names))}")
    return {name: _count(count, f"{where}.{name}") for name, count in fields.items()}


def _levels(parse: Callable[[object, str], Value]) -> Callable[[object, str], dict[str, Value]]:
    def parse_levels(value: object, where: str) -> dict[str, Value]:
        fields = _mapping(value, where)
        if set(fields) != set(LEVELS):
            raise WrongShape(f"{where}: must have exactly {', '.join(LEVELS)}")
        return {level: parse(fields[level], f"{where}.{level}") for level in LEVELS}

    return parse_levels
