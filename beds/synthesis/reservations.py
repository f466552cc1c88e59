"""What keeps empty beds from being vacant: closures, and holds in force; and holds that have expired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from beds.domain.accommodation import Closure
from beds.domain.referral import Hold
from beds.domain.terms import ReferralRef, ReferralStatus
from beds.synthesis.draws import Draws
from beds.synthesis.residents import Arrival, Room, draw_resident, gender_for
from beds.synthesis.scene import Household, Scene
from beds.synthesis.stays import stay_nights

FEWEST_REFERRALS_FOR_HOLDS = 5
FEWEST_EMPTY_UNITS_FOR_CLOSURES = 2


@dataclass(frozen=True, slots=True)
class Held:
    """A household whose referral is held, and its hold: one row a bed."""

    household: Household
    holds: tuple[Hold, ...]


def hold_counts(referrals: int, empty_units: int, scene: Scene) -> tuple[int, int]:
    """Return how many households of a waiting list have a hold in force, and how many one that expired.

    At least one of each on a list of five or more, where a unit is empty; no more in force than empty units.
    """
    if referrals < FEWEST_REFERRALS_FOR_HOLDS or not empty_units:
        return 0, 0
    in_force = max(1, int(referrals * scene.shares.value("held", "in_force")))
    expired = max(1, int(referrals * scene.shares.value("held", "expired")))
    return min(in_force, empty_units), expired


def draw_held(
    referral_ids: Sequence[ReferralRef],
    rooms: Sequence[Room],
    in_force: bool,
    streams: tuple[Scene, Draws],
) -> list[Held]:
    """Return a held household for each identifier, in the units one after another.

    The holds in force expire within two days of the instant of the estate; the others have expired by up to
    three days, and their units may be held again.
    """
    return [
        _draw_held(referral_id, rooms[number % len(rooms)], in_force, streams)
        for number, referral_id in enumerate(referral_ids)
    ]


def _draw_held(referral_id: ReferralRef, room: Room, in_force: bool, streams: tuple[Scene, Draws]) -> Held:
    scene, draws = streams
    minutes = draws.integer(60, 48 * 60) if in_force else -draws.integer(60, 72 * 60)
    waited = timedelta(days=draws.integer(3, 25), minutes=draws.integer(1, 1439))
    starts_on = scene.today if in_force else scene.today - timedelta(days=draws.integer(1, 3))
    nights = stay_nights(room, scene.today, streams)
    arrival = Arrival(scene.as_at - waited, nights, ReferralStatus.HELD)
    household = draw_resident(referral_id, room, arrival, gender_for(room, draws), streams)
    holds = tuple(
        Hold(
            hold_id=f"H{referral_id[1:]}",
            referral_id=referral_id,
            bed_id=bed.bed_id,
            starts_on=starts_on,
            expected_end_on=starts_on + timedelta(days=nights),
            expires_at=scene.as_at + timedelta(minutes=minutes),
        )
        for bed in room.beds_for(household.people)
    )
    return Held(household, holds)


def draw_closures(rooms: Sequence[Room], streams: tuple[Scene, Draws]) -> list[Closure]:
    """Return closures of beds in empty units, dated and until further notice.

    There is at least one of each where two or more units are empty. The dated ones began up to ten days ago
    or will begin within twenty.
    """
    scene, draws = streams
    closures: list[Closure] = []
    exemplary = len(rooms) >= FEWEST_EMPTY_UNITS_FOR_CLOSURES
    for number, room in enumerate(rooms):
        dated = scene.shares.happens("closed_unit", draws, "dated")
        open_ended = scene.shares.happens("closed_unit", draws, "until_further_notice")
        if exemplary and number < 2:
            dated, open_ended = number == 0, number == 1
        if not (dated or open_ended):
            continue
        starts_on = scene.today + timedelta(days=draws.integer(-10, 20 if dated else 0))
        ends_on = starts_on + timedelta(days=draws.integer(14, 45)) if dated else None
        reason = scene.shares.draw("closure_reason", draws)
        beds = room.beds if draws.chance(0.7) else room.beds[:1]
        closures.extend(Closure(bed.bed_id, starts_on, ends_on, reason) for bed in beds)
    return closures
