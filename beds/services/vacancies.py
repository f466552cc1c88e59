"""What is vacant tonight, and whom to phone before anybody is promised it: stale is not vacant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter

import numpy as np
from sqlalchemy import select
from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.households import not_for_a_round, taking_part
from beds.domain.measures import ONE_NIGHT, BedState, state_on
from beds.domain.records import METADATA
from beds.domain.terms import BedKind, Nation, Priority, Sharing, UnitRef
from beds.roles import Actor, Permission, require
from beds.services.freezing import Ground, judge
from beds.services.pages import Page, page_of
from beds.services.policy import Policy
from beds.services.sites import is_stale
from beds.services.visibility import sites_of
from beds.store.histories import LocatedBed, load_histories

SITE, UNIT, PROVIDER = (METADATA.tables[name] for name in ("site", "unit", "provider"))
IN_USE = frozenset({BedState.OCCUPIED, BedState.HELD})


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A unit that somebody could sleep in tonight: its vacant beds, and whether to phone first."""

    unit_id: str
    site_id: str
    nation: Nation
    region: str
    sharing: Sharing
    step_free: bool
    singles: int
    cots: int
    availability_confirmed_at: datetime | None
    phone_first: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A site to phone: what would be vacant there, and how many households wait that it would be for."""

    site_id: str
    provider_id: str
    contact: str | None
    availability_confirmed_at: datetime | None
    vacant_units: int
    could_use: Mapping[Priority, int]


def vacancies(
    session: Session,
    actor: Actor,
    *,
    clock: Clock,
    policy: Policy,
    after: str | None = None,
    limit: int = 50,
) -> Page[Vacancy]:
    """Return the units with a bed vacant tonight that the actor may see, in the order of references.

    A unit for one household that anybody is in, or that is held, has none, whatever beds are left over there.

    Raises
    ------
    NotPermitted
        The actor sees no sites.
    """
    rows = _vacancies(session, actor, clock, policy)
    later = [row for row in rows if after is None or row.unit_id > after]
    return page_of(later[: limit + 1], limit, attrgetter("unit_id"))


def count_vacancies(
    session: Session, actor: Actor, *, clock: Clock, policy: Policy, ground: Ground | None = None
) -> tuple[int, int]:
    """Return how many units are vacant tonight, and how many of them are to be phoned about first.

    Parameters
    ----------
    ground : the estate at this instant, where it is in memory: the count is the same, and at once

    Raises
    ------
    NotPermitted
        The actor sees no sites.
    """
    if ground is None:
        rows = _vacancies(session, actor, clock, policy)
        return len(rows), sum(row.phone_first for row in rows)
    require(actor, Permission.SEE_SITES)
    stands = ground.standing
    by_site = np.bincount(stands.units.site[stands.vacant_tonight()], minlength=len(stands.sites.refs))
    units = dict(zip(stands.sites.refs, by_site.tolist(), strict=True))
    seen = session.execute(select(SITE.c.site_id, SITE.c.availability_confirmed_at).where(sites_of(actor)))
    counts = [
        (units.get(row.site_id, 0), is_stale(row.availability_confirmed_at, clock, policy)) for row in seen
    ]
    return sum(count for count, _ in counts), sum(count for count, stale in counts if stale)


def call_list(session: Session, actor: Actor, ground: Ground, *, policy: Policy) -> tuple[Call, ...]:
    """Return the sites with vacancies that were not confirmed lately, those that help the most urgent first.

    `could_use` counts, by priority, the households that take part and could go into a unit there now by every
    rule; who they are is not said.

    Raises
    ------
    NotPermitted
        The actor sees no cases: it is for whoever looks for a bed.
    """
    require(actor, Permission.SEE_CASES)
    stale = [v for v in _vacancies(session, actor, ground.clock, policy) if v.phone_first]
    units = Counter(vacancy.site_id for vacancy in stale)
    useful = _could_use(ground, {vacancy.unit_id for vacancy in stale}, policy)
    rows = session.execute(
        select(SITE.c.site_id, SITE.c.provider_id, SITE.c.availability_confirmed_at, PROVIDER.c.contact)
        .join(PROVIDER, PROVIDER.c.provider_id == SITE.c.provider_id)
        .where(SITE.c.site_id.in_(list(units)))
    )
    calls = [
        Call(
            site_id=row.site_id,
            provider_id=row.provider_id,
            contact=row.contact,
            availability_confirmed_at=row.availability_confirmed_at,
            vacant_units=units[row.site_id],
            could_use=useful.get(row.site_id, dict.fromkeys(Priority, 0)),
        )
        for row in rows
    ]
    return tuple(sorted(calls, key=lambda call: ([-call.could_use[p] for p in Priority], call.site_id)))


def _vacancies(session: Session, actor: Actor, clock: Clock, policy: Policy) -> list[Vacancy]:
    require(actor, Permission.SEE_SITES)
    tonight, seen = clock.today, sites_of(actor)
    units = {
        row.unit_id: row
        for row in session.execute(
            select(UNIT, SITE.c.nation, SITE.c.region, SITE.c.availability_confirmed_at)
            .join(SITE, SITE.c.site_id == UNIT.c.site_id)
            .where(seen)
        )
    }
    beds = load_histories(session, tonight, tonight + ONE_NIGHT, clock=clock, where=seen)
    found: list[Vacancy] = []
    for unit_id, of_unit in groupby(beds, attrgetter("unit_id")):
        unit = units[unit_id]
        singles, cots = _vacant(list(of_unit), Sharing(unit.sharing), clock)
        if singles:
            found.append(
                Vacancy(
                    unit_id=unit_id,
                    site_id=unit.site_id,
                    nation=Nation(unit.nation),
                    region=unit.region,
                    sharing=Sharing(unit.sharing),
                    step_free=unit.step_free,
                    singles=singles,
                    cots=cots,
                    availability_confirmed_at=unit.availability_confirmed_at,
                    phone_first=is_stale(unit.availability_confirmed_at, clock, policy),
                )
            )
    return sorted(found, key=attrgetter("unit_id"))


def _vacant(beds: list[LocatedBed], sharing: Sharing, clock: Clock) -> tuple[int, int]:
    """Return how many singles and cots of a unit are vacant; a cot alone is nobody's place."""
    states = [state_on(bed.history, clock.today) for bed in beds]
    if sharing is Sharing.HOUSEHOLD and not IN_USE.isdisjoint(states):
        return 0, 0
    vacant = [bed for bed, state in zip(beds, states, strict=True) if state is BedState.VACANT]
    cots = sum(bed.kind == BedKind.COT for bed in vacant)
    return len(vacant) - cots, cots


