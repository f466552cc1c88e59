"""THE rules: which household may go into which unit, each rule stated once (`allocation.md` §3).

`RULES` is read by matching, by confirming and by explaining. A rule is a test over arrays of households ×
sites or households × units; one household and one unit are the case of 1 × 1. `beds.checking` states the
rules again, record by record, as an independent judge of this module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from beds.domain.availability import Sites, Standing, Units
from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.households import GENDER_BIT, NEVER, NO_CHILD, Bools, Households, Ints
from beds.domain.terms import DeclinedBy

CLOSING_NOTICE_NIGHTS: Final = 28
"""A site may take somebody if it stays open for the stay, or at least four weeks of it."""

Bits = NDArray[np.uint16]
Counts = NDArray[np.int16]
"""Beds and people of one unit: few, so that a national estate takes a quarter of the memory."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """Households against the whole estate.

    `nights` (R, S) is the length of the stay there; `births` (R, S) the babies due before its end;
    `declined_by_survivor`, `declined_by_provider` (R, S) declines in force; `meets` (R, S) in how many nights
    a household that she must be kept apart from is in the site, `NEVER` if none; `own_units` the first
    standing stay of others, for the pairs (r, u) where the household itself has a stay in the unit.
    """

    households: Households
    standing: Standing
    nights: Ints
    births: Ints
    declined_by_survivor: Bools
    declined_by_provider: Bools
    meets: Ints
    own_units: dict[tuple[int, int], int]

    @property
    def sites(self) -> Sites:
        """The sites, S rows."""
        return self.standing.sites

    @property
    def units(self) -> Units:
        """The units, U rows."""
        return self.standing.units

    @property
    def unit_nights(self) -> Ints:
        """Return the length of the stay in each unit (R, U)."""
        return self.nights[:, self.units.site]

    @property
    def children_come(self) -> Bools:
        """Return whether a child comes along, or is due before the end of the stay (R, S)."""
        h = self.households
        any_child = (h.oldest_girl > NO_CHILD) | (h.oldest_boy > NO_CHILD)
        any_child |= h.oldest_non_binary_child > NO_CHILD
        return any_child[:, None] | (self.births > 0)


def pair(estate: Estate, households: Households, stands: Standing, clock: Clock) -> Pairing:
    """Return households set against an estate, ready for the rules."""
    sites = stands.sites
    nights = np.minimum(households.nights[:, None], sites.max_stay[None, :])
    births = (households.births[:, :, None] < nights[:, None, :]).sum(axis=1)
    survivor, provider = _declines(estate, households, sites, clock)
    return Pairing(
        households=households,
        standing=stands,
        nights=nights,
        births=births,
        declined_by_survivor=survivor,
        declined_by_provider=provider,
        meets=_first_meetings(estate, households, stands),
        own_units=_stays_of_others(households, stands),
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """One hard rule: `holds` is true where the household may go, (R, U) if `per_unit`, else (R, S)."""

    code: str
    label: str
    holds: Callable[[Pairing], Bools]
    per_unit: bool = False

    @property
    def source(self) -> str:
        """Where the rule is laid down."""
        return f"allocation.md §3 {self.code}"


def is_open(p: Pairing) -> Bools:
    """Return whether the site is open for the stay, or for at least the first 28 nights of it."""
    needed = np.minimum(p.nights, CLOSING_NOTICE_NIGHTS)
    return (p.sites.opens <= 0)[None, :] & (p.sites.closes[None, :] >= needed)


def allows_the_length(p: Pairing) -> Bools:
    """Return whether the stay may be as long as needed, or an interim place is better than none."""
    unlimited = p.sites.max_stay == NEVER
    long_enough = p.sites.max_stay[None, :] >= p.households.nights[:, None]
    return _holds(unlimited[None, :] | long_enough | (p.households.rank == 0)[:, None])


def is_in_her_nation(p: Pairing) -> Bools:
    """Return whether the site is in the referral's nation, or crossing the border is agreed."""
    same = p.sites.nation[None, :] == p.households.nation[:, None]
    return _holds(same | p.households.cross_border[:, None])


