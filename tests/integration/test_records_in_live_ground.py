"""Whatever is recorded of people and places, the estate in memory is the one that is on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.database import reading
from beds.roles import OPERATOR
from beds.services.closures import close_bed, list_closures, reopen_bed
from beds.services.households import Amendment, NewPerson
from beds.services.live_ground import LiveGround
from beds.services.protection import record_keep_apart, restrict_case
from beds.services.referrals import amend_referral, close_referral, record_decision
from beds.services.sites import add_bed, add_site, add_unit, confirm_availability
from tests.builders import CLOCK, TODAY, a_bed, a_person, a_referral, a_site, a_small_estate, a_unit
from tests.integration.cases import recorded
from tests.integration.live import ENGLISH, PROVIDER, ask, change, estate_now, the_policy
from tests.integration.recorded import bring_in
from tests.integration.test_sites import NEW_SITE

Step = Callable[[Engine], Any]


def _amend(engine: Engine, **told: Any) -> Any:
    return change(engine, amend_referral, ENGLISH, "R1", Amendment(**told), version=1)


def _reopen(engine: Engine) -> Any:
    closure = ask(engine, list_closures, PROVIDER, clock=CLOCK).rows[0]
    return change(engine, reopen_bed, PROVIDER, closure.closure_id, ends_on=TODAY)


def _grow(engine: Engine) -> Any:
    site = change(engine, add_site, OPERATOR, NEW_SITE, policy=the_policy())
    unit = change(engine, add_unit, OPERATOR, site.site_id, sharing="household", step_free=True)
    return change(engine, add_bed, OPERATOR, unit.unit_id, kind="single")


CLOSE = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=9), "reason": "works"}
STEPS: dict[str, tuple[Step, ...]] = {
    "a case is recorded": (lambda engine: recorded(engine, excluded_areas=frozenset({"E12000001"})),),
    "needs are amended": (lambda engine: _amend(engine, needs={"accepts_sharing": False}),),
    "areas are amended": (lambda engine: _amend(engine, needs={"excluded_areas": ["E12000002"]}),),
    "a person is amended": (lambda engine: _amend(engine, people={"A1": {"age": 41}}),),
    "a person comes too": (lambda engine: _amend(engine, new_people=(NewPerson(gender="female", age=1),)),),
    "a person does not come": (lambda engine: _amend(engine, not_coming=("A3",)),),
    "a case is closed": (
        lambda engine: change(engine, close_referral, ENGLISH, "R1", reason="withdrawn", version=1),
    ),
    "a decision is recorded": (
        lambda engine: change(engine, record_decision, ENGLISH, "R1", reasonable_grounds_on=TODAY, version=1),
    ),
    "a case is restricted": (
        lambda engine: change(engine, restrict_case, ENGLISH, "R1", user_ids=[], version=1),
    ),
    "a pair is kept apart": (lambda engine: change(engine, record_keep_apart, ENGLISH, "R1", "R2"),),
    "a bed is closed and opened": (
        lambda engine: change(engine, close_bed, PROVIDER, "B1", **CLOSE),
        _reopen,
    ),
    "availability is confirmed": (
        lambda engine: change(engine, confirm_availability, PROVIDER, "S1", version=1, policy=the_policy()),
    ),
    "the stock grows": (_grow,),
}


@pytest.mark.parametrize("what", STEPS)
def test_the_estate_in_memory_is_the_one_on_record_after(engine: Engine, what: str) -> None:
    estate = a_small_estate(
        sites=(a_site(),),
        units=(a_unit(),),
        beds=(a_bed(),),
        referrals=(a_referral("R1"), a_referral("R2")),
        people=(a_person(), a_person("A2", "R2"), a_person("A3", "R1", is_lead=False)),
    )
    bring_in(engine, estate)
    live = LiveGround()
    with reading(engine) as session:
        live.ground(session, CLOCK)

    for step in STEPS[what]:
        step(engine)

        with reading(engine) as session:
            assert live.ground(session, CLOCK).estate == estate_now(engine)
