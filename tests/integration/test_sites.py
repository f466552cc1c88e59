"""Sites, what their beds are in tonight, how fresh that is, their addresses; beds closed and opened again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from beds.domain.estate import Estate
from beds.domain.measures import BedState
from beds.domain.terms import BedKind, Nation
from beds.errors import BadInput, ChangedMeanwhile, NotAllowedNow, NotFound, NotPermitted
from beds.roles import OPERATOR, Actor, Permission
from beds.services.closures import ClosureView, close_bed, list_closures, reopen_bed
from beds.services.sites import (
    NewSite,
    add_bed,
    add_site,
    add_unit,
    confirm_availability,
    list_sites,
    read_address,
    read_site,
    set_address,
    set_contact,
)
from tests.builders import (
    CLOCK,
    NOON,
    TODAY,
    a_bed,
    a_closure,
    a_hold,
    a_person,
    a_placement,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)
from tests.integration.cases import Reads
from tests.integration.live import (
    ENGLISH,
    NOBODYS_CASES,
    OTHER_PROVIDER,
    PROVIDER,
    ask,
    change,
    estate_now,
    events,
    later,
    stored,
    the_policy,
)
from tests.integration.recorded import bring_in, contents

MARKER = "12 Marker Street"
NEXT_WEEK = TODAY + timedelta(days=7)
NEW_SITE = NewSite(
    provider_id="P9",
    nation="Scotland",
    region="S92000003",
    site_type="safe_house",
    admits=frozenset({"female"}),
    accepts_children=True,
    security_level=2,
    name="MARKER House",
)


def two_sites() -> Estate:
    """Return a site with a bed of each state and a vacant one, and another provider's site."""
    beds = [a_bed(f"B{n}") for n in (1, 2, 3, 4)]
    return a_small_estate(
        sites=(a_site(), a_site("S2", provider_id="P2", nation=Nation.SCOTLAND, region="S92000003")),
        units=(a_unit(sharing="shared"), a_unit("U2", "S2")),
        beds=(*beds, a_bed("B9", "U2", BedKind.COT)),
        referrals=(a_referral(), a_referral("R2", status="placed"), a_referral("R3", status="held")),
        people=(a_person(), a_person("A2", "R2"), a_person("A3", "R3")),
        closures=(a_closure("B3"),),
        holds=(a_hold("R3", "B2"),),
        placements=(a_placement("R2", "B1"),),
    )


def states(engine: Engine, site_id: str = "S1", at: object = CLOCK) -> dict[str, BedState]:
    """Return the state of each bed of a site tonight."""
    view = ask(engine, read_site, ENGLISH, site_id, clock=at, policy=the_policy())
    return {bed.bed_id: bed.state for unit in view.units for bed in unit.beds}


def closed(engine: Engine, bed_id: str, ends_on: date | None = NEXT_WEEK, **changes: object) -> ClosureView:
    """Close a bed from today."""
    told = {"starts_on": TODAY, "ends_on": ends_on, "reason": "works", **changes}
    return change(engine, close_bed, PROVIDER, bed_id, **told)


def test_every_bed_is_in_one_state_tonight(engine: Engine) -> None:
    bring_in(engine, two_sites())

    assert states(engine) == {
        "B1": BedState.OCCUPIED,
        "B2": BedState.HELD,
        "B3": BedState.CLOSED,
        "B4": BedState.VACANT,
    }
    assert states(engine, at=later(hours=3))["B2"] is BedState.VACANT


def test_a_bed_of_a_site_that_is_not_open_yet_is_closed(engine: Engine) -> None:
    bring_in(engine, a_small_estate(sites=(a_site(opens_on=NEXT_WEEK),)))

    assert states(engine) == {"B1": BedState.CLOSED}
    assert states(engine, at=later(days=7)) == {"B1": BedState.VACANT}


