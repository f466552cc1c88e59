"""A round as a person works with it: proposals with what became of them, in line; and who may order one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.terms import Nation, Priority
from beds.errors import NotFound, NotPermitted
from beds.roles import Actor
from beds.services.kept_rounds import keep_run
from beds.services.proposals import accept_proposal, set_aside
from beds.services.round_orders import order_of_round
from beds.services.round_pictures import RoundPicture, newest_rounds, round_picture
from beds.services.rounds import run_round
from tests.builders import CLOCK, a_bed, a_unit
from tests.integration.live import (
    ALL_NATIONS,
    ENGLISH,
    NOBODYS_CASES,
    PROVIDER,
    SCOTTISH,
    ask,
    change,
    estate_now,
    later,
    the_policy,
)
from tests.integration.looking import found, waiting
from tests.integration.recorded import bring_in


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Give two units, and four who wait: R2 first in line, R4 of Scotland."""
    bring_in(
        engine,
        waiting(
            ("R1", {}, {}),
            ("R2", {"priority": Priority.EMERGENCY}, {}),
            ("R3", {"min_security_level": 3}, {}),
            ("R4", {"nation": Nation.SCOTLAND}, {}),
            units=(a_unit(), a_unit("U2")),
            beds=(a_bed(), a_bed("B2", "U2")),
        ),
    )
    return engine


def a_round(engine: Engine, minutes: int = 0, **options: Any) -> str:
    """Keep a round, some minutes after noon, and return its run."""
    policy = the_policy()
    held = run_round(estate_now(engine), CLOCK, periods=policy.periods, points=policy.points, **options)
    line = change(engine, keep_run, ALL_NATIONS, held, at=later(minutes=minutes))
    return line.run_id


def pictured(engine: Engine, run_id: str, actor: Actor = ENGLISH) -> RoundPicture:
    """Return a round as somebody works with it."""
    return ask(engine, round_picture, actor, run_id)


def test_proposals_and_the_others_come_in_line_with_what_they_count_as(filled: Engine) -> None:
    picture = pictured(filled, a_round(filled, kept={"R1": "U1"}))

    assert [(one.proposal.referral_id, one.priority, one.kept) for one in picture.proposed] == [
        ("R2", Priority.EMERGENCY, False),
        ("R1", Priority.STANDARD, True),
    ]
    assert picture.proposed[0].region == "E12000007"
    assert [one.row["referral_id"] for one in picture.not_placed] == ["R3"]
    assert picture.others == {"no_eligible_unit": 1}
    assert picture.by_outcome() == {
        "placed": {Priority.EMERGENCY: 1, Priority.URGENT: 0, Priority.STANDARD: 1},
        "no_eligible_unit": {Priority.EMERGENCY: 0, Priority.URGENT: 0, Priority.STANDARD: 1},
    }
    assert (picture.line.status, picture.bound["mismatch"]) == ("optimal", picture.line.objective["mismatch"])


def test_what_became_of_a_proposal_is_said(filled: Engine) -> None:
    run_id = a_round(filled)
    first, second = pictured(filled, run_id).proposed
    change(filled, accept_proposal, ENGLISH, run_id, first.proposal.proposal_id, policy=the_policy())
    change(filled, set_aside, ENGLISH, run_id, second.proposal.proposal_id, reason="she_is_not_ready")

    now = pictured(filled, run_id).proposed

    assert [(one.proposal.state.value, one.is_open) for one in now] == [
        ("accepted", False),
        ("set_aside", False),
    ]


def test_the_newest_round_comes_first(filled: Engine) -> None:
    first, second = a_round(filled), a_round(filled, minutes=5)

    assert [line.run_id for line in ask(filled, newest_rounds, ENGLISH)] == [second, first]
    assert len(ask(filled, newest_rounds, ENGLISH, most=1)) == 1


def test_an_order_is_of_the_whole_estate_and_of_choices_one_may_see(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, waiting(("R1", {}, {}), ("R2", {"nation": Nation.SCOTLAND}, {})))

    order = found(sqlite_engine, order_of_round, ENGLISH, kept={"R1": "U1"}, time_limit_s=5.0)

    assert [one.referral_id for one in order.estate.referrals] == ["R1", "R2"]
    assert (order.kept, order.time_limit_s) == ({"R1": "U1"}, 5.0)
    with pytest.raises(NotFound):
        found(sqlite_engine, order_of_round, ENGLISH, kept={"R2": "U1"})
    with pytest.raises(NotFound):
        found(sqlite_engine, order_of_round, SCOTTISH, kept={"R2": "U-none"})


@pytest.mark.parametrize("actor", [PROVIDER, *NOBODYS_CASES], ids=lambda actor: actor.user_id)
def test_who_may_not_is_refused(sqlite_engine: Engine, actor: Actor) -> None:
    with pytest.raises(NotPermitted):
        pictured(sqlite_engine, "run-1", actor)
    with pytest.raises(NotPermitted):
        ask(sqlite_engine, newest_rounds, actor)
    with pytest.raises(NotPermitted):
        found(sqlite_engine, order_of_round, actor)
