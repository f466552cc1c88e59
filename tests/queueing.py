"""Queueing theory, by recursion from the formulas and nothing else: what a simulation must come to.

`offered` is arrivals per day times mean stay in days. A. K. Erlang (1917) for B and C; C. Palm (1957), in the
form of Mandelbaum and Zeltyn (2007), for A; J. D. C. Little (1961).
"""

from __future__ import annotations

from typing import NamedTuple


def erlang_b(offered: float, servers: int) -> float:
    """Return the share of arrivals that find every bed taken and go away, for any law of the stay."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return blocked


def erlang_c(offered: float, servers: int) -> float:
    """Return the share of arrivals that have to wait where all do wait; stays are exponential."""
    blocked = erlang_b(offered, servers)
    return servers * blocked / (servers - offered * (1.0 - blocked))


def mean_wait(offered: float, servers: int, mean_stay: float) -> float:
    """Return the mean wait of all arrivals in days, where all do wait."""
    return erlang_c(offered, servers) * mean_stay / (servers - offered)


class ErlangA(NamedTuple):
    """What comes of impatience: the shares that give up and that have to wait, the mean number waiting."""

    gives_up: float
    waits: float
    waiting: float


def erlang_a(rate: float, mean_stay: float, patience: float, servers: int) -> ErlangA:
    """Return what comes of exponential stays where who waits gives up after an exponential time.

    The birth-death chain is summed until what is left is negligible.
    """
    leaving, giving_up = 1.0 / mean_stay, 1.0 / patience
    weights = [1.0]
    while len(weights) < servers + 2 or weights[-1] > 1e-16 * max(weights):
        n = len(weights)
        weights.append(weights[-1] * rate / (min(n, servers) * leaving + max(n - servers, 0) * giving_up))
    total = sum(weights)
    waiting = sum((n - servers) * weight for n, weight in enumerate(weights) if n > servers) / total
    delayed = sum(weights[servers:]) / total
    return ErlangA(giving_up * waiting / rate, delayed, waiting)
