"""A round as a person works with it: its proof, each proposal with what became of it, and why not the others.

Of cases that the actor may see, in line; the rest are counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from beds.domain.records import METADATA
from beds.domain.records.rounds import ProposalState
from beds.domain.terms import Nation, Outcome, Priority
from beds.roles import Actor
from beds.services.cases import queue_rank
from beds.services.kept_rounds import PLACED, RoundLine, list_rounds, read_round
from beds.services.proposals import ProposalView, list_proposals
from beds.services.visibility import cases_of
from optimiser.result import UnplacedJson

REFERRAL, UNIT, SITE = (METADATA.tables[name] for name in ("referral", "unit", "site"))


@dataclass(frozen=True, slots=True)
class Proposed:
    """A household that is proposed a unit in a region; `kept`: a person had settled it before the round."""

    priority: Priority
    region: str
    proposal: ProposalView
    kept: bool

    @property
    def is_open(self) -> bool:
        """Whether it can still be accepted or set aside."""
        return self.proposal.state is ProposalState.PROPOSED


@dataclass(frozen=True, slots=True)
class NotPlaced:
    """A household that took part and is not placed; `nation` is where it was referred."""

    priority: Priority
    nation: Nation
    row: UnplacedJson


@dataclass(frozen=True, slots=True)
class RoundPicture:
    """A round: `priority` is what a household counts as now; `others` counts cases not shown by outcome."""

    line: RoundLine
    bound: Mapping[str, int | None]
    proposed: tuple[Proposed, ...]
    not_placed: tuple[NotPlaced, ...]
    others: Mapping[str, int]

    def by_outcome(self) -> dict[str, dict[Priority, int]]:
        """Return how many households shown were placed, or had which outcome, by priority; no empty rows."""
        found = [(PLACED, one.priority) for one in self.proposed]
        found += [(one.row["outcome"], one.priority) for one in self.not_placed]
        counts = Counter(found)
        rows = {
            outcome: {priority: counts[outcome, priority] for priority in Priority}
            for outcome in (PLACED, *Outcome)
        }
        return {outcome: row for outcome, row in rows.items() if any(row.values())}


def newest_rounds(session: Session, actor: Actor, *, most: int = 20) -> tuple[RoundLine, ...]:
    """Return the rounds that are kept, the newest first.

    Raises
    ------
    NotPermitted
        The actor sees no cases.
    """
    return list_rounds(session, actor, limit=most).rows


def round_picture(session: Session, actor: Actor, run_id: str) -> RoundPicture:
    """Return a round as the actor works with it.

    Raises
    ------
    NotPermitted, NotFound
        The actor sees no cases, or there is no such round.
    """
    view = read_round(session, actor, run_id)
    proposals = {one.referral_id: one for one in list_proposals(session, actor, run_id).proposals}
    unplaced = {row["referral_id"]: row for row in view.unplaced}
    kept = {row["referral_id"] for row in view.placements if row.get("kept", False)}
    in_line = _in_line(session, actor, [*proposals, *unplaced])
    regions = _regions(session, (one.unit_id for one in proposals.values()))
    return RoundPicture(
        line=view.line,
        bound=view.bound,
        proposed=tuple(
            Proposed(priority, regions.get(proposals[ref].unit_id, ""), proposals[ref], ref in kept)
            for ref, (priority, _) in in_line.items()
            if ref in proposals
        ),
        not_placed=tuple(
            NotPlaced(priority, nation, unplaced[ref])
            for ref, (priority, nation) in in_line.items()
            if ref in unplaced
        ),
        others=view.others,
    )


def _in_line(
    session: Session, actor: Actor, referral_ids: Sequence[str]
) -> dict[str, tuple[Priority, Nation]]:
    """Return what each of some cases that the actor may see counts as, and its nation, in line."""
    which = REFERRAL.c.referral_id.in_(referral_ids) & cases_of(actor)
    order = (queue_rank, REFERRAL.c.received_at, REFERRAL.c.referral_id)
    columns = (REFERRAL.c.referral_id, REFERRAL.c.nation, queue_rank.label("rank"))
    rows = session.execute(select(*columns).where(which).order_by(*order))
    tiers = tuple(Priority)
    return {row.referral_id: (tiers[row.rank], Nation(row.nation)) for row in rows}


def _regions(session: Session, unit_ids: Iterable[str]) -> dict[str, str]:
    rows = session.execute(
        select(UNIT.c.unit_id, SITE.c.region).join(SITE).where(UNIT.c.unit_id.in_(set(unit_ids)))
    )
    return {row.unit_id: row.region for row in rows}