def admits_her_gender(p: Pairing) -> Bools:
    """Return whether every adult is admitted and everybody admitted is acceptable to her."""
    adults, acceptable = p.households.adult_gender_bits[:, None], p.households.acceptable_bits[:, None]
    admits = p.sites.admits_bits[None, :]
    return _holds(((adults & ~admits) == 0) & ((acceptable == 0) | ((admits & ~acceptable) == 0)))


def takes_her_children(p: Pairing) -> Bools:
    """Return whether there are no children, or the site takes all of them and the unit is theirs alone."""
    h, s = p.households, p.sites
    ages = (h.oldest_girl[:, None] <= s.max_age_girls) & (h.oldest_boy[:, None] <= s.max_age_boys)
    ages &= h.oldest_non_binary_child[:, None] <= np.minimum(s.max_age_girls, s.max_age_boys)
    none, taken = ~p.children_come, s.accepts_children & ages
    return _holds(none[:, p.units.site] | (taken[:, p.units.site] & ~p.units.shared))


def is_secure_enough(p: Pairing) -> Bools:
    """Return whether the site's security level is at least the one needed."""
    return p.sites.security_level[None, :] >= p.households.security_needed[:, None]


def has_the_services(p: Pairing) -> Bools:
    """Return whether the site has every service required."""
    return _holds(_in_common(p.households.services, ~p.sites.services) == 0)


def is_step_free_if_needed(p: Pairing) -> Bools:
    """Return whether the unit is step-free, or need not be."""
    return _holds(p.units.step_free[None, :] | ~p.households.step_free_needed[:, None])


def speaks_her_language(p: Pairing) -> Bools:
    """Return whether the staff speak one of the lead's languages, or need not."""
    return staff_speak_it(p) | ~p.households.language_required[:, None]


def is_outside_excluded_areas(p: Pairing) -> Bools:
    """Return whether neither the site's region nor its council is an area she must keep out of."""
    return _holds(_in_common(p.households.excluded, p.sites.areas) == 0)


def is_not_declined(p: Pairing) -> Bools:
    """Return whether no decline of this site for this survivor is in force."""
    return ~(p.declined_by_survivor | p.declined_by_provider)


def suits_the_house(p: Pairing) -> Bools:
    """Return whether sharing is agreed and known to be safe, and high risk stays away from children."""
    h = p.households
    safe_with_children = ~(h.risk_high[:, None] & p.sites.accepts_children[None, :])
    sharing = (h.accepts_sharing & h.risk_low)[:, None]
    return _holds(safe_with_children[:, p.units.site] & (~p.units.shared | sharing))


def has_room(p: Pairing) -> Bools:
    """Return whether the household fits in beds that are free over the whole stay."""
    # Stays are of few different lengths: beds are counted once for each, then looked up for every pair.
    lengths, place = np.unique(p.nights, return_inverse=True)
    free = p.units.free_nights[None, :, :] >= lengths[:, None, None]
    count = len(p.units.refs)
    at = (place.reshape(p.nights.shape) * count)[:, p.units.site] + np.arange(count)
    singles, cots = (
        (free & kind).sum(axis=2, dtype=np.int16).take(at) for kind in (p.units.is_single, p.units.is_cot)
    )
    return _fits(p, singles, cots)


def may_share(p: Pairing) -> Bools:
    """Return whether nobody else is in her own unit, or everyone in the shared unit has one gender."""
    nights, units = p.unit_nights, p.units
    alone = units.first_stay[None, :] >= nights
    for (household, unit), first_stay in p.own_units.items():
        alone[household, unit] = first_stay >= nights[household, unit]
    of_one_gender = _one_gender(p)[:, None] & np.ones_like(alone)
    for column, bit in enumerate(GENDER_BIT.values()):
        others_too = units.first_stay_of[None, :, column] < nights
        of_one_gender &= ~(others_too & (p.households.gender_bits != bit)[:, None])
    return np.where(units.shared[None, :], of_one_gender, alone)


