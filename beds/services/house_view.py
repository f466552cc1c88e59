"""The house view: what each bed of a site is, night by night, and whose stay or hold it is, by reference.

The states are those of `beds.domain.measures`; here only their records are put beside them. A reference is
given to whoever may see that stay or hold, and to nobody else. One site at a time, and of its past only the
nights that are asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, false, or_, select
from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.measures import (
    ONE_NIGHT,
    BedNights,
    BedState,
    Nights,
    bed_nights,
    closed_nights,
    held_nights,
    occupied_nights,
    state_on,
)
from beds.domain.terms import BedKind, Sharing
from beds.errors import BadInput
from beds.roles import Actor, Permission
from beds.services.policy import Policy
from beds.services.seen_stays import stays_seen_by
from beds.services.sites import SiteLine, site_line
from beds.services.visibility import require_site
from beds.store.histories import LocatedBed, load_histories
from beds.store.loading import BED, CLOSURE, HOLD, HOLD_BED, PLACEMENT, PLACEMENT_BED, SITE, UNIT

__all__ = [
    "BedNights",
    "BedOfHouse",
    "BedState",
    "Behind",
    "House",
    "Stretch",
    "UnitOfHouse",
    "read_house",
]

MOST_NIGHTS: Final = 92
"""A quarter: more would be a report, not a view."""


@dataclass(frozen=True, slots=True)
class Behind:
    """The record behind a state; None where the actor may not see it, or it is open-ended.

    `record_id` is a placement, a hold or a closure; `until` the first night after it, as recorded; `overdue`
    says that somebody should have left and has not.
    """

    nights: Nights
    state: BedState
    record_id: str | None = None
    referral_id: str | None = None
    until: date | None = None
    reason: str = ""
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """The nights `[starts_on, ends_on)` in which a bed is one thing; `state` None: it is not in stock."""

    state: BedState | None
    starts_on: date
    ends_on: date
    behind: Behind | None = None

    @property
    def nights(self) -> int:
        """How many nights it is."""
        return (self.ends_on - self.starts_on).days


@dataclass(frozen=True, slots=True)
class BedOfHouse:
    """A bed over the nights of the view: its stretches one after the other, and its bed-nights by state."""

    bed_id: str
    kind: BedKind
    stretches: tuple[Stretch, ...]
    bed_nights: BedNights


@dataclass(frozen=True, slots=True)
class UnitOfHouse:
    """A unit with its beds, and all its bed-nights; it may have no bed yet."""

    unit_id: str
    sharing: Sharing
    step_free: bool
    beds: tuple[BedOfHouse, ...]
    bed_nights: BedNights


@dataclass(frozen=True, slots=True)
class House:
    """A site over the nights `[starts_on, ends_on)`, as recorded now; `tonight` counts its beds tonight.

    `overdue_beds` are those with somebody who should have left and has not.
    """

    line: SiteLine
    starts_on: date
    ends_on: date
    units: tuple[UnitOfHouse, ...]
    bed_nights: BedNights
    tonight: BedNights
    overdue_beds: int


def read_house(  # noqa: PLR0913 who, which house, which nights
    session: Session,
    actor: Actor,
    site_id: str,
    *,
    starts_on: date,
    ends_on: date,
    clock: Clock,
    policy: Policy,
) -> House:
    """Return a site that the actor may see over the nights `[starts_on, ends_on)`.

    Raises
    ------
    NotPermitted
        The actor sees no sites.
    NotFound
        There is no such site for this actor.
    BadInput
        There is no night in the range, or there are too many.
    """
    line = site_line(require_site(session, actor, site_id), clock, policy)
    if not 0 < (ends_on - starts_on).days <= MOST_NIGHTS:
        raise BadInput(f"ends_on: a day after starts_on, {MOST_NIGHTS} nights later at most, is accepted")
    tonight = clock.today
    # Tonight is counted whether or not the view shows it.
    first, last = min(starts_on, tonight), max(ends_on, tonight + ONE_NIGHT)
    here = SITE.c.site_id == site_id
    located = load_histories(session, first, last, clock=clock, where=here)
    behind = _behind(session, actor, here, (first, last), clock)
    beds_of: dict[str, list[BedOfHouse]] = defaultdict(list)
    for bed in located:
        beds_of[bed.unit_id].append(_bed(bed, behind.get(bed.bed_id, ()), starts_on, ends_on))
    rows = session.execute(select(UNIT).where(UNIT.c.site_id == site_id).order_by(UNIT.c.unit_id))
    units = tuple(
        UnitOfHouse(
            row.unit_id,
            Sharing(row.sharing),
            row.step_free,
            tuple(beds_of[row.unit_id]),
            _sum(beds_of[row.unit_id]),
        )
        for row in rows
    )
    return House(
        line=line,
        starts_on=starts_on,
        ends_on=ends_on,
        units=units,
        bed_nights=_sum([bed for unit in units for bed in unit.beds]),
        tonight=bed_nights((bed.history for bed in located), tonight, tonight + ONE_NIGHT),
        overdue_beds=sum(any(one.overdue for one in behind.get(bed.bed_id, ())) for bed in located),
    )


def _bed(bed: LocatedBed, behind: Sequence[Behind], starts_on: date, ends_on: date) -> BedOfHouse:
    return BedOfHouse(
        bed_id=bed.bed_id,
        kind=BedKind(bed.kind),
        stretches=tuple(_stretches(bed, behind, starts_on, ends_on)),
        bed_nights=bed_nights([bed.history], starts_on, ends_on),
    )


def _stretches(
    bed: LocatedBed, behind: Sequence[Behind], starts_on: date, ends_on: date
) -> Iterator[Stretch]:
    """Yield the nights of a bed in which its state and the record behind it stay the same."""
    nights = [starts_on + ONE_NIGHT * n for n in range((ends_on - starts_on).days)]
    found = [(night, *_on(bed, behind, night)) for night in nights]
    for (state, record), of_one in groupby(found, key=lambda row: row[1:]):
        days = [night for night, *_ in of_one]
        yield Stretch(state, days[0], days[-1] + ONE_NIGHT, record)


def _on(bed: LocatedBed, behind: Sequence[Behind], night: date) -> tuple[BedState | None, Behind | None]:
    state = state_on(bed.history, night)
    covering = (one for one in behind if one.state is state and one.nights[0] <= night < one.nights[1])
    return state, next(covering, None)


def _sum(beds: Sequence[BedOfHouse]) -> BedNights:
    return sum((bed.bed_nights for bed in beds), BedNights())


def _behind(
    session: Session, actor: Actor, here: ColumnElement[bool], nights: Nights, clock: Clock
) -> Mapping[str, list[Behind]]:
    """Return the records of each bed that touch these nights, in the order in which they begin."""
    found: dict[str, list[Behind]] = defaultdict(list)
    for bed_id, behind in (
        *_stays(session, actor, here, nights, clock),
        *_holds(session, actor, here, nights, clock),
        *_closures(session, here, nights),
    ):
        found[bed_id].append(behind)
    for of_bed in found.values():
        of_bed.sort(key=lambda one: one.nights)
    return found


def _stays(
    session: Session, actor: Actor, here: ColumnElement[bool], nights: Nights, clock: Clock
) -> Iterator[tuple[str, Behind]]:
    stay = PLACEMENT_BED.c
    wanted = (
        select(
            *(stay[name] for name in ("bed_id", "starts_on", "expected_end_on", "ended_on", "placement_id")),
            PLACEMENT.c.referral_id,
            _may_see(actor, PLACEMENT, PLACEMENT_BED),
        )
        .join(PLACEMENT, PLACEMENT.c.placement_id == stay.placement_id)
        .where(stay.starts_on < nights[1], or_(stay.ended_on.is_(None), stay.ended_on > nights[0]))
    )
    for row in session.execute(_in_site(wanted, PLACEMENT_BED, here)):
        occupied = occupied_nights(row.starts_on, row.expected_end_on, row.ended_on, clock)
        if occupied is not None:
            overdue = (
                row.ended_on is None and row.starts_on <= clock.today and row.expected_end_on <= clock.today
            )
            yield (
                row.bed_id,
                _as_seen(
                    row.seen,
                    Behind(
                        occupied,
                        BedState.OCCUPIED,
                        row.placement_id,
                        row.referral_id,
                        until=row.ended_on or row.expected_end_on,
                        overdue=overdue,
                    ),
                ),
            )


def _holds(
    session: Session, actor: Actor, here: ColumnElement[bool], nights: Nights, clock: Clock
) -> Iterator[tuple[str, Behind]]:
    hold = HOLD_BED.c
    columns = ("bed_id", "starts_on", "expected_end_on", "expires_at", "released_at", "hold_id")
    wanted = (
        select(*(hold[name] for name in columns), HOLD.c.referral_id, _may_see(actor, HOLD, HOLD_BED))
        .join(HOLD, HOLD.c.hold_id == hold.hold_id)
        .where(hold.starts_on < nights[1], hold.expected_end_on > nights[0])
    )
    for row in session.execute(_in_site(wanted, HOLD_BED, here)):
        over_at = min(row.expires_at, row.released_at or row.expires_at)
        held = held_nights(row.starts_on, row.expected_end_on, over_at, clock)
        if held is not None:
            behind = Behind(held, BedState.HELD, row.hold_id, row.referral_id, until=held[1])
            yield row.bed_id, _as_seen(row.seen, behind)


def _closures(session: Session, here: ColumnElement[bool], nights: Nights) -> Iterator[tuple[str, Behind]]:
    closure = CLOSURE.c
    wanted = select(CLOSURE).where(
        closure.starts_on < nights[1], or_(closure.ends_on.is_(None), closure.ends_on > nights[0])
    )
    for row in session.execute(_in_site(wanted, CLOSURE, here)):
        closed = closed_nights(row.starts_on, row.ends_on)
        if closed is not None:
            yield (
                row.bed_id,
                Behind(closed, BedState.CLOSED, row.closure_id, until=row.ends_on, reason=row.reason),
            )


def _as_seen(seen: bool, behind: Behind) -> Behind:
    """Return what is behind a state; of a stay or hold that may not be seen only that there is one."""
    return behind if seen else Behind(behind.nights, behind.state, overdue=behind.overdue)


def _may_see(actor: Actor, header: Table, beds: Table) -> ColumnElement[bool]:
    seen = stays_seen_by(actor, header, beds) if actor.may(Permission.SEE_STAYS) else false()
    return seen.label("seen")


def _in_site(wanted: Select[Any], table: Table, here: ColumnElement[bool]) -> Select[Any]:
    return (
        wanted.join(BED, BED.c.bed_id == table.c.bed_id)
        .join(UNIT, UNIT.c.unit_id == BED.c.unit_id)
        .join(SITE, SITE.c.site_id == UNIT.c.site_id)
        .where(here)
    )
