"""What has changed from one round to the next: who is new, gone, moved, and whose answer is another one.

Of cases that the actor may see; the others are counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlmodel import Session

from beds.domain.records import METADATA
from beds.errors import NotFound
from beds.roles import Actor, Permission, require
from beds.services.kept_rounds import PLACED
from beds.services.reading import seen_among
from optimiser.problem import LEVELS
from optimiser.result import RoundJson

ROUND = METADATA.tables["allocation_round"]


class Change(StrEnum):
    """How a household's answer differs from the one before."""

    NEW = "new"
    GONE = "gone"
    MOVED = "moved"
    NOW_PLACED = "now_placed"
    NO_LONGER_PLACED = "no_longer_placed"
    OTHER_REASON = "other_reason"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a round says of a household: the unit proposed, or why none is."""

    outcome: str
    unit_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChangedHousehold:
    """A household whose answer is another one; None where it did not take part."""

    referral_id: str
    change: Change
    before: Answer | None
    now: Answer | None


@dataclass(frozen=True, slots=True)
class RoundChanges:
    """What has changed from the round before; `levels` is how much more each level of the objective is now.

    `counts` are of everybody by kind of change, `households` of cases that the actor may see, in the order of
    kinds, then of references. `same` is how many have the same answer.
    """

    run_id: str
    before_id: str
    before_as_at: datetime
    levels: Mapping[str, int]
    counts: Mapping[Change, int]
    same: int
    households: tuple[ChangedHousehold, ...]


def round_before(session: Session, actor: Actor, run_id: str) -> str | None:
    """Return the run that was kept just before another, None where that was the first.

    Raises
    ------
    NotPermitted, NotFound
        The actor sees no cases, or there is no such round.
    """
    require(actor, Permission.SEE_CASES)
    kept_at = session.execute(select(ROUND.c.recorded_at).where(ROUND.c.run_id == run_id)).scalar()
    if kept_at is None:
        raise NotFound("there is no such round")
    earlier = select(ROUND.c.run_id).where(
        (ROUND.c.recorded_at < kept_at) | ((ROUND.c.recorded_at == kept_at) & (ROUND.c.run_id < run_id))
    )
    newest = earlier.order_by(ROUND.c.recorded_at.desc(), ROUND.c.run_id.desc()).limit(1)
    found: str | None = session.execute(newest).scalar()
    return found


def compare_rounds(session: Session, actor: Actor, run_id: str, before_id: str) -> RoundChanges:
    """Return what has changed from one round to another.

    Raises
    ------
    NotPermitted, NotFound
        The actor sees no cases, or there is no such round.
    """
    require(actor, Permission.SEE_CASES)
    now, before = _result(session, run_id), _result(session, before_id)
    answers, earlier = _answers(now), _answers(before)
    changed = [
        ChangedHousehold(ref, change, earlier.get(ref), answers.get(ref))
        for ref in sorted({*answers, *earlier})
        if (change := _change(earlier.get(ref), answers.get(ref))) is not None
    ]
    seen = seen_among(session, actor, [one.referral_id for one in changed])
    kinds = list(Change)
    found = sorted((one for one in changed if one.referral_id in seen), key=lambda c: kinds.index(c.change))
    counts = {kind: sum(one.change is kind for one in changed) for kind in kinds}
    return RoundChanges(
        run_id=run_id,
        before_id=before_id,
        before_as_at=datetime.fromisoformat(before["as_at"]),
        levels={level: now["objective"][level] - before["objective"][level] for level in LEVELS},
        counts={kind: count for kind, count in counts.items() if count},
        same=len({*answers, *earlier}) - len(changed),
        households=tuple(found),
    )


def _result(session: Session, run_id: str) -> RoundJson:
    text = session.execute(select(ROUND.c.result).where(ROUND.c.run_id == run_id)).scalar()
    if text is None:
        raise NotFound("there is no such round")
    result: RoundJson = json.loads(text)
    return result


def _answers(result: RoundJson) -> dict[str, Answer]:
    answers = {row["referral_id"]: Answer(PLACED, row["unit_id"]) for row in result["placements"]}
    return answers | {row["referral_id"]: Answer(row["outcome"]) for row in result["unplaced"]}


def _change(before: Answer | None, now: Answer | None) -> Change | None:
    """Return how two answers differ, None if they do not."""
    if before == now:
        return None
    if before is None:
        return Change.NEW
    if now is None:
        return Change.GONE
    were, are = before.unit_id is not None, now.unit_id is not None
    if were and are:
        return Change.MOVED
    if were != are:
        return Change.NOW_PLACED if are else Change.NO_LONGER_PLACED
    return Change.OTHER_REASON
