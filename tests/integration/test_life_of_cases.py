"""A machine that does to cases whatever people may do, in any order, and looks after each step at what holds.

Whatever happens: no bed has two stays in a night, every stay passes every hard rule (asked of the judge that
goes record by record and shares no code with the services), each referral stands where its holds and stays
say, and nothing is raised but a refusal of ours.
"""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from beds.checking.room import ROOM_RULES
from beds.checking.rules import RULES
from beds.checking.situation import Situation
from beds.checking.stays import Nights, Occupancy, standing_bookings
from beds.database import connect
from beds.domain.clock import Clock
from beds.domain.declining import CONSEQUENCES
from beds.domain.estate import Estate
from beds.domain.households import not_for_a_round, taking_part
from beds.domain.terms import HoldState, MoveOn, PlacementState, ReferralStatus
from beds.errors import BedsError, DatabaseUnavailable, RecordRefused
from beds.services.claims import PREFERENCES
from beds.services.declines import DeclineView, decline_hold, decline_site
from beds.services.freezing import Ground, judge
from beds.services.holds import HoldView, list_holds, place_hold, release_hold
from beds.services.pages import MOST_ROWS
from beds.services.placements import (
    PlacementView,
    confirm_hold,
    list_placements,
    record_arrival,
    record_no_arrival,
)
from beds.services.stays import end_stay, extend_stay, move_out, transfer_stay
from beds.store import check_database
from tests.builders import NOON
from tests.integration.conftest import settings_for
from tests.integration.live import ALL_NATIONS, ask, change, estate_now, status_of, the_policy
from tests.integration.recorded import bring_in
from tests.strategies import random_estate

WITH_REASONS = {"overrides": dict.fromkeys(PREFERENCES, "talked_over"), "policy": the_policy()}
SITTING = (PlacementState.EXPECTED, PlacementState.ARRIVED)
MAY_COME_LATER = {"declined", "open", "interim"}
"""Rules that what happens after a stay has begun may break, of which only a claim is asked."""
picks = st.integers(0, 10**6)


