"""Where one household could go, as a person weighs it: what a place is, meets and lacks; why not elsewhere.

Everything is about this moment. A claim judges every rule again; whom somebody must be kept apart from reads
as no room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlmodel import Session

from beds.domain.eligibility import BIT
from beds.domain.estate import Estate
from beds.domain.households import not_for_a_round
from beds.domain.needs_asked import NEED_RULES, needs_asked
from beds.domain.records import METADATA
from beds.domain.terms import BedKind, Nation, ReferralRef, Sharing, SiteType, UnitRef
from beds.errors import BadInput, NotAllowedNow
from beds.roles import Actor
from beds.services.answers import household_options
from beds.services.costs import CostToOthers, costs_to_others
from beds.services.freezing import Ground, Verdicts, judge, near_misses, rule_codes
from beds.services.options import OptionJson, OptionsJson, keep_apart_as_no_room
from beds.services.policy import Policy
from beds.services.reading import ReadLog
from beds.services.sites import is_stale
from beds.services.visibility import sites_of
from optimiser.result import BarrierJson, barriers_json

SITE = METADATA.tables["site"]
MOST_SHOWN: Final = 24
Barrier = BarrierJson
"""Rules that, together, keep a household out of so many units that had room."""
_BITS_SET: Final = np.array([n.bit_count() for n in range(2**16)], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What a place is; where it is, is an area and never an address.

    `phone_first`: what is vacant there was not confirmed lately, or never.
    """

    unit_id: str
    site_id: str
    provider_id: str
    nation: Nation
    region: str
    site_type: SiteType
    sharing: Sharing
    step_free: bool
    singles: int
    cots: int
    security_level: int
    accepts_children: bool
    services: tuple[str, ...]
    languages: tuple[str, ...]
    max_stay_nights: int | None
    confirmed_at: datetime | None
    phone_first: bool


@dataclass(frozen=True, slots=True)
class PlaceOption:
    """A unit that the household could have now; `rank` is its place among them, from 1.

    `needs_met` are the codes of the rules that the household puts to a place: all of them hold here. What is
    not ideal is in `option`, in points.
    """

    rank: int
    option: OptionJson
    place: PlaceFacts
    needs_met: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteElsewhere:
    """A site with no unit for the household now: the rules in the way at the unit that comes closest."""

    site_id: str
    nation: Nation
    region: str
    units: int
    nearest_unit: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundPlaces:
    """Where a household could go: the answer, its best options, every other site, what would open more.

    `barriers` are those of the answer where there is no option, else what could be talked over all the same.
    """

    answer: OptionsJson
    best: tuple[PlaceOption, ...]
    elsewhere: tuple[SiteElsewhere, ...]
    barriers: tuple[BarrierJson, ...]


