"""A bound on all five levels at once, and a first answer, from one minimum-cost flow.

The flow knows the rows of `constraints` except three: what one gender in a shared unit, several people of
one household in a shared unit, and keep-apart ask for. So its value bounds the round. The sets of households
that a flow can serve form a gammoid, and on a matroid every basis that is best for some positive weights is
best for all weights in the same order: ranks of (tier, days waited) do for the first four levels together.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimiser.check import unit_faults
from optimiser.constraints import free_singles, objective_of
from optimiser.problem import Ints, Problem


@dataclass(frozen=True, slots=True)
class Start:
    """A bound for the five levels, and the pairs of an answer that breaks no rule."""

    bound: tuple[int, ...]
    chosen: Ints


def start(problem: Problem) -> Start:
    """Return the flow's bound, and its answer after whatever breaks a rule is taken out and others put in."""
    if not len(problem.pairs):
        return Start(bound=(0, 0, 0, 0, 0), chosen=np.zeros(0, dtype=np.int64))
    chosen = _flow(problem)
    leaning = np.zeros(len(problem.pairs))
    leaning[chosen] = 1.0
    return Start(bound=objective_of(problem, chosen), chosen=repaired(problem, leaning))


def _flow(problem: Problem) -> Ints:
    """Return the pairs of a minimum-cost flow from households through units to one sink."""
    from ortools.graph.python import min_cost_flow

    households = len(problem.requests)
    entry, tails, heads, capacity, sink = _unit_network(problem, households)
    reward = _ranks(problem) * (households * int(problem.mismatch.sum(axis=1).max()) + 1)
    everyone = np.arange(households)
    count = len(problem.pairs)
    network = min_cost_flow.SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([problem.pairs[:, 0], everyone, tails]),
        np.concatenate([entry, np.full(households, sink), heads]),
        np.concatenate([np.ones(count + households, dtype=np.int64), capacity]),
        np.concatenate([problem.mismatch.sum(axis=1), reward, np.zeros(len(tails), dtype=np.int64)]),
    )
    network.set_nodes_supplies(
        np.append(everyone, sink), np.append(np.ones(households, dtype=np.int64), -households)
    )
    status = network.solve()
    if status != network.OPTIMAL:
        raise RuntimeError(f"the flow of a round always has an answer, yet its status is {status}")
    return np.flatnonzero(network.flows(arcs)[:count]).astype(np.int64)


def _unit_network(problem: Problem, first_node: int) -> tuple[Ints, Ints, Ints, Ints, int]:
    """Return the node that each pair enters, the arcs from there on, and the sink.

    A unit is one node; a shared unit is a chain, the longest stays first, each link as wide as there are
    beds free for so long.
    """
    lengths: dict[int, set[int]] = defaultdict(set)
    keys = [
        (unit, length if problem.units[unit].shared else 0)
        for unit, length in zip(problem.pairs[:, 1].tolist(), problem.nights.tolist(), strict=True)
    ]
    for unit, length in keys:
        lengths[unit].add(length)
    node: dict[tuple[int, int], int] = {}
    links: list[tuple[int, int | None, int]] = []
    for unit in sorted(lengths):
        onward: int | None = None
        for length in sorted(lengths[unit]):
            number = first_node + len(links)
            width = free_singles(problem, unit, length) if problem.units[unit].shared else 1
            links.append((number, onward, width))
            node[unit, length] = onward = number
    sink = first_node + len(links)
    tails, heads, widths = zip(*((a, sink if b is None else b, w) for a, b, w in links), strict=True)
    entry = np.array([node[key] for key in keys], dtype=np.int64)
    return entry, np.array(tails), np.array(heads), np.array(widths), sink


def _ranks(problem: Problem) -> Ints:
    """Return 1, 2, … in the order of what placing each household is worth: tier first, then days waited."""
    worth = [(-request.tier, request.days_waited) for request in problem.requests]
    place = {key: rank for rank, key in enumerate(sorted(set(worth)), start=1)}
    return np.array([place[key] for key in worth], dtype=np.int64)


def repaired(problem: Problem, leaning: NDArray[np.float64]) -> Ints:
    """Return an answer that breaks no rule, close to one that may: whichever pairs still fit, in turn.

    Parameters
    ----------
    leaning : ndarray, shape (P,)
        How much of each pair the other answer uses, 0 to 1: pairs are tried in that order, then in the order
        of what placing the household is worth, then by mismatch.
    """
    requests, units = problem.pairs[:, 0], problem.pairs[:, 1]
    worth = _ranks(problem)[requests]
    order = np.lexsort((units, requests, problem.mismatch.sum(axis=1), -worth, -leaning.round(3)))
    apart: dict[int, set[int]] = defaultdict(set)
    for a, b in problem.conflicts:
        apart[a].add(b)
        apart[b].add(a)
    site_of: dict[int, str] = {}
    in_unit: dict[int, list[tuple[int, int]]] = defaultdict(list)
    kept = []
    for pair in order.tolist():
        request, unit = int(requests[pair]), int(units[pair])
        if request in site_of or (in_unit[unit] and not problem.units[unit].shared):
            continue
        site = problem.units[unit].site
        if any(site_of.get(other) == site for other in apart[request]):
            continue
        if unit_faults(problem, [*in_unit[unit], (request, unit)]):
            continue
        site_of[request] = site
        in_unit[unit].append((request, unit))
        kept.append(pair)
    return np.array(sorted(kept), dtype=np.int64)
