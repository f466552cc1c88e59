"""One round: who goes into which unit, best at five levels in strict order, with its proof.

Maximise, in this order and never trading one for another, the households placed of each tier, the days they
have waited, and minus their mismatch in points, subject to the rows of `constraints`. In three steps:

1. a flow gives a bound and a first answer (`start`); if they agree, that is the answer;
2. linear relaxations, level after level, give closer bounds and take away columns (`relaxation`);
3. branch and cut searches what is left (`exact`), within a radius of the bound: an answer no further from
   the bound than the radius is the best of all, because what was left out could only be further away.

Step 3 first takes every earlier level at its bound. Where that cannot be reached, the levels are searched one
by one. Ties are settled by this fixed search over references in their order, with one thread and one seed:
the same problem gives the same answer. Every answer is checked by `check` before it is returned.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from optimiser.check import objective, violations
from optimiser.constraints import Rows, build_rows, objective_of
from optimiser.exact import Found, search
from optimiser.highs import EPSILON
from optimiser.kept import faults_of_kept, kept_pairs, not_kept, rest_of
from optimiser.problem import LEVELS, TIERS, Ints, Problem
from optimiser.relaxation import Bound, Relaxation
from optimiser.start import repaired, start

MODEL_VERSION = "1"
"""Changes whenever the same problem may get another answer; stored with every round."""

COLUMNS_PER_HOUSEHOLD = 10
"""How many columns a household the first search gets; measured on 400 sites × 1,200 households."""
WIDENING = 4
"""How many times more columns the next search gets."""
MISMATCH = len(LEVELS) - 1

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Allocation:
    """The answer of a round.

    `assignment` has pairs of request and unit. `objective` and `bound` go by the names of `LEVELS`; a bound
    is None for a level after the first that is not proven. `optimal`: all five levels are proven.
    """

    assignment: tuple[tuple[int, int], ...]
    objective: dict[str, int]
    bound: dict[str, int | None]
    optimal: bool


def allocate(
    problem: Problem, *, time_limit_s: float | None = None, on_progress: Progress | None = None
) -> Allocation:
    """Return the best assignment of a problem, or the best found when the time is up.

    Parameters
    ----------
    problem : Problem
    time_limit_s : float, optional
        Seconds; without it the search runs until the answer is proven.
    on_progress : callable, optional
        Told in a few words what is being done.

    Raises
    ------
    ValueError
        The households that are to be kept cannot be, each or together.
    RuntimeError
        The answer breaks a rule: a defect here, and nothing is returned.
    """
    kept = kept_pairs(problem)
    if len(kept):
        return _around(problem, kept, time_limit_s=time_limit_s, on_progress=on_progress)
    deadline = math.inf if time_limit_s is None else time.monotonic() + time_limit_s
    tell = on_progress or (lambda _: None)
    tell("bounding the round")
    first = start(problem)
    state = _State(problem, deadline, tell, best=first.chosen, bound=_signed(first.bound))
    if state.value != state.bound:
        _prove(state)
    return _answer(problem, state)


def _around(
    problem: Problem, kept: Ints, *, time_limit_s: float | None, on_progress: Progress | None
) -> Allocation:
    """Return the best assignment of those that keep some pairs: the best of the rest, and these."""
    faults = faults_of_kept(problem, kept)
    if faults:
        raise ValueError("the households to be kept cannot be: " + "; ".join(faults))
    rest = rest_of(problem, kept)
    others = allocate(rest.problem, time_limit_s=time_limit_s, on_progress=on_progress)
    held = dict(zip(LEVELS, objective_of(problem, kept), strict=True))
    bound = {level: None if best is None else best + held[level] for level, best in others.bound.items()}
    assignment = sorted(
        [*map(tuple, problem.pairs[kept].tolist()), *((rest.places[r], u) for r, u in others.assignment)]
    )
    claimed = {level: others.objective[level] + held[level] for level in LEVELS}
    return _checked(problem, Allocation(tuple(assignment), claimed, bound, others.optimal))


@dataclass
class _State:
    """The best answer so far and what bounds it; levels signed so that more is better."""

    problem: Problem
    deadline: float
    tell: Progress
    best: Ints
    bound: tuple[int, ...]
    value: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.value = _signed(objective_of(self.problem, self.best))

    @property
    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()

    def offer(self, chosen: Ints) -> None:
        """Keep an answer if it is better than the best so far."""
        value = _signed(objective_of(self.problem, chosen))
        if value > self.value:
            self.best, self.value = chosen, value

    def tighten(self, level: int, at_most: int, proven: dict[int, int]) -> None:
        """Lower the bound of a level, given earlier levels at their best; what follows is open again."""
        before = tuple(proven.get(earlier, self.bound[earlier]) for earlier in range(level))
        if (*before, at_most) < self.bound[: level + 1]:
            self.bound = (*before, at_most, *_trivial_bound(self.problem)[level + 1 :])


def _prove(state: _State) -> None:
    """Search until the best answer is proven or the time is up."""
    rows = build_rows(state.problem)
    try:
        if not _at_the_bounds(state, rows):
            _level_by_level(state, rows)
    except TimeoutError:
        state.tell("time is up: the best answer so far")


def _at_the_bounds(state: _State, rows: Rows) -> bool:
    """Search with the first four levels at their relaxation's bounds; False if that cannot be reached."""
    relaxation = Relaxation(rows)
    usable = np.ones(rows.columns, dtype=np.bool_)
    targets: dict[int, int] = {}
    for level in range(MISMATCH):
        bound = _relax(state, relaxation, level)
        if bound is None:
            return False
        targets[level] = bound.whole
        state.tighten(level, bound.whole, targets)
        _narrow(relaxation, usable, bound, bound.value - bound.whole, targets, level)
    bound = _relax(state, relaxation, MISMATCH)
    if bound is None:
        return False
    # What the last relaxation leans to is close to a good answer. It is tried with and without a time limit:
    # answers are met in one fixed order, so that a limit can only cut the search short, never turn a tie.
    state.offer(repaired(state.problem, bound.use[: rows.pairs]))
    return _best_within(state, rows, usable, bound, targets, MISMATCH)


