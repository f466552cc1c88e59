"""The program that solves one round: an order comes in, words of progress and the answer go out.

It ends when its reader does. It opens no database and has no keys.
"""

from __future__ import annotations

import os
import pickle
import sys
from typing import TYPE_CHECKING

from beds.errors import BedsError
from beds.services.rounds import Round, run_round
from beds.services.solving import Words
from optimiser.allocation import Progress

if TYPE_CHECKING:
    from beds.services.solving import Order


def solve(order: Order, tell: Progress) -> Round | BedsError:
    """Return the answer to an order, or why it is refused."""
    try:
        return run_round(
            order.estate,
            order.clock,
            periods=order.policy.periods,
            points=order.policy.points,
            kept=order.kept,
            time_limit_s=order.time_limit_s,
            on_progress=tell,
        )
    except BedsError as refusal:
        return refusal


def main() -> None:
    """Solve the order on standard input."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints is no answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def say(told: object) -> None:
        pickle.dump(told, answers)
        answers.flush()

    order = pickle.load(sys.stdin.buffer)  # noqa: S301 from the process that started this one
    say(solve(order, lambda words: say(Words(words))))


if __name__ == "__main__":
    main()
