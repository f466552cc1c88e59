"""Rounds: run one, keep it, and replay it months later."""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.periods import RecoveryPeriod
from beds.domain.points import MismatchPoints
from beds.domain.terms import Outcome, Priority
from beds.roles import Actor, Permission, require
from beds.services.freezing import freeze
from optimiser.allocation import MODEL_VERSION, Progress, allocate
from optimiser.problem import Problem
from optimiser.result import RoundJson, round_json

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True, slots=True)
class Round:
    """A frozen problem and its answer."""

    problem: Problem
    result: RoundJson

    @property
    def result_json(self) -> str:
        """The answer as JSON text, the same bytes for the same answer."""
        return as_json(self.result)


@dataclass(frozen=True, slots=True)
class Replay:
    """A stored round solved again.

    `exempt`: it was cut short by time, so that another answer may be as good. `versions_differ` names what
    has another version now than then.
    """

    run_id: str
    equal: bool
    exempt: bool
    versions_differ: tuple[str, ...]
    result: RoundJson


@dataclass(frozen=True, slots=True)
class KeptRound:
    """A stored round as people look at it: its answer, and the priority that each household counted as."""

    run_id: str
    recorded_at: datetime
    result: RoundJson
    priority_of: Mapping[str, Priority]

    @property
    def clock(self) -> Clock:
        """The round's own instant."""
        return Clock(datetime.fromisoformat(self.result["as_at"]))

    def households_by_outcome(self) -> dict[str, dict[Priority, int]]:
        """Return how many households were `placed`, or had which outcome, by priority; no empty rows."""
        found = [("placed", row["referral_id"]) for row in self.result["placements"]]
        found += [(row["outcome"], row["referral_id"]) for row in self.result["unplaced"]]
        counts = Counter((outcome, self.priority_of[ref]) for outcome, ref in found)
        rows = {
            outcome: {priority: counts[outcome, priority] for priority in Priority}
            for outcome in ("placed", *Outcome)
        }
        return {outcome: row for outcome, row in rows.items() if any(row.values())}


def as_json(answer: object) -> str:
    """Return an answer as JSON text for people and programs."""
    return json.dumps(answer, indent=2, ensure_ascii=False) + "\n"


def run_round(
    estate: Estate,
    clock: Clock,
    *,
    periods: Iterable[RecoveryPeriod],
    points: MismatchPoints,
    time_limit_s: float | None = None,
    on_progress: Progress | None = None,
) -> Round:
    """Return a round on an estate at an instant. It advises; it changes nothing."""
    if on_progress:
        on_progress("judging every household against every unit")
    problem = freeze(estate, clock, periods, points)
    allocation = allocate(problem, time_limit_s=time_limit_s, on_progress=on_progress)
    return Round(problem, round_json(problem, allocation))


def keep_round(session: Session, actor: str, held: Round, at: datetime) -> str:
    """Store a round with its frozen problem and proposals, and return its run's identifier."""
    from beds.store.rounds import RoundVersions, save_round

    return save_round(
        session,
        actor=actor,
        at=at,
        result_json=held.result_json,
        problem_json=held.problem.to_json(),
        versions=RoundVersions(**versions()),
    )


def latest_round(session: Session, actor: Actor) -> KeptRound | None:
    """Return the round that was stored last, of the cases that the actor may see; None where there is none.

    Raises
    ------
    NotPermitted
        The actor sees no cases.
    """
    from beds.services.reading import cases_seen, round_seen
    from beds.store.rounds import latest_round_id, load_round

    require(actor, Permission.SEE_CASES)
    run_id = latest_round_id(session)
    if run_id is None:
        return None
    stored, seen = load_round(session, run_id), cases_seen(session, actor)
    tiers, problem = tuple(Priority), Problem.from_json(stored.problem_json)
    return KeptRound(
        run_id=run_id,
        recorded_at=stored.recorded_at,
        result=round_seen(json.loads(stored.result_json), seen),
        priority_of={r.ref: tiers[r.tier] for r in problem.requests if r.ref in seen},
    )


def replay_round(session: Session, run_id: str, *, on_progress: Progress | None = None) -> Replay:
    """Return a stored round solved again from its frozen problem, and whether the answer is the same.

    Raises
    ------
    NotFound
        There is no such run.
    Anonymised
        A household of it was anonymised since: its frozen problem cannot be read again.
    """
    from beds.store.rounds import load_round

    stored = load_round(session, run_id)
    problem = Problem.from_json(stored.problem_json)
    again = round_json(problem, allocate(problem, on_progress=on_progress))
    then, now = asdict(stored.versions), versions()
    return Replay(
        run_id=run_id,
        equal=as_json(again) == stored.result_json,
        exempt=stored.status != "optimal",
        versions_differ=tuple(name for name, then_version in then.items() if now[name] != then_version),
        result=again,
    )


def versions() -> dict[str, str]:
    """Return the versions that an answer depends on."""
    solvers = f"{version('ortools')}+highs{version('highspy')}"
    return {"model": MODEL_VERSION, "ortools": solvers, "python": platform.python_version()}
