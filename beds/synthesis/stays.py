"""What is on record about the beds: stays past, present and booked.

Stays in a bed never overlap, and a shared unit has people of one gender. How full such an estate is, nobody
publishes; the shares are assumptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from beds.domain.accommodation import Bed
from beds.domain.referral import Placement
from beds.domain.terms import ReferralRef, ReferralStatus
from beds.synthesis.draws import Draws
from beds.synthesis.residents import Arrival, Room, draw_resident, gender_for
from beds.synthesis.scene import Household, Scene


@dataclass(slots=True)
class Residents:
    """Households that have or had a place, as they are drawn up."""

    first_number: int
    width: int
    households: list[Household] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)

    def next_referral(self) -> ReferralRef:
        """Return the identifier of the next household's referral."""
        return ReferralRef(f"R{self.first_number + len(self.households):0{self.width}d}")


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay `[starts_on, ended_on or expected_end_on)`."""

    starts_on: date
    expected_end_on: date
    ended_on: date | None = None

    @property
    def nights(self) -> int:
        """The nights expected."""
        return (self.expected_end_on - self.starts_on).days


def draw_stays(rooms: Sequence[Room], residents: Residents, streams: tuple[Scene, Draws]) -> list[Room]:
    """Record the stays in the units, and return the open units where nobody lives.

    At least one unit is left empty. The first household that lives in a unit of its own has overstayed, and
    the unit has a later booking.
    """
    scene, draws = streams
    open_now = [room for room in rooms if room.site.opens_on is None]
    count = min(int(len(open_now) * scene.shares.value("occupied_unit") + 0.5), len(open_now) - 1)
    taken = frozenset(room.unit.unit_id for room in draws.sample(open_now, count))
    first = True
    for room in open_now:
        lived_in = room.unit.unit_id in taken
        if room.shared and lived_in:
            _share(room, residents, streams)
        elif not room.shared:
            exemplary = first and lived_in and room.site.closes_on is None
            stays = _timeline(room, lived_in, exemplary, streams)
            first = first and not exemplary
            for stay in stays:
                _settle(room, stay, residents, streams)
    return [room for room in open_now if room.unit.unit_id not in taken]


def stay_nights(room: Room, starts_on: date, streams: tuple[Scene, Draws]) -> int:
    """Return how many nights a stay in a unit is expected to last, within the limits of its site."""
    scene, draws = streams
    nights = scene.shares.number("stay_nights", draws)
    if room.site.max_stay_nights is not None:
        nights = draws.integer(1, room.site.max_stay_nights)
    if room.site.closes_on is not None:
        nights = min(nights, (room.site.closes_on - starts_on).days)
    return nights


def _timeline(room: Room, lived_in: bool, exemplary: bool, streams: tuple[Scene, Draws]) -> list[Stay]:
    """The stays in a unit of one household at a time: perhaps one that ended, one now, one booked."""
    scene, draws = streams
    current = [_current(room, exemplary, streams)] if lived_in else []
    stays = list(current)
    if scene.shares.happens("past_stay", draws):
        until = current[0].starts_on if current else scene.today
        stays.insert(0, _past(room, until, streams))
    if room.site.closes_on is None and (scene.shares.happens("booked_next", draws) or exemplary):
        until = max(current[0].expected_end_on, scene.today) if current else scene.today
        starts_on = until + timedelta(days=draws.integer(1, 30))
        nights = stay_nights(room, starts_on, streams)
        stays.append(Stay(starts_on, starts_on + timedelta(days=nights)))
    return stays


def _current(room: Room, overstays: bool, streams: tuple[Scene, Draws]) -> Stay:
    """A stay that goes on; in a few the expected end has passed and nobody has left."""
    scene, draws = streams
    nights = stay_nights(room, scene.today, streams)
    late = scene.shares.happens("overstaying", draws) or overstays
    before = nights + draws.integer(0, 20) if late else draws.integer(1, nights) - 1
    starts_on = scene.today - timedelta(days=before)
    return Stay(starts_on, starts_on + timedelta(days=nights))


def _past(room: Room, until: date, streams: tuple[Scene, Draws]) -> Stay:
    """A stay that ended by a date, a little before or after what was expected."""
    _, draws = streams
    ended_on = until - timedelta(days=draws.integer(0, 12))
    nights = stay_nights(room, ended_on - timedelta(days=180), streams)
    stayed = max(1, nights + draws.integer(-10, 15))
    starts_on = ended_on - timedelta(days=stayed)
    return Stay(starts_on, starts_on + timedelta(days=nights), ended_on)


def _share(room: Room, residents: Residents, streams: tuple[Scene, Draws]) -> None:
    """Fill some beds of a shared unit, each with one person, all of one gender."""
    scene, draws = streams
    gender = gender_for(room, draws)
    for bed in room.singles:
        if scene.shares.happens("occupied_shared_bed", draws):
            stay = _current(room, False, streams)
            household = draw_resident(
                residents.next_referral(), room, _arrival(stay, streams), gender, streams
            )
            _record(household, [bed], stay, residents)


def _settle(room: Room, stay: Stay, residents: Residents, streams: tuple[Scene, Draws]) -> None:
    """Draw a household for a unit of its own and record its stay."""
    gender = gender_for(room, streams[1])
    household = draw_resident(residents.next_referral(), room, _arrival(stay, streams), gender, streams)
    _record(household, room.beds_for(household.people), stay, residents)


def _arrival(stay: Stay, streams: tuple[Scene, Draws]) -> Arrival:
    """The referral behind a stay: some days before it began, and never after the instant of the estate."""
    scene, draws = streams
    day = min(stay.starts_on, scene.today) - timedelta(days=draws.integer(1, 9))
    minutes = draws.integer(7 * 60, 20 * 60)
    received_at = datetime.combine(day, time(minutes // 60, minutes % 60), UTC)
    status = ReferralStatus.PLACED if stay.ended_on is None else ReferralStatus.CLOSED
    return Arrival(received_at, stay.nights, status)


def _record(household: Household, beds: Sequence[Bed], stay: Stay, residents: Residents) -> None:
    residents.households.append(household)
    number = len(residents.households)
    for bed in beds:
        residents.placements.append(
            Placement(
                placement_id=f"PL{number:05d}",
                referral_id=household.referral.referral_id,
                bed_id=bed.bed_id,
                starts_on=stay.starts_on,
                expected_end_on=stay.expected_end_on,
                ended_on=stay.ended_on,
            )
        )