def _level_by_level(state: _State, rows: Rows) -> None:
    """Search each level in turn, each with the earlier ones at the values proven for them."""
    relaxation = Relaxation(rows)
    usable = np.ones(rows.columns, dtype=np.bool_)
    proven: dict[int, int] = {}
    for level in range(len(LEVELS)):
        bound = _relax(state, relaxation, level)
        if bound is None:
            raise RuntimeError(f"{LEVELS[level]}: no answer with what was proven before")
        state.tighten(level, bound.whole, proven)
        if not _best_within(state, rows, usable, bound, proven, level):
            raise RuntimeError(f"{LEVELS[level]}: no answer with what was proven before")
        proven[level] = state.value[level]
        _narrow(relaxation, usable, bound, bound.value - proven[level], proven, level)


def _relax(state: _State, relaxation: Relaxation, level: int) -> Bound | None:
    state.tell(f"bounding {LEVELS[level]}")
    return relaxation.best(level, state.seconds_left)


def _narrow(
    relaxation: Relaxation,
    usable: NDArray[np.bool_],
    bound: Bound,
    gap: float,
    kept: dict[int, int],
    level: int,
) -> None:
    """Take away the columns that no answer within `gap` of a level's bound uses; require the level."""
    too_far = bound.cost > gap + 2 * EPSILON
    usable &= ~too_far
    relaxation.rule_out(too_far)
    relaxation.require(level, kept[level])


def _best_within(
    state: _State,
    rows: Rows,
    usable: NDArray[np.bool_],
    bound: Bound,
    required: dict[int, int],
    level: int,
) -> bool:
    """Find the best answer of a level; False if there is none with what is required.

    Raises
    ------
    TimeoutError
        The time is up.
    """
    costs = np.sort(bound.cost[usable])
    reach = COLUMNS_PER_HOUSEHOLD * len(state.problem.requests)
    radius = float(costs[reach]) if reach < len(costs) else math.inf
    best: int | None = None
    while True:
        near = usable & (bound.cost <= radius + 2 * EPSILON)
        state.tell(f"searching {LEVELS[level]} among {int(near.sum()):,} placements")
        better = None if best is None else best + 1
        found = search(rows, near, required, level, better, state.seconds_left)
        if found.chosen is not None:
            state.offer(found.chosen)
        beyond = math.ceil(bound.value - radius - EPSILON) - 1 if radius < math.inf else None
        _tighten(state, level, found, beyond, best, required)
        if not found.complete:
            raise TimeoutError("the search was cut short")
        if found.chosen is not None:
            best = int(rows.objectives[level][found.chosen].sum())
        if beyond is None or (best is not None and best >= beyond):
            return best is not None
        reach *= WIDENING
        wider = float(costs[reach]) if reach < len(costs) else math.inf
        radius = wider if best is None else min(wider, bound.value - best)


def _tighten(
    state: _State, level: int, found: Found, beyond: int | None, best: int | None, required: dict[int, int]
) -> None:
    """Lower a level's bound to the best of: the search's own bound, the best before, and what lies beyond."""
    if found.bound is not None:
        limits = [limit for limit in (found.bound, beyond, best) if limit is not None]
        state.tighten(level, max(limits), required)


def _trivial_bound(problem: Problem) -> tuple[int, ...]:
    """Return what no answer can exceed: every household placed without mismatch."""
    tiers = [request.tier for request in problem.requests]
    waited = sum(request.days_waited for request in problem.requests)
    return (*(tiers.count(tier) for tier in range(len(TIERS))), waited, 0)


def _signed(levels: tuple[int, ...]) -> tuple[int, ...]:
    """Return levels such that more is better; its own inverse."""
    return (*levels[:MISMATCH], -levels[MISMATCH])


def _answer(problem: Problem, state: _State) -> Allocation:
    assignment = tuple((int(r), int(u)) for r, u in problem.pairs[state.best])
    claimed = dict(zip(LEVELS, _signed(state.value), strict=True))
    bounds: list[int | None] = list(_signed(state.bound))
    open_levels = [level for level in range(len(LEVELS)) if state.value[level] != state.bound[level]]
    if open_levels:
        bounds[open_levels[0] + 1 :] = [None] * (MISMATCH - open_levels[0])
    return _checked(
        problem, Allocation(assignment, claimed, dict(zip(LEVELS, bounds, strict=True)), not open_levels)
    )


def _checked(problem: Problem, found: Allocation) -> Allocation:
    """Return an answer that breaks no rule, keeps whom it must and is worth what it claims."""
    faults = violations(problem, found.assignment) + not_kept(problem, found.assignment)
    if not faults and objective(problem, found.assignment) != found.objective:
        faults = ["the objective claimed is not the one counted afresh"]
    if faults:
        raise RuntimeError("an answer that breaks a rule was found and thrown away: " + "; ".join(faults))
    return found
