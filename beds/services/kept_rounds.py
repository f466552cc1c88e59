"""Rounds as people ask for them: run on the estate as it is, kept, and looked at again.

A round is advice about every case there is. What it says of cases that the actor may not see is counts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlmodel import Session

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.records import METADATA
from beds.domain.records.rounds import ProposalState
from beds.errors import BadInput, NotFound
from beds.roles import Actor, Permission, require
from beds.services.pages import Page, page_of
from beds.services.reading import seen_among
from beds.services.rounds import Round, keep_round
from beds.store.loading import load_estate
from optimiser.result import PlacementJson, UnplacedJson

ROUND, PROPOSAL, REFERRAL = (METADATA.tables[name] for name in ("allocation_round", "proposal", "referral"))
PLACED: Final = "placed"


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round in a list: when it was asked and kept, whether it is proven, how many proposals are open."""

    run_id: str
    as_at: datetime
    recorded_at: datetime
    status: str
    objective: Mapping[str, int]
    proposals: int
    open_proposals: int


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round: its answer for the cases that the actor may see; `others` counts the rest by outcome."""

    line: RoundLine
    bound: Mapping[str, int | None]
    placements: tuple[PlacementJson, ...]
    unplaced: tuple[UnplacedJson, ...]
    others: Mapping[str, int]


def estate_for_round(session: Session, actor: Actor, *, clock: Clock) -> Estate:
    """Return the estate that a round is run on: all of it, for a round on a part would promise beds twice.

    Raises
    ------
    NotPermitted
        The actor may not run rounds.
    """
    require(actor, Permission.RUN_ROUNDS)
    return load_estate(session, current_only_from=clock.today)


def keep_run(session: Session, actor: Actor, run: Round, *, clock: Clock) -> RoundLine:
    """Keep a round and its proposals, and return its line; open proposals of earlier rounds are stale then.

    Raises
    ------
    NotPermitted
        The actor may not run rounds.
    """
    require(actor, Permission.RUN_ROUNDS)
    run_id = keep_round(session, actor.user_id, run, clock.as_at)
    return _line(session.execute(_lines().where(ROUND.c.run_id == run_id)).one())


def list_rounds(
    session: Session, actor: Actor, *, after: str | None = None, limit: int = 50
) -> Page[RoundLine]:
    """Return the rounds that are kept, the newest first.

    Raises
    ------
    NotPermitted
        The actor sees no cases.
    BadInput
        The cursor is not one of a page before.
    """
    require(actor, Permission.SEE_CASES)
    found = _lines().order_by(ROUND.c.recorded_at.desc(), ROUND.c.run_id.desc()).limit(limit + 1)
    if after is not None:
        last = session.execute(select(ROUND.c.recorded_at).where(ROUND.c.run_id == after)).scalar()
        if last is None:
            raise BadInput("cursor: the one that the page before gave is accepted")
        earlier = and_(ROUND.c.recorded_at == last, ROUND.c.run_id < after)
        found = found.where(or_(ROUND.c.recorded_at < last, earlier))
    return page_of([_line(row) for row in session.execute(found)], limit, lambda line: line.run_id)


def read_round(session: Session, actor: Actor, run_id: str) -> RoundView:
    """Return a round: who was proposed what, and why not the others, of the cases that the actor may see.

    Raises
    ------
    NotPermitted, NotFound
        The actor sees no cases, or there is no such round.
    """
    require(actor, Permission.SEE_CASES)
    row = session.execute(_lines(ROUND.c.result).where(ROUND.c.run_id == run_id)).one_or_none()
    if row is None:
        raise NotFound("there is no such round")
    result = json.loads(row.result)
    everybody = [answer["referral_id"] for kind in ("placements", "unplaced") for answer in result[kind]]
    seen = seen_among(session, actor, everybody)
    others = Counter(PLACED for place in result["placements"] if place["referral_id"] not in seen)
    others.update(no["outcome"] for no in result["unplaced"] if no["referral_id"] not in seen)
    return RoundView(
        line=_line(row),
        bound=result["bound"],
        placements=tuple(place for place in result["placements"] if place["referral_id"] in seen),
        unplaced=tuple(no for no in result["unplaced"] if no["referral_id"] in seen),
        others=dict(sorted(others.items())),
    )


def _lines(*more: Any) -> Select[Any]:
    columns = [ROUND.c[name] for name in ("run_id", "as_at", "recorded_at", "status", "objective")]
    of_round = select(func.count()).select_from(PROPOSAL).where(PROPOSAL.c.run_id == ROUND.c.run_id)
    still_open = of_round.where(PROPOSAL.c.state == ProposalState.PROPOSED)
    return select(
        *columns,
        *more,
        of_round.scalar_subquery().label("proposals"),
        still_open.scalar_subquery().label("open_proposals"),
    )


def _line(row: Row[Any]) -> RoundLine:
    return RoundLine(
        run_id=row.run_id,
        as_at=row.as_at,
        recorded_at=row.recorded_at,
        status=row.status,
        objective=row.objective,
        proposals=row.proposals,
        open_proposals=row.open_proposals,
    )
