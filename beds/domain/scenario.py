"""A scenario: what is supposed about law, demand, stays, the estate and money; everything else as it is.

Each field left at None or empty means "as on record": the law in force, the estimate of the chain, today's
estate. A file of one is read by `beds.scenario_files`; what it comes to is computed in `beds.services`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from beds.domain.terms import SERVED_NATIONS, Gender, Nation, Sharing

LONGEST_HORIZON_DAYS = 3_660
MOST_A_YEAR = 1_000_000
"""Of an amount: more than the whole country would ask for."""
MOST_NIGHTS = 3_660
TOLD: Final = frozenset({"name", "title", "description", "assumes", "price_year"})
"""Fields that are words for people."""
WINDOW: Final = frozenset({"horizon_days", "starts_on", "warm_up_days"})
"""Fields that say which nights are looked at."""


class StayRule(StrEnum):
    """What a length of stay turns on."""

    RECORDED = "recorded"
    """The service's own stays once there are enough, else `DECISION`."""
    DECISION = "decision"
    """Until the conclusive decision and move-on, never less than the recovery period."""
    RECOVERY_PERIOD = "recovery_period"
    """Exactly the recovery period, as where nothing else is offered (2008)."""


class PolicyName(StrEnum):
    """How a free place is given in a simulation."""

    FIRST_COME_FIRST_SERVED = "first_come_first_served"
    HARDEST_TO_FILL_FIRST = "hardest_to_fill_first"
    ALLOCATOR = "allocator"


class EstateStart(StrEnum):
    """What the estate of a scenario begins with."""

    RECORDED = "recorded"
    EMPTY = "empty"


