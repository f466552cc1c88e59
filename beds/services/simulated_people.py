"""Who is known on day 0 of a simulation: who lives where, who holds or has booked beds, and who waits.

The census, household by household and unit by unit; nothing is drawn here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from beds.domain.census import Census, Resident, Waiting
from beds.domain.clock import Clock, london_date
from beds.domain.estate import Estate
from beds.domain.needs import Need
from beds.domain.terms import BedRef, Nation, ReferralRef, Sharing, UnitRef

NOT_KNOWN = float("nan")


@dataclass(frozen=True, slots=True)
class Living:
    """A household with beds of the service, now or from a known night on.

    `beds` are by unit. `so_far` counts its nights before tonight; `arrives` is 0 if it is there, else its
    first night, until when the beds are `held` or, without a hold, just kept; `leaves` is its first night
    away, NaN where that is not known.
    """

    referral_id: ReferralRef
    nation: Nation
    needs: frozenset[Need]
    beds: Mapping[UnitRef, tuple[BedRef, ...]]
    so_far: int = 0
    arrives: int = 0
    held: bool = False
    leaves: float = NOT_KNOWN


@dataclass(frozen=True, slots=True)
class InLine:
    """A household that waits, having waited so many days, or that comes on a later day."""

    referral_id: ReferralRef
    nation: Nation
    needs: frozenset[Need]
    waited: int
    joins: int


@dataclass(frozen=True, slots=True)
class _Promise:
    """Beds that a household is to have, from so many nights ahead (0 or less: from tonight)."""

    beds: tuple[BedRef, ...]
    starts: int
    is_hold: bool


def who_is_known(estate: Estate, clock: Clock, census: Census) -> tuple[list[Living], list[InLine]]:
    """Return who lives where or is to, and who waits.

    Whoever holds beds, or has booked some that are empty tonight, is not in line: they are kept. Assumption
    (ours): who holds a bed tonight comes for the next night; whose booked beds are not empty joins the line.
    """
    living = [_resident(estate, resident) for resident in census.residents]
    taken = {bed for resident in census.residents for bed in resident.beds}
    waiting = {one.referral_id: one for one in census.waiting}
    residents = {one.referral_id: one for one in living}
    provided = set()
    for referral_id, promise in _promises(estate, clock):
        if referral_id in provided or not _are_empty(estate, promise.beds, taken):
            continue
        if referral_id in waiting:
            living.append(_expected(estate, waiting[referral_id], promise))
        elif referral_id in residents and promise.is_hold:
            living.append(_moving(estate, residents[referral_id], promise))
        else:
            continue
        provided.add(referral_id)
        taken.update(promise.beds)
    in_line = [_in_line(estate, clock, one) for one in census.waiting if one.referral_id not in provided]
    return living, in_line


def _resident(estate: Estate, resident: Resident) -> Living:
    return Living(
        resident.referral_id,
        estate.site_by_id[resident.site_id].nation,
        resident.needs,
        _by_unit(estate, resident.beds),
        so_far=resident.nights_so_far,
        leaves=NOT_KNOWN if resident.leaves_in is None else float(resident.leaves_in),
    )


def _expected(estate: Estate, waiting: Waiting, promise: _Promise) -> Living:
    return Living(
        waiting.referral_id,
        _nation_of(estate, promise.beds[0]),
        waiting.needs,
        _by_unit(estate, promise.beds),
        arrives=max(promise.starts, 1),
        held=promise.is_hold and promise.starts <= 0,
    )


def _moving(estate: Estate, resident: Living, promise: _Promise) -> Living:
    """Count the hold of somebody who lives elsewhere meanwhile; where they live, the stay is counted."""
    arrives = max(promise.starts, 1)
    return Living(
        resident.referral_id,
        _nation_of(estate, promise.beds[0]),
        resident.needs,
        _by_unit(estate, promise.beds),
        arrives=arrives,
        held=promise.starts <= 0,
        leaves=float(arrives),
    )


def _in_line(estate: Estate, clock: Clock, waiting: Waiting) -> InLine:
    received_on = london_date(estate.referral_by_id[waiting.referral_id].received_at)
    waited = 0 if waiting.comes_in else max((clock.today - received_on).days, 0)
    return InLine(waiting.referral_id, waiting.nation, waiting.needs, waited, waiting.comes_in)


def _promises(estate: Estate, clock: Clock) -> Iterator[tuple[ReferralRef, _Promise]]:
    """Yield the holds in force, then the bookings, each household's earliest beds together."""
    holds = [
        (hold.referral_id, (hold.starts_on - clock.today).days, hold.bed_id)
        for hold in estate.holds
        if hold.in_force(clock.as_at)
    ]
    bookings = [
        (placement.referral_id, (placement.starts_on - clock.today).days, placement.bed_id)
        for placement in estate.placements
        if placement.starts_on > clock.today
        and (placement.ended_on is None or placement.ended_on > placement.starts_on)
    ]
    for rows, is_hold in ((holds, True), (bookings, False)):
        together: dict[tuple[ReferralRef, int], list[BedRef]] = defaultdict(list)
        for referral_id, starts, bed_id in sorted(rows):
            together[referral_id, starts].append(bed_id)
        for (referral_id, starts), beds in together.items():
            yield referral_id, _Promise(tuple(beds), starts, is_hold)


def _are_empty(estate: Estate, beds: Iterable[BedRef], taken: set[BedRef]) -> bool:
    """Return whether beds are nobody's, nor any other bed of a unit that is one household's alone."""
    for bed in beds:
        unit = estate.unit_by_id[estate.bed_by_id[bed].unit_id]
        together = (
            (bed,) if unit.sharing is Sharing.SHARED else (b.bed_id for b in estate.beds_of[unit.unit_id])
        )
        if not taken.isdisjoint(together):
            return False
    return True


def _by_unit(estate: Estate, beds: Iterable[BedRef]) -> dict[UnitRef, tuple[BedRef, ...]]:
    units: dict[UnitRef, list[BedRef]] = defaultdict(list)
    for bed in beds:
        units[estate.bed_by_id[bed].unit_id].append(bed)
    return {unit: tuple(found) for unit, found in units.items()}


def _nation_of(estate: Estate, bed: BedRef) -> Nation:
    unit = estate.unit_by_id[estate.bed_by_id[bed].unit_id]
    return estate.site_by_id[unit.site_id].nation
