"""A hold that is asked for twice under one key is placed once; two who race get one bed between them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from beds.errors import BedJustTaken, NotPermitted, PreferenceUnmet
from beds.roles import Actor
from beds.services.holds import HoldView
from beds.services.idempotency import KeyReused
from beds.services.keyed_holds import place_hold_once
from tests.builders import a_bed, a_person, a_small_estate, a_unit
from tests.integration.live import (
    ALL_NATIONS,
    ENGLISH,
    PROVIDER,
    WOMEN,
    change,
    count,
    the_policy,
    two_women,
)
from tests.integration.racing import WON, calls_of, race
from tests.integration.recorded import bring_in

KEY = "one-click-1"
TERMS: dict[str, Any] = {"reason": "offer_accepted", "policy": the_policy()}


def once(
    engine: Engine, key: str = KEY, unit: str = "U1", *, who: str = "R1", actor: Actor = ENGLISH
) -> HoldView:
    """Place a hold under a key."""
    hold: HoldView = change(engine, place_hold_once, actor, key, who, unit, **TERMS)
    return hold


def test_the_same_request_again_gives_the_same_hold(engine: Engine) -> None:
    bring_in(engine, two_women())

    first, again = once(engine), once(engine)

    assert first == again
    assert count(engine, "hold") == 1


def test_a_key_that_was_given_to_another_request_is_refused(engine: Engine) -> None:
    bring_in(engine, two_women())
    once(engine)

    with pytest.raises(KeyReused):
        once(engine, unit="U2")


def test_a_refusal_is_not_kept(engine: Engine) -> None:
    bring_in(engine, a_small_estate(people=(a_person(languages=frozenset({"sq"})),)))
    with pytest.raises(PreferenceUnmet):
        once(engine)

    hold = change(
        engine,
        place_hold_once,
        ENGLISH,
        "one-click-2",
        "R1",
        "U1",
        overrides={"language": "interpreter"},
        **TERMS,
    )

    assert hold.unit_id == "U1"


def test_two_sessions_that_race_for_one_bed_get_one_hold(engine: Engine) -> None:
    bring_in(engine, two_women(units=(a_unit(),), beds=(a_bed(),), people=WOMEN))

    outcomes = race(
        engine,
        [
            calls_of(place_hold_once, ENGLISH, "click-of-one", "R1", "U1", **TERMS),
            calls_of(place_hold_once, ALL_NATIONS, "click-of-two", "R2", "U1", **TERMS),
        ],
    )

    assert outcomes == {WON: 1, BedJustTaken.code: 1}
    assert count(engine, "hold") == 1


def test_one_click_that_arrives_twice_at_once_is_one_hold(engine: Engine) -> None:
    bring_in(engine, two_women())

    outcomes = race(engine, [calls_of(place_hold_once, ENGLISH, KEY, "R1", "U1", **TERMS)] * 2)

    assert outcomes == {WON: 2}
    assert count(engine, "hold") == 1


def test_who_may_not_claim_is_refused(sqlite_engine: Engine) -> None:
    bring_in(sqlite_engine, two_women())

    with pytest.raises(NotPermitted):
        once(sqlite_engine, actor=PROVIDER)