def meets_nobody_to_avoid(p: Pairing) -> Bools:
    """Return whether no household that she must be kept apart from is in the site during the stay."""
    return p.meets >= p.nights


RULES: Final = (
    Rule("open", "the site is open for the stay", is_open),
    Rule("interim", "the length of stay allowed there", allows_the_length),
    Rule("nation", "the nation", is_in_her_nation),
    Rule("gender", "who is admitted there", admits_her_gender),
    Rule("children", "children and their ages", takes_her_children, per_unit=True),
    Rule("security", "the security level", is_secure_enough),
    Rule("services", "the services required", has_the_services),
    Rule("step_free", "step-free access", is_step_free_if_needed, per_unit=True),
    Rule("language", "a language shared with staff", speaks_her_language),
    Rule("excluded_area", "areas to keep out of", is_outside_excluded_areas),
    Rule("declined", "a decline in force", is_not_declined),
    Rule("house_mix", "sharing, and the mix of the house", suits_the_house, per_unit=True),
    Rule("capacity", "enough free beds for all", has_room, per_unit=True),
    Rule("sharing", "who else is in the unit", may_share, per_unit=True),
    Rule("keep_apart", "room in the site", meets_nobody_to_avoid),
)
"""Every hard rule, in the order of `allocation.md`; a rule's place is its bit.

`keep_apart` is labelled as room on purpose: it is never shown as a reason (§5).
"""

BIT: Final = {rule.code: 1 << place for place, rule in enumerate(RULES)}
BARRIER_RULES: Final = tuple(rule.code for rule in RULES[2:12])
"""The rules that can stand between a household and a unit with room, as `barriers` (§5)."""
BARRIER_BITS: Final = sum(BIT[code] for code in BARRIER_RULES)
ROOM_BITS: Final = sum(BIT[code] for code in ("open", "interim", "capacity", "sharing", "keep_apart"))
"""A unit had room before the round where these hold."""
ELIGIBLE_BITS: Final = sum(BIT[rule.code] for rule in RULES[:12])
"""`open` … `house_mix`: what does not depend on who else is there."""


def broken_rules(p: Pairing) -> Bits:
    """Return the bits of the rules that each household would break in each unit (R, U)."""
    in_site = np.zeros(p.nights.shape, dtype=np.uint16)
    for rule in RULES:
        if not rule.per_unit:
            in_site |= _bits(rule, p)
    broken = in_site[:, p.units.site]
    for rule in RULES:
        if rule.per_unit:
            broken |= _bits(rule, p)
    return broken


def _bits(rule: Rule, p: Pairing) -> Bits:
    return (~rule.holds(p)).astype(np.uint16) * np.uint16(BIT[rule.code])


def could_ever_hold(p: Pairing) -> Bools:
    """Return whether the unit could hold the household with all its beds free (R, U); §5."""
    units = p.units
    singles, cots = (
        np.broadcast_to(kind.sum(axis=1, dtype=np.int16), p.unit_nights.shape)
        for kind in (units.is_single, units.is_cot)
    )
    return _fits(p, singles, cots) & (~units.shared[None, :] | _one_gender(p)[:, None])


def askable_pairs(p: Pairing, broken: Bits) -> Bools:
    """Return where all that is broken may be talked over with her (R, U); §5.

    `house_mix` is when only her agreement to sharing is wanting, `declined` when only she declined.
    """
    h, units = p.households, p.units
    to_discuss = BIT["nation"] | BIT["services"] | BIT["language"] | BIT["house_mix"] | BIT["declined"]
    only_sharing = units.shared[None, :] & (h.risk_low & ~h.accepts_sharing)[:, None]
    hers = ~p.declined_by_provider[:, units.site]
    askable = (broken & np.uint16(BARRIER_BITS & ~to_discuss)) == 0
    askable &= ((broken & BIT["house_mix"]) == 0) | only_sharing
    return _holds(askable & (((broken & BIT["declined"]) == 0) | hers))