def find_places(  # noqa: PLR0913 who asks of whom, by which rules, where it is kept, how much is wanted
    session: Session,
    actor: Actor,
    ground: Ground,
    referral_id: str,
    *,
    policy: Policy,
    log: ReadLog,
    top: int = 6,
    also: Sequence[str] = (),
) -> FoundPlaces:
    """Return where a household could go now, best first, and why not elsewhere; that it was asked is kept.

    Parameters
    ----------
    top : how many of its options are looked at more closely, the best first
    also : units to be looked at too, where they are options

    Raises
    ------
    NotPermitted
        The actor sees no cases.
    NotFound
        There is no such case for this actor.
    NotAllowedNow
        The case is over, or has no lead on record.
    BadInput
        `top` is not from 0 to 24.
    """
    if not 0 <= top <= MOST_SHOWN:
        raise BadInput(f"top: 0 to {MOST_SHOWN} is accepted")
    answer = household_options(session, actor, ground, referral_id, policy=policy, log=log)
    estate = ground.estate
    if not_for_a_round(estate.people_of[ReferralRef(referral_id)]) is not None:
        return FoundPlaces(answer, (), (), tuple(answer["barriers"]))
    verdicts = judge(ground, [estate.referral_by_id[ReferralRef(referral_id)]], policy.periods)
    ranked = list(enumerate(answer["options"], start=1))
    shown = [(n, option) for n, option in ranked if n <= top or option["unit_id"] in also]
    return FoundPlaces(
        answer=answer,
        best=_place_options(session, actor, ground, verdicts, shown, policy),
        elsewhere=_elsewhere(estate, verdicts),
        barriers=tuple(_barriers(answer, verdicts)),
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One of two places that are weighed against each other."""

    place: PlaceOption
    cost: CostToOthers


def side_by_side(  # noqa: PLR0913 who asks of whom, which two, by which rules, where it is kept
    session: Session,
    actor: Actor,
    ground: Ground,
    referral_id: str,
    unit_ids: tuple[str, str],
    *,
    policy: Policy,
    log: ReadLog,
) -> tuple[Side, Side]:
    """Return two units that a household could have now, with what each would cost others; it is kept.

    Raises
    ------
    NotPermitted, NotFound
        As for `find_places`.
    BadInput
        It is the same unit twice.
    NotAllowedNow
        The household could not have one of them now.
    """
    if len(set(unit_ids)) != len(unit_ids):
        raise BadInput("unit_ids: two different units are accepted")
    answer = household_options(session, actor, ground, referral_id, policy=policy, log=log)
    ranked = {option["unit_id"]: (n, option) for n, option in enumerate(answer["options"], start=1)}
    if not ranked.keys() >= set(unit_ids):
        raise NotAllowedNow("one of the two is not open to this household any more: look at the list again")
    verdicts = judge(ground, [ground.estate.referral_by_id[ReferralRef(referral_id)]], policy.periods)
    chosen = [ranked[unit_id] for unit_id in unit_ids]
    one, other = _place_options(session, actor, ground, verdicts, chosen, policy)
    costs = costs_to_others(session, actor, ground, referral_id, unit_ids, policy=policy)
    return Side(one, costs[unit_ids[0]]), Side(other, costs[unit_ids[1]])


def place_facts(
    session: Session, actor: Actor, ground: Ground, unit_ids: Iterable[str], *, policy: Policy
) -> dict[str, PlaceFacts]:
    """Return what some units are, by reference; those in sites that the actor may not see are left out."""
    estate = ground.estate
    units = [estate.unit_by_id[UnitRef(unit_id)] for unit_id in unit_ids]
    rows = session.execute(
        select(SITE.c.site_id, SITE.c.availability_confirmed_at).where(
            SITE.c.site_id.in_({unit.site_id for unit in units}), sites_of(actor)
        )
    )
    confirmed = {row.site_id: row.availability_confirmed_at for row in rows}
    return {
        unit.unit_id: _facts(estate, unit.unit_id, confirmed[unit.site_id], ground, policy)
        for unit in units
        if unit.site_id in confirmed
    }


def _facts(
    estate: Estate, unit_id: UnitRef, confirmed_at: datetime | None, ground: Ground, policy: Policy
) -> PlaceFacts:
    unit = estate.unit_by_id[unit_id]
    site = estate.site_by_id[unit.site_id]
    beds = estate.beds_of.get(unit_id, ())
    return PlaceFacts(
        unit_id=unit_id,
        site_id=site.site_id,
        provider_id=site.provider_id,
        nation=site.nation,
        region=site.region,
        site_type=site.site_type,
        sharing=unit.sharing,
        step_free=unit.step_free,
        singles=sum(bed.kind is BedKind.SINGLE for bed in beds),
        cots=sum(bed.kind is BedKind.COT for bed in beds),
        security_level=site.security_level,
        accepts_children=site.accepts_children,
        services=tuple(sorted(site.services)),
        languages=tuple(sorted(site.staff_languages)),
        max_stay_nights=site.max_stay_nights,
        confirmed_at=confirmed_at,
        phone_first=is_stale(confirmed_at, ground.clock, policy),
    )


def _place_options(
    session: Session,
    actor: Actor,
    ground: Ground,
    verdicts: Verdicts,
    ranked: Sequence[tuple[int, OptionJson]],
    policy: Policy,
) -> tuple[PlaceOption, ...]:
    facts = place_facts(session, actor, ground, [o["unit_id"] for _, o in ranked], policy=policy)
    asked = int(needs_asked(verdicts.pairing)[0])
    met = tuple(code for code in NEED_RULES if asked & BIT[code])
    return tuple(PlaceOption(rank, option, facts[option["unit_id"]], met) for rank, option in ranked)


def _elsewhere(estate: Estate, verdicts: Verdicts) -> tuple[SiteElsewhere, ...]:
    """Return the sites without a unit for the household, those that come closest first."""
    shown = keep_apart_as_no_room(verdicts.broken)[0]
    units, sites = verdicts.pairing.units, verdicts.pairing.sites
    broken = _BITS_SET[shown]
    order = np.lexsort((broken, units.site))
    first = order[np.flatnonzero(np.diff(units.site[order], prepend=-1))]
    counts = np.bincount(units.site, minlength=len(sites.refs))
    nearest = sorted(
        (unit for unit in first.tolist() if shown[unit]),
        key=lambda unit: (int(broken[unit]), sites.refs[units.site[unit]]),
    )
    return tuple(
        SiteElsewhere(
            site_id=site.site_id,
            nation=site.nation,
            region=site.region,
            units=int(counts[units.site[unit]]),
            nearest_unit=units.refs[unit],
            rules=rule_codes(int(shown[unit])),
        )
        for unit in nearest
        for site in [estate.site_by_id[sites.refs[units.site[unit]]]]
    )


def _barriers(answer: OptionsJson, verdicts: Verdicts) -> list[BarrierJson]:
    if not answer["options_in_all"]:
        return answer["barriers"]
    return [barrier for barrier in barriers_json(near_misses(verdicts, 0)) if barrier["askable"]]
