"""Each service says in its events which case and which site it changed: the live estate follows every one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from beds.domain.clock import Clock
from beds.domain.terms import DeclinedBy, Gender, MoveOn, Nation
from beds.roles import OPERATOR
from beds.services.closures import close_bed, reopen_bed
from beds.services.declines import decline_hold, decline_site
from beds.services.holds import place_hold, release_hold
from beds.services.households import Amendment
from beds.services.live_ground import LiveGround
from beds.services.placements import confirm_hold, record_arrival, record_no_arrival
from beds.services.protection import record_keep_apart, restrict_case
from beds.services.referrals import (
    amend_referral,
    close_referral,
    record_decision,
    record_referral,
    triage_referral,
)
from beds.services.sites import add_bed, add_unit, confirm_availability
from beds.services.stays import end_stay, extend_stay, move_out, transfer_stay
from beds.services.stock import change_bed, change_site, change_unit
from tests.builders import NOON, TODAY, a_bed, a_person, a_site, a_small_estate, a_unit
from tests.integration.cases import a_household
from tests.integration.live import change, stored, the_policy
from tests.integration.recorded import bring_in
from tests.integration.test_live_ground import require_as_if_afresh


class Followed:
    """A database whose every change is followed: the live estate is compared after each."""

    def __init__(self, engine: Engine) -> None:
        """Read the estate of three sites, of which the last is the Scottish one."""
        sites = (a_site(), a_site("S2"), a_site("S3", nation=Nation.SCOTLAND, region="S92000003"))
        units = (a_unit(), a_unit("U2", "S2"), a_unit("U3", "S3"))
        beds = tuple(a_bed(f"B{n}{m}", f"U{n}") for n in (1, 2, 3) for m in (1, 2))
        bring_in(
            engine,
            a_small_estate(
                sites=sites,
                units=units,
                beds=beds,
                people=(
                    a_person(),
                    a_person("A2", is_lead=False, age=40, gender=Gender.FEMALE, together_confirmed=True),
                ),
            ),
        )
        self.engine, self.live, self.at = engine, LiveGround(), NOON
        self.done: list[str] = []
        self.look()

    def look(self) -> None:
        """Compare the live estate with the database."""
        require_as_if_afresh(self.live, self.engine, Clock(self.at), self.done)

    def do(self, service: Callable[..., Any], *about: Any, **options: Any) -> Any:
        """Call a service as one who may do everything, a minute later, and compare."""
        self.at += timedelta(minutes=1)
        found = change(self.engine, service, OPERATOR, *about, at=self.at, **options)
        self.done.append(service.__name__)
        self.look()
        return found

    def hold(self, who: str, unit: str) -> Any:
        """Place a hold."""
        overrides = {"language": "interpreter_booked"}
        return self.do(place_hold, who, unit, reason="best_for_her", policy=the_policy(), overrides=overrides)

    def version(self, referral_id: str) -> int:
        """Return the version of a case."""
        return int(stored(self.engine, "referral", "version", referral_id=referral_id)[0])


def test_the_life_of_a_case_is_followed_step_by_step(engine: Engine) -> None:
    followed = Followed(engine)
    policy = the_policy()

    her = followed.do(record_referral, a_household(), triaged=False).referral_id
    followed.do(triage_referral, her, version=followed.version(her))
    followed.do(record_keep_apart, her, "R1")
    followed.do(
        amend_referral, her, Amendment(needs={"accepts_sharing": True}), version=followed.version(her)
    )
    followed.do(record_decision, her, version=followed.version(her), reasonable_grounds_on=TODAY)
    followed.do(restrict_case, her, user_ids=[], version=followed.version(her))
    first = followed.hold("R1", "U1")
    followed.do(release_hold, first.hold_id, version=first.version, reason="plans_changed")
    again = followed.hold("R1", "U1")
    followed.do(
        decline_hold, again.hold_id, version=again.version, declined_by=DeclinedBy.PROVIDER, reason="needs"
    )
    followed.do(decline_site, her, "S2", declined_by=DeclinedBy.SURVIVOR, reason="location")
    held = followed.hold("R1", "U2")
    stay = followed.do(confirm_hold, held.hold_id, version=held.version, policy=policy)
    stay = followed.do(record_arrival, stay.placement_id, version=stay.version)
    stay = followed.do(
        extend_stay,
        stay.placement_id,
        version=stay.version,
        new_end_on=stay.expected_end_on + timedelta(days=7),
        policy=policy,
    )
    stay = followed.do(
        move_out, stay.placement_id, version=stay.version, person_ids=["A2"], on=TODAY, move_on=MoveOn.OTHER
    )
    followed.do(end_stay, stay.placement_id, version=stay.version, on=TODAY, move_on=MoveOn.PRIVATE_RENTED)
    followed.do(close_referral, her, reason="withdrawn", version=followed.version(her))

    assert len(followed.done) == 18


def test_transfers_and_whoever_does_not_arrive_are_followed(engine: Engine) -> None:
    followed = Followed(engine)
    policy = the_policy()

    held = followed.hold("R1", "U1")
    stay = followed.do(confirm_hold, held.hold_id, version=held.version, policy=policy)
    stay = followed.do(record_arrival, stay.placement_id, version=stay.version)
    moved = followed.do(transfer_stay, stay.placement_id, version=stay.version, unit_id="U2", policy=policy)
    followed.do(end_stay, moved.placement_id, version=moved.version, on=TODAY, move_on=MoveOn.WENT_MISSING)
    her = followed.do(record_referral, a_household()).referral_id
    booked = followed.hold(her, "U1")
    awaited = followed.do(confirm_hold, booked.hold_id, version=booked.version, policy=policy)
    followed.do(record_no_arrival, awaited.placement_id, version=awaited.version)

    assert len(followed.done) == 9


def test_changes_of_sites_are_followed(engine: Engine) -> None:
    followed = Followed(engine)

    closure = followed.do(close_bed, "B11", starts_on=TODAY, ends_on=None, reason="repairs")
    followed.do(reopen_bed, closure.closure_id, ends_on=TODAY + timedelta(days=2))
    unit = followed.do(add_unit, "S2", sharing="shared", step_free=True)
    followed.do(add_bed, unit.unit_id, kind="single")
    followed.do(confirm_availability, "S2", version=1, policy=the_policy())
    followed.do(change_site, "S2", {"services": {"nursery"}}, version=2, policy=the_policy())
    followed.do(
        change_unit, unit.unit_id, version=3, sharing="household", step_free=False, policy=the_policy()
    )
    followed.do(change_bed, "B21", version=4, kind="cot")

    assert len(followed.done) == 8