def test_a_site_shows_what_the_rules_turn_on_and_no_address(engine: Engine) -> None:
    bring_in(engine, two_sites())
    change(engine, set_address, OPERATOR, "S1", MARKER)

    view = ask(engine, read_site, PROVIDER, "S1", clock=CLOCK, policy=the_policy())

    assert (view.facts["max_age_girls"], view.facts["security_level"]) == (17, 2)
    assert MARKER not in repr(view)


def test_sites_come_in_pages_and_a_provider_sees_its_own(engine: Engine) -> None:
    bring_in(engine, two_sites())
    told = {"clock": CLOCK, "policy": the_policy()}

    first = ask(engine, list_sites, ENGLISH, limit=1, **told)
    second = ask(engine, list_sites, ENGLISH, limit=1, after=first.next_after, **told)
    own = ask(engine, list_sites, OTHER_PROVIDER, **told)

    assert [line.site_id for page in (first, second, own) for line in page.rows] == ["S1", "S2", "S2"]
    assert (first.next_after, second.next_after) == ("S1", None)


def test_availability_is_stale_until_confirmed_and_again_a_day_later(engine: Engine) -> None:
    bring_in(engine, two_sites())
    told = {"policy": the_policy()}
    assert ask(engine, list_sites, PROVIDER, clock=CLOCK, **told).rows[0].phone_first

    line = change(engine, confirm_availability, PROVIDER, "S1", version=1, **told)

    assert (line.phone_first, line.availability_confirmed_at, line.version) == (False, NOON, 2)
    shown = [
        ask(engine, list_sites, PROVIDER, clock=at, **told).rows[0].phone_first
        for at in (later(hours=24), later(hours=24, seconds=1))
    ]
    assert shown == [False, True]
    assert events(engine, "availability_confirmed")[0]["site_id"] == "S1"


def test_availability_is_not_confirmed_over_somebody_elses_change(engine: Engine) -> None:
    bring_in(engine, two_sites())

    with pytest.raises(ChangedMeanwhile):
        change(engine, confirm_availability, PROVIDER, "S1", version=9, policy=the_policy())


def test_reading_an_address_is_kept_before_it_is_shown(engine: Engine) -> None:
    bring_in(engine, two_sites())
    change(engine, set_address, OPERATOR, "S1", f"  {MARKER} ")
    log = Reads()

    shown = [ask(engine, read_address, actor, "S1", clock=CLOCK, log=log) for actor in (ENGLISH, PROVIDER)]

    assert shown == [MARKER, MARKER]
    assert log.kept == [("address", actor.user_id, "S1") for actor in (ENGLISH, PROVIDER)]
    assert MARKER not in str(contents(engine))


def test_an_address_that_cannot_be_logged_is_not_shown(engine: Engine) -> None:
    bring_in(engine, two_sites())
    change(engine, set_address, OPERATOR, "S1", MARKER)

    class Broken(Reads):
        def address_read(self, *_: object) -> None:
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        ask(engine, read_address, ENGLISH, "S1", clock=CLOCK, log=Broken())


def test_an_address_that_is_not_recorded_is_not_found(engine: Engine) -> None:
    bring_in(engine, two_sites())

    with pytest.raises(NotFound, match="address"):
        ask(engine, read_address, ENGLISH, "S1", clock=CLOCK, log=Reads())


@pytest.mark.parametrize("actor", NOBODYS_CASES, ids=lambda actor: actor.user_id)
def test_who_sees_no_sites_sees_none_and_changes_none(sqlite_engine: Engine, actor: Actor) -> None:
    bring_in(sqlite_engine, two_sites())
    policy, reads = {"policy": the_policy()}, {"log": Reads()}

    for service, arguments, told in (
        (list_sites, (), policy),
        (read_site, ("S1",), policy),
        (read_address, ("S1",), reads),
        (confirm_availability, ("S1",), {"version": 1, **policy}),
        (close_bed, ("B4",), {"starts_on": TODAY, "ends_on": None, "reason": "works"}),
        (reopen_bed, ("B3",), {"ends_on": TODAY}),
        (list_closures, (), {}),
    ):
        with pytest.raises(NotPermitted):
            change(sqlite_engine, service, actor, *arguments, **told)