def _holds(array: NDArray[np.bool_]) -> Bools:
    return np.asarray(array, dtype=np.bool_)


def _fits(p: Pairing, singles: Counts, cots: Counts) -> Bools:
    h = p.households
    needed = h.singles.astype(np.int16)[:, None]
    fits = needed <= singles
    with_babies = np.flatnonzero((h.under_twos > 0) | (h.births < NEVER).any(axis=1))
    babies = (h.under_twos[:, None] + p.births)[with_babies].astype(np.int16)[:, p.units.site]
    in_singles = np.maximum(babies - cots[with_babies], 0)
    fits[with_babies] = needed[with_babies] + in_singles <= singles[with_babies]
    return fits


def _one_gender(p: Pairing) -> Bools:
    bits = p.households.gender_bits
    return _holds((bits & (bits - 1)) == 0)


def staff_speak_it(p: Pairing) -> Bools:
    """Return whether the staff speak one of the lead's languages (R, S)."""
    return _holds(_in_common(p.households.languages, p.sites.languages) > 0)


def _in_common(one: Bools, other: Bools) -> NDArray[np.float32]:
    """Return how many members two sets have in common, for every pair of rows.

    Counted in floats, which are exact here and multiplied ten times as fast as whole numbers.
    """
    return one.astype(np.float32) @ other.T.astype(np.float32)


def _declines(estate: Estate, households: Households, sites: Sites, clock: Clock) -> tuple[Bools, Bools]:
    """Declines belong to the survivor: those of an earlier referral count for a later one."""
    site_row = {ref: row for row, ref in enumerate(sites.refs)}
    in_force: dict[str, list[tuple[int, DeclinedBy]]] = defaultdict(list)
    for decline in estate.declines:
        # Of a part of the estate, only the declines of its own sites count.
        if decline.in_force(clock.today) and decline.site_id in site_row:
            place = (site_row[decline.site_id], decline.declined_by)
            in_force[estate.survivor_of[decline.referral_id]].append(place)
    by_survivor = np.zeros((len(households), len(sites.refs)), dtype=np.bool_)
    by_provider = np.zeros_like(by_survivor)
    for row, survivor in enumerate(households.survivors):
        for column, who in in_force.get(survivor, ()):
            (by_survivor if who is DeclinedBy.SURVIVOR else by_provider)[row, column] = True
    return by_survivor, by_provider


def _first_meetings(estate: Estate, households: Households, stands: Standing) -> Ints:
    apart = estate.kept_apart_from
    wanted = set[str]().union(*(apart.get(survivor, ()) for survivor in households.survivors))
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for referral, stays in stands.stays_of.items() if wanted else ():
        survivor = estate.survivor_of[referral]
        for stay in stays if survivor in wanted else ():
            site = int(stands.units.site[stands.bed_position[stay.bed_id][0]])
            places[survivor].append((site, max(stay.starts, 0)))
    meets = np.full((len(households), len(stands.sites.refs)), NEVER, dtype=np.int64)
    for row, survivor in enumerate(households.survivors):
        for other in apart.get(survivor, ()):
            for site, starts in places[other]:
                meets[row, site] = min(meets[row, site], starts)
    return meets


def _stays_of_others(households: Households, stands: Standing) -> dict[tuple[int, int], int]:
    """A household's own standing stay is not another household's: find those pairs, and who else is there."""
    pairs = {
        (row, stands.bed_position[stay.bed_id][0])
        for row, ref in enumerate(households.refs)
        for stay in stands.stays_of.get(ref, ())
    }
    return {
        (row, unit): min(
            (max(s.starts, 0) for s in stands.stays_in_unit[unit] if s.referral_id != households.refs[row]),
            default=int(NEVER),
        )
        for row, unit in pairs
    }