class WhoComes(StrEnum):
    """What kinds of household come."""

    RECORDED = "recorded"
    """As on record, or as the published margins have them."""
    WOMEN_ALONE = "women_alone"
    """Of those only women without partner or child, as the centres of 2008 were for."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share between 0 and 1: its likely value and the range it may lie in (a triangular distribution)."""

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        """Refuse what is no share.

        Raises
        ------
        ValueError
            It is not 0 ≤ low ≤ likely ≤ high ≤ 1.
        """
        if not 0 <= self.low <= self.likely <= self.high <= 1:
            raise ValueError("0 <= low <= likely <= high <= 1 is accepted")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of 0 or more: its likely value and the range it may lie in (a triangular distribution)."""

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        """Refuse what is no such range.

        Raises
        ------
        ValueError
            It is not 0 ≤ low ≤ likely ≤ high, or too high.
        """
        if not 0 <= self.low <= self.likely <= self.high <= MOST_A_YEAR:
            raise ValueError(f"0 <= low <= likely <= high <= {MOST_A_YEAR:,} is accepted")


@dataclass(frozen=True, slots=True)
class SupposedSite:
    """A site that a scenario adds: `units` units of `beds_per_unit` single beds and `cots_per_unit` cots."""

    nation: Nation
    region: str
    units: int
    beds_per_unit: int = 1
    cots_per_unit: int = 0
    admits: frozenset[Gender] = frozenset({Gender.FEMALE})
    accepts_children: bool = False
    security_level: int = 2
    sharing: Sharing = Sharing.HOUSEHOLD
    step_free_units: int = 0
    staff_languages: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    opens_on: date | None = None
    cost_per_bed_night: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SupposedClosure:
    """Sites that a scenario closes from a day on: one site, or a share of the beds of a nation or region."""

    closes_on: date
    site_id: str | None = None
    nation: Nation | None = None
    region: str | None = None
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is supposed; every field has the meaning "as on record" where it is left out.

    Attributes
    ----------
    recovery_nights, move_on_nights : by nation
        Nights of entitlement in place of the law in force.
    decision_days : float or None
        Median days from referral to the conclusive grounds decision.
    growth_per_year : float
        0.1 is ten per cent a year on top of the forecast of referrals; more than -1.
    entering_support : Share or None
        Share of adults with positive reasonable grounds who enter support.
    needing_bed : by nation
        Share of those who enter support who need a bed.
    households_per_year : by nation
        Households a year who need a bed, in place of the whole chain from referrals; growth still counts.
    patience_days : float or None
        Mean days that a household waits before it gives up; None: it never does.
    decline_share, hold_days : float
        Share of offers that are declined; days between an offer and an arrival.
    warm_up_days : int
        First days of the horizon that measures over it leave out.
    cost_per_bed_night : Decimal or None
        Pounds for a night of a bed that has no cost on record, in the prices of `price_year`.
    assumes : tuple of str
        What is assumed, in sentences for the screen.
    """

    name: str
    title: str = ""
    description: str = ""
    assumes: tuple[str, ...] = ()
    horizon_days: int = 365
    starts_on: date | None = None
    recovery_nights: Mapping[Nation, int] = field(default_factory=dict)
    move_on_nights: Mapping[Nation, int] = field(default_factory=dict)
    stay_rule: StayRule = StayRule.RECORDED
    decision_days: float | None = None
    growth_per_year: float = 0.0
    entering_support: Share | None = None
    needing_bed: Mapping[Nation, Share] = field(default_factory=dict)
    households_per_year: Mapping[Nation, Amount] = field(default_factory=dict)
    who_comes: WhoComes = WhoComes.RECORDED
    estate: EstateStart = EstateStart.RECORDED
    sites: tuple[SupposedSite, ...] = ()
    closures: tuple[SupposedClosure, ...] = ()
    policy: PolicyName = PolicyName.FIRST_COME_FIRST_SERVED
    patience_days: float | None = None
    decline_share: float = 0.0
    hold_days: float = 0.0
    warm_up_days: int = 0
    cost_per_bed_night: Decimal | None = None
    price_year: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be supposed.

        Raises
        ------
        ValueError
            A field is out of range; the message begins with its name and says what is accepted.
        """
        horizon = f"1 to {LONGEST_HORIZON_DAYS} is accepted"
        for name, accepted, holds in (
            ("name", "lower_snake words are accepted", self.name.replace("_", "").isalnum()),
            ("horizon_days", horizon, 1 <= self.horizon_days <= LONGEST_HORIZON_DAYS),
            ("growth_per_year", "more than -1, at most 10, is accepted", -1 < self.growth_per_year <= 10),
            ("decision_days", "more than 0 is accepted", _is_positive(self.decision_days)),
            ("patience_days", "more than 0 is accepted", _is_positive(self.patience_days)),
            ("decline_share", "0 to less than 1 is accepted", 0 <= self.decline_share < 1),
            ("hold_days", "0 to 60 is accepted", 0 <= self.hold_days <= 60),
            (
                "warm_up_days",
                "fewer than horizon_days are accepted",
                0 <= self.warm_up_days < self.horizon_days,
            ),
        ):
            if not holds:
                raise ValueError(f"{name}: {accepted}")
        self._check_nights("recovery_nights", self.recovery_nights, least=1)
        self._check_nights("move_on_nights", self.move_on_nights, least=0)
        for name, nations in (
            ("needing_bed", self.needing_bed),
            ("households_per_year", self.households_per_year),
        ):
            if not set(nations) <= set(SERVED_NATIONS):
                raise ValueError(f"{name}: England or Scotland is accepted")

    def _check_nights(self, name: str, nights: Mapping[Nation, int], *, least: int) -> None:
        for nation, count in nights.items():
            if nation not in SERVED_NATIONS or not least <= count <= MOST_NIGHTS:
                raise ValueError(f"{name}: {least} to {MOST_NIGHTS}, for England or Scotland, is accepted")

    def changes(self) -> tuple[str, ...]:
        """Return the names of the fields that are not as on record, in the order of their definition."""
        return self.differences(Scenario(self.name))

    def differences(self, other: Scenario) -> tuple[str, ...]:
        """Return the names of the fields that say something else in another scenario, in their order.

        Names and texts, and the window that is looked at, are not among them.
        """
        return tuple(
            f.name
            for f in fields(self)
            if f.name not in TOLD | WINDOW and getattr(self, f.name) != getattr(other, f.name)
        )


def _is_positive(value: float | None) -> bool:
    return value is None or value > 0