def _could_use(ground: Ground, units: set[str], policy: Policy) -> dict[str, dict[Priority, int]]:
    """Return for each site, by priority, how many households could go into one of these units of it."""
    estate = ground.estate
    households = [
        referral
        for referral in taking_part(estate, ground.clock)
        if not_for_a_round(estate.people_of[referral.referral_id]) is None
    ]
    if not households or not units:
        return {}
    # The rules say the same of a unit whatever other sites there are: only these are judged.
    places = {estate.unit_by_id[UnitRef(unit)].site_id for unit in units}
    rows = [row for row, ref in enumerate(ground.standing.sites.refs) if ref in places]
    there = replace(ground, standing=ground.standing.within(np.array(rows, dtype=np.int64)))
    verdicts = judge(there, households, policy.periods)
    compiled, sites = verdicts.pairing.units, verdicts.pairing.sites
    asked = np.flatnonzero([ref in units for ref in compiled.refs])
    by_site = asked[np.argsort(compiled.site[asked], kind="stable")]
    columns, starts = np.unique(compiled.site[by_site], return_index=True)
    able = np.logical_or.reduceat(verdicts.free[:, by_site], starts, axis=1)
    of_priority = np.array([[one.counts_as is priority for one in households] for priority in Priority])
    counts = of_priority.astype(np.int64) @ able.astype(np.int64)
    return {
        sites.refs[column]: dict(zip(Priority, counts[:, place].tolist(), strict=True))
        for place, column in enumerate(columns.tolist())
    }
