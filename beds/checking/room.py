"""The rules about room: `capacity`, `sharing`, `keep_apart`, against who is where when.

Source: the rows of these names in `allocation.md` §3. `occupancy` is what stood before the round, or that and
the newly placed; `without` leaves one newly placed household out, to ask what would be if it were not there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from beds.checking.rules import sleepers
from beds.checking.stays import Occupancy, Visit
from beds.domain.estate import Estate
from beds.domain.terms import BedKind, Gender, ReferralRef, Sharing

RoomRule = Callable[[Occupancy, Visit, ReferralRef | None], bool]


def beds_taken(visit: Visit, *, cots_free: int) -> tuple[int, int]:
    """Return how many singles and how many cots a household takes: a child under 2 a cot if one is free."""
    need_single, under_two = sleepers(visit)
    cots = min(under_two, cots_free)
    return need_single + under_two - cots, cots


def capacity(occupancy: Occupancy, visit: Visit, without: ReferralRef | None = None) -> bool:
    """Return whether the whole household has a bed each, free over the entire stay."""
    free = occupancy.free_beds(visit.unit.unit_id, visit.stay, without=without)
    singles, _ = beds_taken(visit, cots_free=len(free.cots))
    return singles <= len(free.singles)


def sharing(occupancy: Occupancy, visit: Visit, without: ReferralRef | None = None) -> bool:
    """Return whether a household would have its unit alone, or share it with people of its one gender."""
    others = occupancy.others_in_unit(visit, without=without)
    if visit.unit.sharing is Sharing.HOUSEHOLD:
        return not others
    genders: set[Gender] = set(visit.household.genders)
    for other in others:
        genders |= {person.gender for person in occupancy.estate.people_of[other]}
    return len(genders) == 1


def keep_apart(occupancy: Occupancy, visit: Visit, without: ReferralRef | None = None) -> bool:
    """Return whether nobody it must be kept apart from is in the same site at the same time."""
    kept_apart_from = visit.household.kept_apart_from
    if not kept_apart_from:
        return True
    return kept_apart_from.isdisjoint(occupancy.others_in_site(visit, without=without))


ROOM_RULES: Final[Mapping[str, RoomRule]] = MappingProxyType(
    {"capacity": capacity, "sharing": sharing, "keep_apart": keep_apart}
)


def has_room(occupancy: Occupancy, visit: Visit, without: ReferralRef | None = None) -> bool:
    """Return whether `capacity`, `sharing` and `keep_apart` all hold."""
    return all(rule(occupancy, visit, without) for rule in ROOM_RULES.values())


def could_ever_hold(estate: Estate, visit: Visit) -> bool:
    """Return whether the unit could hold the household if all its beds were free (`allocation.md` §5)."""
    if visit.unit.sharing is Sharing.SHARED and len(visit.household.genders) != 1:
        return False
    kinds = [bed.kind for bed in estate.beds_of.get(visit.unit.unit_id, ())]
    singles, _ = beds_taken(visit, cots_free=kinds.count(BedKind.COT))
    return singles <= kinds.count(BedKind.SINGLE)
