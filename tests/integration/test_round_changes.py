"""What is another answer than in the round before: new, gone, moved, placed now or not any more."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.clock import Clock
from beds.domain.estate import Estate
from beds.domain.terms import Nation, Priority
from beds.errors import NotFound, NotPermitted
from beds.roles import Actor
from beds.services.kept_rounds import keep_run
from beds.services.round_changes import Change, RoundChanges, compare_rounds, round_before
from beds.services.rounds import run_round
from tests.builders import CLOCK, a_bed, a_hold, a_person, a_referral, a_small_estate, a_unit
from tests.integration.live import (
    ALL_NATIONS,
    ENGLISH,
    NOBODYS_CASES,
    PROVIDER,
    ask,
    change,
    later,
    the_policy,
)
from tests.integration.recorded import bring_in

EVERYBODY = ("R1", "R2", "R3", "R4", "R5", "R6")


def an_estate(**referrals: dict[str, Any]) -> Estate:
    """Return six households, of whom R5 is Scottish, before two units; each with its changes."""
    return a_small_estate(
        units=(a_unit(), a_unit("U2")),
        beds=(a_bed(), a_bed("B2", "U2")),
        referrals=tuple(
            a_referral(
                ref, **{**({"nation": Nation.SCOTLAND} if ref == "R5" else {}), **referrals.get(ref, {})}
            )
            for ref in EVERYBODY
        ),
        people=tuple(a_person(f"A-{ref}", ref) for ref in EVERYBODY),
    )


URGENT, EMERGENCY = {"priority": Priority.URGENT}, {"priority": Priority.EMERGENCY}
NOT_TONIGHT = {"needed_from": later(days=9).today}


def kept(engine: Engine, estate: Estate, *, minutes: int, **options: Any) -> str:
    """Keep a round on an estate, some minutes after noon, and return its run."""
    policy, clock = the_policy(), CLOCK
    held = run_round(estate, clock, periods=policy.periods, points=policy.points, **options)
    at: Clock = later(minutes=minutes)
    line = change(engine, keep_run, ALL_NATIONS, held, at=at)
    return line.run_id


@pytest.fixture
def two_rounds(engine: Engine) -> tuple[Engine, str, str]:
    """Give two rounds: R1 and R2 placed, then R1 moved, R3 placed in R2's stead, R6 gone and R4 new."""
    before = an_estate(R1=URGENT, R2=URGENT, R4=NOT_TONIGHT)
    after = an_estate(R1=EMERGENCY, R2={}, R3=EMERGENCY, R6=NOT_TONIGHT, R5={"cross_border": True})
    bring_in(engine, before)
    first = kept(engine, before, minutes=0, kept={"R1": "U1"})
    return engine, first, kept(engine, after, minutes=5, kept={"R1": "U2"})


def compared(engine: Engine, now: str, before: str, actor: Actor = ENGLISH) -> RoundChanges:
    """Return what has changed, as somebody sees it."""
    return ask(engine, compare_rounds, actor, now, before)


def test_each_household_whose_answer_is_another_one_is_told_how(two_rounds: tuple[Engine, str, str]) -> None:
    engine, first, second = two_rounds

    found = compared(engine, second, first)

    assert [(one.referral_id, one.change) for one in found.households] == [
        ("R4", Change.NEW),
        ("R6", Change.GONE),
        ("R1", Change.MOVED),
        ("R3", Change.NOW_PLACED),
        ("R2", Change.NO_LONGER_PLACED),
    ]
    moved = found.households[2]
    assert moved.before is not None
    assert moved.now is not None
    assert (moved.before.unit_id, moved.now.unit_id) == ("U1", "U2")


def test_a_case_that_may_not_be_seen_is_counted_only(two_rounds: tuple[Engine, str, str]) -> None:
    engine, first, second = two_rounds

    english, everybody = (compared(engine, second, first, actor) for actor in (ENGLISH, ALL_NATIONS))

    assert english.counts == everybody.counts
    assert english.counts[Change.OTHER_REASON] == 1
    assert "R5" not in repr(english)
    assert everybody.households[-1].referral_id == "R5"
    assert english.same == 0


def test_how_much_better_each_level_is_now_is_said(two_rounds: tuple[Engine, str, str]) -> None:
    engine, first, second = two_rounds

    assert compared(engine, second, first).levels == {
        "emergency": 2,
        "urgent": -2,
        "standard": 0,
        "days_waited": 0,
        "mismatch": 0,
    }


def test_a_round_is_the_same_as_itself(two_rounds: tuple[Engine, str, str]) -> None:
    engine, first, _ = two_rounds

    found = compared(engine, first, first)

    assert (found.households, found.counts, found.same) == ((), {}, 5)


def test_the_round_before_is_the_one_kept_last_until_then(two_rounds: tuple[Engine, str, str]) -> None:
    engine, first, second = two_rounds

    assert ask(engine, round_before, ENGLISH, second) == first
    assert ask(engine, round_before, ENGLISH, first) is None


@pytest.mark.parametrize("actor", [PROVIDER, *NOBODYS_CASES], ids=lambda actor: actor.user_id)
def test_who_sees_no_case_is_refused(sqlite_engine: Engine, actor: Actor) -> None:
    with pytest.raises(NotPermitted):
        compared(sqlite_engine, "run-1", "run-2", actor)
    with pytest.raises(NotPermitted):
        ask(sqlite_engine, round_before, actor, "run-1")


def test_a_round_that_is_not_there_is_not_found(sqlite_engine: Engine) -> None:
    with pytest.raises(NotFound):
        compared(sqlite_engine, "run-1", "run-2")
    with pytest.raises(NotFound):
        ask(sqlite_engine, round_before, ENGLISH, "run-1")


def test_a_held_household_is_gone_from_the_next_round(sqlite_engine: Engine) -> None:
    before = an_estate()
    bring_in(sqlite_engine, before)
    first = kept(sqlite_engine, before, minutes=0)
    second = kept(sqlite_engine, before.with_rows(holds=(a_hold("R1", "B1"),)), minutes=5)

    found = compared(sqlite_engine, second, first)

    assert ("R1", Change.GONE) in [(one.referral_id, one.change) for one in found.households]
