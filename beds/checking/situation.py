"""What stood before the round, asked one household and one unit at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from beds.checking.households import Household, households_by_reference, takes_part
from beds.checking.room import ROOM_RULES, could_ever_hold, has_room
from beds.checking.rules import RULES, breaks_nothing, broken_rules
from beds.checking.stays import Occupancy, Visit, standing_bookings, stay_in
from beds.domain.accommodation import Unit
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.periods import RecoveryPeriod
from beds.domain.terms import ReferralRef, UnitRef


@dataclass(frozen=True)
class Situation:
    """An estate at the instant of a round, with the recovery periods that stays may depend on."""

    estate: Estate
    clock: Clock
    periods: tuple[RecoveryPeriod, ...]

    @classmethod
    def at(cls, estate: Estate, as_at: datetime, periods: Iterable[RecoveryPeriod]) -> Situation:
        """Return the situation of an estate at an instant.

        Raises
        ------
        ValueError
            The instant has no offset.
        """
        return cls(estate, Clock(as_at), tuple(periods))

    @cached_property
    def today(self) -> date:
        """The night being filled."""
        return self.clock.today

    @cached_property
    def households(self) -> Mapping[ReferralRef, Household]:
        """The household of every referral, whatever its status."""
        return households_by_reference(self.estate, self.clock, self.periods)

    @cached_property
    def taking_part(self) -> tuple[Household, ...]:
        """The households that take part in the round, in the order of their references."""
        return tuple(
            self.households[referral.referral_id]
            for referral in self.estate.referrals
            if takes_part(referral, self.estate, self.clock)
        )

    @cached_property
    def standing(self) -> Occupancy:
        """Who is where when, before the round."""
        return Occupancy(self.estate, standing_bookings(self.estate, self.clock))

    @cached_property
    def standing_if_overdue_stay_on(self) -> Occupancy:
        """The same, with everybody who has overstayed counted as staying for ever."""
        return Occupancy(self.estate, standing_bookings(self.estate, self.clock, overdue_stay_on=True))

    def visit(self, household: Household, unit: Unit, start: int | None = None) -> Visit:
        """Return the household's stay in a unit, from today or from a later day."""
        site = self.estate.site_by_id[unit.site_id]
        return Visit(household, unit, site, stay_in(site, household, start or self.today.toordinal()))

    def rule_holds(self, rule: str, referral_id: ReferralRef, unit_id: UnitRef) -> bool:
        """Return whether one of the fifteen rules holds for a household and a unit, before the round.

        Raises
        ------
        KeyError
            There is no such rule, referral or unit.
        """
        visit = self.visit(self.households[referral_id], self.estate.unit_by_id[unit_id])
        return RULES[rule](visit) if rule in RULES else ROOM_RULES[rule](self.standing, visit, None)

    def broken_by_unit(self, household: Household) -> dict[UnitRef, frozenset[str]]:
        """Return, for every unit, the rules `open` … `house_mix` that the household would break there.

        Units of one site that differ in neither sharing nor access are the same to these rules, which are
        therefore asked once for all of them.
        """
        broken: dict[UnitRef, frozenset[str]] = {}
        for alike in self._units_alike:
            rules = broken_rules(self.visit(household, alike[0]))
            for unit in alike:
                broken[unit.unit_id] = rules
        return broken

    def eligible_units(self, household: Household) -> tuple[Unit, ...]:
        """Return the units that pass `open` … `house_mix` and could ever hold the household."""
        if household.reference not in self._eligible:
            self._eligible[household.reference] = tuple(
                unit
                for alike in self._units_alike
                if breaks_nothing(self.visit(household, alike[0]))
                for unit in alike
                if could_ever_hold(self.estate, self.visit(household, unit))
            )
        return self._eligible[household.reference]

    @cached_property
    def _units_alike(self) -> tuple[tuple[Unit, ...], ...]:
        groups: dict[tuple[str, str, bool], list[Unit]] = defaultdict(list)
        for unit in self.estate.units:
            groups[(unit.site_id, unit.sharing, unit.step_free)].append(unit)
        return tuple(tuple(units) for units in groups.values())

    @cached_property
    def _eligible(self) -> dict[ReferralRef, tuple[Unit, ...]]:
        return {}

    def had_room(self, household: Household, unit: Unit) -> bool:
        """Return whether `capacity`, `sharing` and `keep_apart` held before the round."""
        return has_room(self.standing, self.visit(household, unit))
