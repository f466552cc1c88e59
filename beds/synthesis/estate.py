"""A whole synthetic estate: sites, those who live there, and a waiting list with the awkward cases in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from beds.domain.accommodation import Bed, Site, Unit
from beds.domain.estate import Estate
from beds.domain.terms import BedRef, ReferralRef, UnitRef
from beds.errors import BadInput
from beds.synthesis.awkward import Setting, plant_awkward_cases
from beds.synthesis.draws import Draws
from beds.synthesis.history import draw_history
from beds.synthesis.reservations import Held, draw_closures, draw_held, hold_counts
from beds.synthesis.residents import Room
from beds.synthesis.scene import Scene, scene_at
from beds.synthesis.sites import draw_sites, draw_units
from beds.synthesis.stays import Residents, draw_stays
from beds.synthesis.waiting import draw_waiting

SYNTHETIC_AS_AT: Final = datetime.fromisoformat("2026-11-23T18:00:00+00:00")
"""The instant that synthetic estates are drawn for, unless told otherwise."""

MOST_SITES: Final = 5_000
MOST_REFERRALS: Final = 50_000
HIGHEST_SEED: Final = 2**63 - 1


def synthesise(sites: int, referrals: int, seed: int, as_at: datetime = SYNTHETIC_AS_AT) -> Estate:
    """Return an estate of that many sites and a list of that many households waiting or held.

    The same arguments give the same estate on every machine. The sites and those who live there depend on the
    seed and the instant, not on the length of the list; only the numbers of their referrals follow it.

    Raises
    ------
    BadInput
        A number is out of its range, or `as_at` has no offset.
    """
    _check(sites, referrals, seed, as_at)
    scene = scene_at(as_at)
    streams = Draws(seed).branches(8)
    all_sites = draw_sites(sites, scene, streams[0])
    units, beds = draw_units(all_sites, scene, streams[1])
    rooms = _rooms(all_sites, units, beds)

    residents = Residents(first_number=referrals + 1, width=max(4, len(str(referrals + 1))))
    empty = draw_stays(rooms, residents, (scene, streams[2]))
    held, kept_back = _draw_holds(referrals, _unbooked(empty, residents, scene), (scene, streams[3]))
    closures = draw_closures(kept_back, (scene, streams[4]))

    ordinary = [_reference(number, residents.width) for number in range(1, referrals - len(held) + 1)]
    waiting = draw_waiting(ordinary, scene, streams[5])
    spoken = frozenset(language for site in all_sites for language in site.staff_languages)
    waiting = plant_awkward_cases(waiting, Setting(scene, streams[6], spoken))
    history = draw_history(
        waiting, residents.households, all_sites, residents.next_referral(), (scene, streams[7])
    )
    households = [
        *history.waiting,
        *(one.household for one in held),
        *residents.households,
        *history.earlier,
    ]
    return Estate(
        sites=tuple(all_sites),
        units=tuple(units),
        beds=tuple(beds),
        referrals=tuple(household.referral for household in households),
        people=tuple(person for household in households for person in household.people),
        closures=tuple(closures),
        keep_apart=tuple(history.keep_apart),
        holds=tuple(hold for one in held for hold in one.holds),
        declines=tuple(history.declines),
        placements=tuple(residents.placements),
    )


def _check(sites: int, referrals: int, seed: int, as_at: datetime) -> None:
    """Refuse numbers out of range, naming the option as the command line calls it."""
    for option, number, low, high in (
        ("--sites", sites, 1, MOST_SITES),
        ("--referrals", referrals, 0, MOST_REFERRALS),
        ("--seed", seed, 0, HIGHEST_SEED),
    ):
        if not low <= number <= high:
            raise BadInput(f"{option}: must be a whole number from {low} to {high}")
    if as_at.tzinfo is None:
        raise BadInput("as_at: a date-time with an offset is needed, such as 2026-03-03T02:00:00+00:00")


def _reference(number: int, width: int) -> ReferralRef:
    return ReferralRef(f"R{number:0{width}d}")


def _rooms(sites: Sequence[Site], units: Sequence[Unit], beds: Sequence[Bed]) -> list[Room]:
    site_by_id = {site.site_id: site for site in sites}
    beds_of: dict[UnitRef, list[Bed]] = {unit.unit_id: [] for unit in units}
    for bed in beds:
        beds_of[bed.unit_id].append(bed)
    return [Room(site_by_id[unit.site_id], unit, tuple(beds_of[unit.unit_id])) for unit in units]


def _unbooked(rooms: Sequence[Room], residents: Residents, scene: Scene) -> list[Room]:
    """The empty units that nobody has booked for later: a hold must not lie over a booking."""
    booked: frozenset[BedRef] = frozenset(
        placement.bed_id for placement in residents.placements if placement.starts_on > scene.today
    )
    return [room for room in rooms if not any(bed.bed_id in booked for bed in room.beds)]


def _draw_holds(
    referrals: int, empty: Sequence[Room], streams: tuple[Scene, Draws]
) -> tuple[list[Held], list[Room]]:
    """The households with holds, the last on the list, and the empty units not held, in another order."""
    scene, draws = streams
    in_force, expired = hold_counts(referrals, len(empty), scene)
    rooms = draws.shuffled(empty)
    width = max(4, len(str(referrals + 1)))
    references = [_reference(referrals - number, width) for number in range(in_force + expired)]
    held = draw_held(references[:in_force], rooms, True, streams)
    free = rooms[in_force:] or rooms
    held += draw_held(references[in_force:], free, False, streams)
    return held, rooms[in_force:]
