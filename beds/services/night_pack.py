"""What somebody out of hours needs on one page: who waits, where each could go, whom to phone, what is held.

Of cases that the actor may see, by opaque reference. No name of a survivor and no address is in it; of a
provider, how to reach it. Nothing here decides anything: a claim judges every rule again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.households import not_for_a_round
from beds.domain.mismatch import mismatch_points
from beds.domain.next_free import calendar
from beds.domain.points import MISMATCH_KINDS
from beds.domain.records import METADATA
from beds.domain.records.rounds import ProposalState
from beds.domain.referral import Referral
from beds.domain.terms import ReferralRef
from beds.errors import BadInput
from beds.roles import Actor
from beds.services.freezing import NOTHING_IN_THE_WAY, Ground, Verdicts, WhyNot, judge, why_not
from beds.services.holds import HoldView
from beds.services.in_line import InLine, holds_in_force, households_in_line
from beds.services.options import not_yet_asked
from beds.services.policy import Policy
from beds.services.reading import ReadLog
from beds.services.sites import is_stale
from beds.services.vacancies import Call, call_list
from beds.services.visibility import cases_of, sites_of
from optimiser.result import BarrierJson, barriers_json

SITE, PROVIDER, PROPOSAL, REFERRAL = (
    METADATA.tables[name] for name in ("site", "provider", "proposal", "referral")
)

OPTIONS_EACH: Final = 3
MOST_HOUSEHOLDS: Final = 200
USUAL_HOUSEHOLDS: Final = 40


@dataclass(frozen=True, slots=True)
class NightOption:
    """A unit that a household could have tonight, until a date, with what is not ideal in points."""

    unit_id: str
    site_id: str
    until: date
    mismatch: Mapping[str, int]
    points: int


@dataclass(frozen=True, slots=True)
class NightHousehold:
    """A household that waits: its best units tonight, or why there are none and what could be talked over.

    `proposed` is the unit of an open proposal of a round. `options_in_all` counts more than are listed.
    """

    line: InLine
    proposed: str | None
    best: tuple[NightOption, ...]
    options_in_all: int
    outcome: str | None
    free_on: date | None
    ask: tuple[BarrierJson, ...]
    not_yet_asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NightSite:
    """A site that is on the page: its area, how to reach its provider, whether to phone before promising."""

    site_id: str
    provider_id: str
    region: str
    contact: str | None
    confirmed_at: datetime | None
    phone_first: bool


@dataclass(frozen=True, slots=True)
class NightPack:
    """The page: households in line, sites by reference, the order to phone in, the holds in force.

    `waiting_more` are households that wait and are not listed: those at the end of the line.
    """

    as_at: datetime
    night: date
    households: tuple[NightHousehold, ...]
    waiting_more: int
    sites: Mapping[str, NightSite]
    calls: tuple[Call, ...]
    holds: tuple[HoldView, ...]


def night_pack(
    session: Session,
    actor: Actor,
    ground: Ground,
    *,
    policy: Policy,
    log: ReadLog,
    most: int = USUAL_HOUSEHOLDS,
) -> NightPack:
    """Return the night pack at the instant of the ground; that these cases were looked at is kept.

    Parameters
    ----------
    most : how many households are listed, 1 to 200, the first in line

    Raises
    ------
    NotPermitted
        The actor sees no cases.
    BadInput
        `most` is out of range.
    """
    if not 1 <= most <= MOST_HOUSEHOLDS:
        raise BadInput(f"most: 1 to {MOST_HOUSEHOLDS} is accepted")
    clock = ground.clock
    queue = [line for line in households_in_line(session, actor, ground) if not line.is_held]
    queue = [line for line in queue if _is_needed_now(ground, line)]
    for line in queue[:most]:
        log.case_read(actor.user_id, line.referral_id, clock.as_at)
    households = _households(ground, queue[:most], _proposed(session, actor), policy)
    holds = holds_in_force(session, actor, ground, policy=policy)
    calls = call_list(session, actor, ground, policy=policy)
    named = {option.site_id for one in households for option in one.best} | {call.site_id for call in calls}
    return NightPack(
        as_at=clock.as_at,
        night=clock.today,
        households=households,
        waiting_more=len(queue) - len(households),
        sites=_sites(session, actor, named | {hold.site_id for hold in holds}, clock, policy),
        calls=calls,
        holds=holds,
    )


def _is_needed_now(ground: Ground, line: InLine) -> bool:
    needed_from = ground.estate.referral_by_id[ReferralRef(line.referral_id)].needed_from
    return needed_from <= ground.clock.calendar_date


def _households(
    ground: Ground, queue: Sequence[InLine], proposed: Mapping[str, str], policy: Policy
) -> tuple[NightHousehold, ...]:
    estate = ground.estate
    referrals = {line.referral_id: estate.referral_by_id[ReferralRef(line.referral_id)] for line in queue}
    settled = {ref: not_for_a_round(estate.people_of[one.referral_id]) for ref, one in referrals.items()}
    judged = [one for ref, one in referrals.items() if settled[ref] is None]
    found = _judged(ground, judged, policy) if judged else {}
    nothing: tuple[tuple[NightOption, ...], int] = ((), 0)
    households = []
    for line in queue:
        (best, count), why = found.get(line.referral_id, (nothing, NOTHING_IN_THE_WAY))
        people = estate.people_of[ReferralRef(line.referral_id)]
        households.append(
            NightHousehold(
                line=line,
                proposed=proposed.get(line.referral_id),
                best=best,
                options_in_all=count,
                outcome=settled[line.referral_id] or why.outcome,
                free_on=None if why.free_on is None else date.fromisoformat(why.free_on),
                ask=tuple(b for b in barriers_json(why.near_misses) if b["askable"]),
                not_yet_asked=tuple(not_yet_asked(referrals[line.referral_id], people)),
            )
        )
    return tuple(households)


Judged = dict[str, tuple[tuple[tuple[NightOption, ...], int], WhyNot]]


def _judged(ground: Ground, referrals: Sequence[Referral], policy: Policy) -> Judged:
    """Return the best units of each household and how many there are, and why there are none."""
    verdicts = judge(ground, referrals, policy.periods)
    free_at_all = np.asarray(verdicts.free.any(axis=1), dtype=np.bool_)
    dates = None
    if not free_at_all.all():
        wanted = np.asarray(verdicts.suitable[~free_at_all].any(axis=0), dtype=np.bool_)
        dates = calendar(ground.estate, verdicts.pairing, wanted)
    found: Judged = {}
    for row, ref in enumerate(verdicts.pairing.households.refs):
        why = NOTHING_IN_THE_WAY
        if dates is not None and not free_at_all[row]:
            why = why_not(verdicts, row, dates, ground.clock)
        found[ref] = _best(verdicts, row, ground.clock, policy), why
    return found


def _best(verdicts: Verdicts, row: int, clock: Clock, policy: Policy) -> tuple[tuple[NightOption, ...], int]:
    units = np.flatnonzero(verdicts.free[row])
    points = mismatch_points(verdicts.pairing, np.full_like(units, row), units, policy.points)
    first = np.argsort(points.sum(axis=1), kind="stable")[:OPTIONS_EACH]
    pairing = verdicts.pairing
    options = [
        NightOption(
            unit_id=pairing.units.refs[unit],
            site_id=pairing.sites.refs[pairing.units.site[unit]],
            until=clock.today + timedelta(days=int(pairing.nights[row, pairing.units.site[unit]])),
            mismatch={kind: worth for kind, worth in zip(MISMATCH_KINDS, row_points, strict=True) if worth},
            points=sum(row_points),
        )
        for unit, row_points in zip(units[first].tolist(), points[first].tolist(), strict=True)
    ]
    return tuple(options), len(units)


def _proposed(session: Session, actor: Actor) -> dict[str, str]:
    """Return the unit of each open proposal for a case that the actor may see."""
    rows = session.execute(
        select(PROPOSAL.c.referral_id, PROPOSAL.c.unit_id)
        .join(REFERRAL, REFERRAL.c.referral_id == PROPOSAL.c.referral_id)
        .where(PROPOSAL.c.state == ProposalState.PROPOSED, cases_of(actor))
    )
    return {row.referral_id: row.unit_id for row in rows}


def _sites(
    session: Session, actor: Actor, site_ids: set[str], clock: Clock, policy: Policy
) -> dict[str, NightSite]:
    columns = [SITE.c[name] for name in ("site_id", "provider_id", "region", "availability_confirmed_at")]
    rows = session.execute(
        select(*columns, PROVIDER.c.contact)
        .join(PROVIDER, PROVIDER.c.provider_id == SITE.c.provider_id)
        .where(SITE.c.site_id.in_(site_ids), sites_of(actor))
        .order_by(SITE.c.site_id)
    )
    return {
        row.site_id: NightSite(
            site_id=row.site_id,
            provider_id=row.provider_id,
            region=row.region,
            contact=row.contact,
            confirmed_at=row.availability_confirmed_at,
            phone_first=is_stale(row.availability_confirmed_at, clock, policy),
        )
        for row in rows
    }