def test_the_site_of_another_provider_is_as_one_that_is_not_there(engine: Engine) -> None:
    bring_in(engine, two_sites())
    closure = closed(engine, "B4").closure_id
    policy = {"policy": the_policy()}
    nights = {"starts_on": TODAY, "ends_on": None, "reason": "works"}

    for service, own, none, told in (
        (read_site, "S1", "S9", policy),
        (read_address, "S1", "S9", {"log": Reads()}),
        (confirm_availability, "S1", "S9", {"version": 1, **policy}),
        (close_bed, "B4", "B99", nights),
        (reopen_bed, closure, "closure-0000000000", {"ends_on": TODAY}),
    ):
        refusals = []
        for reference in (own, none):
            with pytest.raises(NotFound) as refusal:
                change(engine, service, OTHER_PROVIDER, reference, **told)
            refusals.append(str(refusal.value))
        assert refusals[0] == refusals[1]
    assert ask(engine, list_closures, OTHER_PROVIDER, clock=CLOCK).rows == ()


def test_a_vacant_bed_is_closed_and_opened_again(engine: Engine) -> None:
    bring_in(engine, two_sites())

    closure = closed(engine, "B4")
    assert states(engine)["B4"] is BedState.CLOSED
    assert estate_now(engine).closures[-1].ends_on == NEXT_WEEK
    opened = change(engine, reopen_bed, PROVIDER, closure.closure_id, ends_on=TODAY + timedelta(days=1))

    assert opened.ends_on == TODAY + timedelta(days=1)
    assert states(engine, at=later(days=1))["B4"] is BedState.VACANT
    assert [
        event["site_id"] for name in ("bed_closed", "bed_reopened") for event in events(engine, name)
    ] == [
        "S1",
        "S1",
    ]


def test_a_closure_that_ends_the_day_it_starts_never_was(engine: Engine) -> None:
    bring_in(engine, two_sites())
    closure = closed(engine, "B4")

    change(engine, reopen_bed, PROVIDER, closure.closure_id, ends_on=TODAY)

    assert states(engine)["B4"] is BedState.VACANT
    assert len(stored(engine, "closure", "closure_id")) == 1


@pytest.mark.parametrize(("bed_id", "words"), [("B1", "somebody"), ("B2", "held"), ("B3", "closed already")])
def test_a_bed_in_use_is_not_closed(engine: Engine, bed_id: str, words: str) -> None:
    bring_in(engine, two_sites())

    with pytest.raises(NotAllowedNow, match=words):
        closed(engine, bed_id)


def test_a_bed_is_closed_from_the_day_that_somebody_leaves(engine: Engine) -> None:
    bring_in(engine, two_sites())
    leaves_on = date(2026, 4, 2)

    with pytest.raises(NotAllowedNow):
        closed(engine, "B1", None, starts_on=leaves_on - timedelta(days=1))
    closed(engine, "B1", None, starts_on=leaves_on)

    assert states(engine)["B1"] is BedState.OCCUPIED


def test_who_has_overstayed_is_not_closed_out_tonight(engine: Engine) -> None:
    overdue = a_placement("R2", "B1", expected_end_on=TODAY - timedelta(days=3))
    bring_in(engine, two_sites().with_rows(placements=(overdue,)))

    with pytest.raises(NotAllowedNow, match="somebody"):
        closed(engine, "B1")


@pytest.mark.parametrize(
    "told",
    [{"ends_on": TODAY}, {"ends_on": TODAY - timedelta(days=1)}, {"reason": "MARKER!"}, {"reason": ""}],
)
def test_a_closure_that_cannot_be_is_refused(engine: Engine, told: dict[str, object]) -> None:
    bring_in(engine, two_sites())

    with pytest.raises(BadInput) as refusal:
        closed(engine, "B4", **told)  # type: ignore[arg-type]

    assert "MARKER" not in str(refusal.value)