class LifeOfCases(RuleBasedStateMachine):
    """An estate at random on SQLite, and whatever may be done to it."""

    template: Path

    @initialize(seed=st.integers(0, 2**32 - 1))
    def open_the_service(self, seed: int) -> None:
        """Bring a random estate into a fresh database."""
        self.folder = tempfile.TemporaryDirectory(prefix="beds-life-")
        file = Path(self.folder.name) / "beds.db"
        shutil.copyfile(self.template, file)
        self.engine = connect(settings_for(f"sqlite:///{file}"))
        bring_in(self.engine, random_estate(Random(seed), households=5, units=6))
        self.clock = Clock(NOON)
        self.ours: set[str] = set()
        self.touched: set[str] = set()

    def teardown(self) -> None:
        """Look at the whole database, and leave nothing behind."""
        if hasattr(self, "engine"):
            faults = check_database(self.engine)
            self.engine.dispose()
            self.folder.cleanup()
            assert faults == []

    def act(self, service: Callable[..., Any], *arguments: Any, claims: bool = False, **options: Any) -> None:
        """Let somebody do something: it is done, or refused in our words; a claim is judged once more."""
        # Of who moves, only the nights that are left are asked; the judge knows no other than the whole need.
        but = {"interim"} if service is transfer_stay else set()
        try:
            done = change(self.engine, service, ALL_NATIONS, *arguments, at=self.clock, **options)
        except (DatabaseUnavailable, RecordRefused):
            raise
        except BedsError:
            return
        if not isinstance(done, DeclineView):
            self.touched.add(done.referral_id)
        if claims:
            self.ours.add(getattr(done, "placement_id", None) or done.hold_id)
            assert broken(self.estate(), self.clock, done, but=but) == set()

    def estate(self) -> Estate:
        """Return the estate as the rules see it now."""
        return estate_now(self.engine, self.clock)

    def holds(self) -> tuple[HoldView, ...]:
        """Return every hold as it stands now."""
        return ask(
            self.engine, list_holds, ALL_NATIONS, clock=self.clock, policy=the_policy(), limit=200
        ).rows

    def stays(self) -> tuple[PlacementView, ...]:
        """Return every stay."""
        return ask(self.engine, list_placements, ALL_NATIONS, limit=MOST_ROWS).rows

    def hold(self, which: int) -> HoldView | None:
        """Return a hold, three times in four one that is in force."""
        holds = self.holds()
        return one_of(
            [hold for hold in holds if hold.state is HoldState.PLACED] if which % 4 else holds, which
        )

    def stay(self, which: int, *states: PlacementState) -> PlacementView | None:
        """Return a stay, three times in four one of some states."""
        stays = self.stays()
        return one_of([stay for stay in stays if stay.state in states] if which % 4 else stays, which)

    @rule(who=picks, where=picks)
    def claim_anything(self, who: int, where: int) -> None:
        """Claim any unit for any household."""
        estate = self.estate()
        referral, unit = one_of(estate.referrals, who), one_of(estate.units, where)
        self.act(place_hold, referral.referral_id, unit.unit_id, reason="tried", claims=True, **WITH_REASONS)

    @rule(which=picks)
    def claim_what_is_free(self, which: int) -> None:
        """Claim a unit that a round could propose."""
        estate = self.estate()
        waiting = [
            r
            for r in taking_part(estate, self.clock)
            if not_for_a_round(estate.people_of[r.referral_id]) is None
        ]
        verdicts = judge(Ground.of(estate, self.clock), waiting, the_policy().periods)
        free = [
            (household, unit)
            for row, household in enumerate(verdicts.pairing.households.refs)
            for column, unit in enumerate(verdicts.pairing.units.refs)
            if verdicts.free[row, column]
        ]
        if free:
            self.act(place_hold, *one_of(free, which), reason="fits", claims=True, **WITH_REASONS)

    @rule(which=picks, stale=st.sampled_from([False, False, False, True]))
    def confirm(self, which: int, stale: bool) -> None:
        """Confirm a hold, now and then as somebody saw it before it was changed."""
        if hold := self.hold(which):
            version = hold.version + (stale)
            self.act(confirm_hold, hold.hold_id, version=version, policy=the_policy(), claims=True)

    @rule(which=picks, why=st.sampled_from([None, *CONSEQUENCES]))
    def lose_a_hold(self, which: int, why: Any) -> None:
        """Release a hold, or decline it."""
        if not (hold := self.hold(which)):
            return
        if why is None:
            self.act(release_hold, hold.hold_id, version=hold.version, reason="plans_changed")
        else:
            who, reason = why
            self.act(decline_hold, hold.hold_id, version=hold.version, declined_by=who, reason=reason)

    @rule(who=picks, where=picks, why=st.sampled_from(list(CONSEQUENCES)))
    def decline_an_offer(self, who: int, where: int, why: Any) -> None:
        """Decline a site that nothing is held in, but not so often that everything is declined."""
        if who % 5:
            return
        estate = self.estate()
        referral, site = one_of(estate.referrals, who), one_of(estate.sites, where)
        self.act(decline_site, referral.referral_id, site.site_id, declined_by=why[0], reason=why[1])

    @rule(which=picks, comes=st.sampled_from([True, True, False]))
    def come_or_not(self, which: int, comes: bool) -> None:
        """Record that somebody has come, or has not."""
        if stay := self.stay(which, PlacementState.EXPECTED):
            self.act(record_arrival if comes else record_no_arrival, stay.placement_id, version=stay.version)

    @rule(which=picks, nights=st.integers(-3, 40))
    def extend(self, which: int, nights: int) -> None:
        """Let somebody stay longer, or less long: that takes nothing and is no claim."""
        if stay := self.stay(which, PlacementState.ARRIVED):
            until = stay.expected_end_on + timedelta(days=nights)
            self.act(
                extend_stay, stay.placement_id, version=stay.version, new_end_on=until, policy=the_policy(),
                claims=nights > 0,
            )  # fmt: skip

    @rule(which=picks, where=picks)
    def transfer(self, which: int, where: int) -> None:
        """Let somebody move to another unit."""
        if stay := self.stay(which, PlacementState.ARRIVED):
            unit = one_of(self.estate().units, where)
            self.act(
                transfer_stay, stay.placement_id, version=stay.version, unit_id=unit.unit_id, claims=True,
                **WITH_REASONS,
            )  # fmt: skip

    @rule(which=picks, who=picks, days_ago=st.integers(-1, 3), move_on=st.sampled_from(MoveOn))
    def leave(self, which: int, who: int, days_ago: int, move_on: MoveOn) -> None:
        """Let one of a household leave, or all."""
        if not (stay := self.stay(which, PlacementState.ARRIVED)):
            return
        people = self.estate().people_of.get(stay.referral_id, ())
        on = self.clock.calendar_date - timedelta(days=days_ago)
        step = {"version": stay.version, "on": on, "move_on": move_on}
        if people and who % 2:
            self.act(move_out, stay.placement_id, person_ids=[one_of(people, who // 2).person_id], **step)
        else:
            self.act(end_stay, stay.placement_id, **step)

    @rule(hours=st.sampled_from([0.5, 0.5, 1, 1, 2, 8, 24, 24 * 5, 24 * 25]))
    def wait(self, hours: float) -> None:
        """Let time go by."""
        self.clock = Clock(self.clock.as_at + timedelta(hours=hours))

    @invariant()
    def no_bed_has_two_stays_in_a_night(self) -> None:
        """Of stays as they are recorded, and the holds in force that a service has placed."""
        if not hasattr(self, "engine"):
            return
        spans: dict[str, list[tuple[date, date]]] = defaultdict(list)
        estate = self.estate()
        for stay in estate.placements:
            spans[stay.bed_id].append((stay.starts_on, stay.ended_on or stay.expected_end_on))
        for hold in estate.holds:
            if hold.in_force(self.clock.as_at) and hold.hold_id in self.ours:
                spans[hold.bed_id].append((hold.starts_on, hold.expected_end_on))
        for nights in spans.values():
            assert all(max(a[0], b[0]) >= min(a[1], b[1]) for a, b in combinations(nights, 2))

    @invariant()
    def every_stay_of_ours_still_passes_every_rule(self) -> None:
        """Each hold in force and each stay that a service made, its own beds taken out of the estate."""
        if not hasattr(self, "engine"):
            return
        estate = self.estate()
        standing = [hold for hold in self.holds() if hold.state is HoldState.PLACED]
        sitting = [stay for stay in self.stays() if stay.state in SITTING]
        for one in (*standing, *sitting):
            name = getattr(one, "placement_id", None) or one.hold_id
            if name in self.ours and one.expected_end_on > self.clock.today:
                assert broken(estate, self.clock, one, but=MAY_COME_LATER) == set()

    @invariant()
    def every_case_stands_where_its_holds_and_stays_say(self) -> None:
        """Held with a hold, placed with a stay, waiting and moved on with neither."""
        if not hasattr(self, "engine"):
            return
        held = {hold.referral_id for hold in self.holds() if hold.state is HoldState.PLACED}
        sits = {stay.referral_id for stay in self.stays() if stay.state in SITTING}
        assert not held & sits
        for referral_id in held | sits | self.touched:
            status = status_of(self.engine, referral_id)
            assert (status is ReferralStatus.PLACED) == (referral_id in sits)
            assert status is ReferralStatus.HELD or referral_id not in held


def one_of(rows: Any, number: int) -> Any:
    """Return one of some rows, None where there are none."""
    return rows[number % len(rows)] if rows else None


def broken(estate: Estate, clock: Clock, claim: HoldView | PlacementView, *, but: set[str]) -> set[str]:
    """Return the rules that a household would break where it is, until its end, were it not there yet."""
    others = estate.with_rows(
        holds=[hold for hold in estate.holds if hold.referral_id != claim.referral_id],
        placements=[stay for stay in estate.placements if stay.referral_id != claim.referral_id],
    )
    situation = Situation.at(others, clock.as_at, the_policy().periods)
    occupancy = Occupancy(others, standing_bookings(others, clock))
    visit = situation.visit(situation.households[claim.referral_id], others.unit_by_id[claim.unit_id])
    end = max(claim.expected_end_on, clock.today + timedelta(days=1))
    visit = replace(visit, stay=Nights.between(clock.today, end))
    found = {name for name, holds in RULES.items() if not holds(visit)}
    return (found | {name for name, holds in ROOM_RULES.items() if not holds(occupancy, visit, None)}) - but


def test_whatever_people_do_the_rules_hold(upgraded_sqlite: Path) -> None:
    machine = type("Life", (LifeOfCases,), {"template": upgraded_sqlite})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # What fails is shown as it was drawn: to make it smaller would take minutes.
            phases=[Phase.reuse, Phase.generate],
        ),
    )