@pytest.mark.parametrize("ends_on", [TODAY - timedelta(days=1), NEXT_WEEK, NEXT_WEEK + timedelta(days=1)])
def test_a_closure_can_only_become_shorter(engine: Engine, ends_on: date) -> None:
    bring_in(engine, two_sites())
    closure = closed(engine, "B4")

    with pytest.raises(BadInput, match="ends_on"):
        change(engine, reopen_bed, PROVIDER, closure.closure_id, ends_on=ends_on)


def test_closures_of_tonight_and_to_come_are_listed_in_pages(engine: Engine) -> None:
    over = a_closure("B4", starts_on=TODAY - timedelta(days=9), ends_on=TODAY)
    bring_in(engine, two_sites().with_rows(closures=(a_closure("B3"), over)))
    closed(engine, "B4")

    first = ask(engine, list_closures, PROVIDER, clock=CLOCK, limit=1)
    rest = ask(engine, list_closures, PROVIDER, clock=CLOCK, limit=1, after=first.next_after)
    elsewhere = ask(engine, list_closures, ENGLISH, clock=CLOCK, site_id="S2")

    assert sorted(line.bed_id for page in (first, rest) for line in page.rows) == ["B3", "B4"]
    assert (rest.next_after, elsewhere.rows) == (None, ())


def test_the_stock_grows_by_who_may_manage_it(engine: Engine) -> None:
    policy = {"policy": the_policy()}

    site = change(engine, add_site, OPERATOR, NEW_SITE, **policy)
    unit = change(engine, add_unit, OPERATOR, site.site_id, sharing="household", step_free=True)
    bed = change(engine, add_bed, OPERATOR, unit.unit_id, kind="single")
    change(engine, set_contact, OPERATOR, "P9", "0100 MARKER")

    assert states(engine, site.site_id) == {bed.bed_id: BedState.VACANT}
    assert [event["site_id"] for event in events(engine, "bed_added")] == [site.site_id]
    assert "MARKER" not in str(contents(engine))


@pytest.mark.parametrize("actor", [*NOBODYS_CASES, PROVIDER], ids=lambda actor: actor.user_id)
def test_nobody_but_a_coordinator_manages_the_stock(sqlite_engine: Engine, actor: Actor) -> None:
    bring_in(sqlite_engine, two_sites())
    assert not actor.may(Permission.MANAGE_STOCK)

    for service, arguments, told in (
        (add_site, (NEW_SITE,), {"policy": the_policy()}),
        (add_unit, ("S1",), {"sharing": "household", "step_free": True}),
        (add_bed, ("U1",), {"kind": "single"}),
        (set_address, ("S1", MARKER), {}),
        (set_contact, ("P1", "x"), {}),
    ):
        with pytest.raises(NotPermitted):
            change(sqlite_engine, service, actor, *arguments, **told)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"nation": "Wales"}, "nation"),
        ({"region": "E12000001"}, "region"),
        ({"admits": frozenset()}, "admits"),
        ({"security_level": 0}, "security_level"),
        ({"opens_on": TODAY, "closes_on": TODAY}, "closes_on"),
        ({"max_age_girls": 18}, "max_age_girls"),
    ],
)
def test_a_site_that_cannot_be_is_refused_by_field(
    sqlite_engine: Engine, changes: dict[str, object], field: str
) -> None:
    stated = {name: getattr(NEW_SITE, name) for name in NewSite.__slots__} | changes

    with pytest.raises(BadInput, match=rf"^{field}: "):
        change(sqlite_engine, add_site, OPERATOR, NewSite(**stated), policy=the_policy())


def test_what_is_added_to_what_is_not_there_is_not_found(sqlite_engine: Engine) -> None:
    for service, arguments, told in (
        (add_unit, ("S9",), {"sharing": "household", "step_free": True}),
        (add_bed, ("U9",), {"kind": "single"}),
        (set_address, ("S9", MARKER), {}),
        (set_contact, ("P9", "x"), {}),
    ):
        with pytest.raises(NotFound):
            change(sqlite_engine, service, OPERATOR, *arguments, **told)
