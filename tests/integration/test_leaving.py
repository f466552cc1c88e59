"""Who leaves a stay: one of several, or everybody; and no stay ends by itself."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.clock import Clock
from beds.domain.terms import PlacementState, ReferralStatus, Sharing
from beds.errors import (
    BadInput,
    BedJustTaken,
    NotAllowedNow,
    NotFound,
)
from beds.services.placements import read_placement
from tests.builders import (
    TODAY,
    a_bed,
    a_person,
    a_placement,
    a_referral,
    a_unit,
)
from tests.integration.live import (
    ENGLISH,
    OTHER_PROVIDER,
    PROVIDER,
    SCOTTISH,
    WOMEN,
    ask,
    estate_now,
    later,
    place,
    status_of,
    stored,
    two_women,
)
from tests.integration.recorded import bring_in
from tests.integration.staying import SOCIAL, arrived, day, end, leave

PLACED = ReferralStatus.PLACED
MOTHER = a_person("A1", due_on=None)
DAUGHTER = a_person("A3", is_lead=False, age=19, together_confirmed=True)


def test_one_of_two_moves_out_with_her_bed(engine: Engine) -> None:
    """Her mother stays; the bed is free for somebody else at once."""
    units = (a_unit(sharing=Sharing.SHARED), a_unit("U2"))
    beds = (a_bed(), a_bed("B9"))
    stay = arrived(engine, two_women(units=units, beds=beds, people=(MOTHER, DAUGHTER, WOMEN[1])))

    after = leave(engine, stay, "A3")

    assert after.state is PlacementState.ARRIVED
    assert {bed.person_id: bed.ended_on for bed in after.beds} == {"A1": None, "A3": TODAY}
    assert stored(engine, "person", "left_on", person_id="A3") == [TODAY]
    assert [person.person_id for person in estate_now(engine).people_of["R1"]] == ["A1"]
    assert status_of(engine) is PLACED
    assert place(engine, who="R2").unit_id == "U1"


def test_when_everybody_moves_out_the_stay_ends(engine: Engine) -> None:
    beds = (a_bed(), a_bed("B9"), a_bed("B2", "U2"))
    stay = arrived(engine, two_women(beds=beds, people=(MOTHER, DAUGHTER, WOMEN[1])))

    after = leave(engine, stay, "A1", "A3")

    assert (after.state, after.move_on) == (PlacementState.ENDED, SOCIAL)
    assert status_of(engine) is ReferralStatus.MOVED_ON
    assert stored(engine, "person", "left_on", referral_id="R1") == [None, None]


def test_the_lead_does_not_leave_the_others_behind(sqlite_engine: Engine) -> None:
    beds = (a_bed(), a_bed("B9"), a_bed("B2", "U2"))
    stay = arrived(sqlite_engine, two_women(beds=beds, people=(MOTHER, DAUGHTER, WOMEN[1])))

    with pytest.raises(NotAllowedNow, match="lead"):
        leave(sqlite_engine, stay, "A1")
    for strangers in ((), ("A2",), ("A3", "A9")):
        with pytest.raises(BadInput):
            leave(sqlite_engine, stay, *strangers)


def test_who_carries_a_baby_takes_its_bed_along(sqlite_engine: Engine) -> None:
    due = a_person("A3", is_lead=False, age=19, together_confirmed=True, due_on=day(9))
    beds = (a_bed(), a_bed("B8"), a_bed("B9"), a_bed("B2", "U2"))
    stay = arrived(sqlite_engine, two_women(beds=beds, people=(MOTHER, due, WOMEN[1])))

    after = leave(sqlite_engine, stay, "A3")

    assert [bed.person_id for bed in after.beds if bed.ended_on is None] == ["A1"]


def test_in_a_stay_from_a_folder_one_of_two_moves_out_as_well(engine: Engine) -> None:
    """A folder does not say who sleeps in which bed."""
    estate = two_women(
        beds=(a_bed(), a_bed("B9"), a_bed("B2", "U2")),
        people=(MOTHER, DAUGHTER, WOMEN[1]),
        referrals=(a_referral(status=PLACED), a_referral("R2")),
        placements=(a_placement("R1", "B1", placement_id="PL"), a_placement("R1", "B9", placement_id="PL")),
    )
    bring_in(engine, estate)

    after = leave(engine, ask(engine, read_placement, ENGLISH, "PL"), "A3")

    assert {bed.person_id: bed.ended_on for bed in after.beds} == {"A1": None, "A3": TODAY}


def test_a_stay_ends_when_somebody_says_so(engine: Engine) -> None:
    stay = arrived(engine)

    ended = end(engine, stay, 12, PROVIDER)

    assert (ended.state, ended.move_on) == (PlacementState.ENDED, SOCIAL)
    assert [(bed.ended_on, bed.move_on) for bed in ended.beds] == [(day(12), SOCIAL)]
    assert status_of(engine) is ReferralStatus.MOVED_ON
    assert place(engine, who="R2", at=later(days=12)).bed_ids == ("B1",)
    with pytest.raises(NotAllowedNow):
        end(engine, ended, 12)


@pytest.mark.parametrize("days", [31, 400])
def test_no_stay_ends_by_itself(sqlite_engine: Engine, days: int) -> None:
    stay = arrived(sqlite_engine)

    with pytest.raises(BedJustTaken):
        place(sqlite_engine, who="R2", at=later(days=days))

    assert ask(sqlite_engine, read_placement, ENGLISH, stay.placement_id) == stay


@pytest.mark.parametrize(("on", "noon_of"), [(-1, 5), (6, 5)])
def test_a_stay_ends_between_its_first_day_and_today(sqlite_engine: Engine, on: int, noon_of: int) -> None:
    stay = arrived(sqlite_engine)

    with pytest.raises(BadInput, match="date"):
        end(sqlite_engine, stay, on, at=later(days=noon_of))


def test_who_leaves_after_midnight_leaves_on_the_new_day(sqlite_engine: Engine) -> None:
    stay = arrived(sqlite_engine)
    two_at_night = Clock(datetime(2026, 3, 5, 2, tzinfo=UTC))

    ended = end(sqlite_engine, stay, 2, at=two_at_night)

    assert ended.beds[0].ended_on == date(2026, 3, 5)
    with pytest.raises(BedJustTaken):
        place(sqlite_engine, who="R2", at=two_at_night)


@pytest.mark.parametrize("actor", [OTHER_PROVIDER, SCOTTISH], ids=lambda actor: actor.user_id)
def test_a_stay_that_is_not_theirs_is_not_there(sqlite_engine: Engine, actor: Any) -> None:
    stay = arrived(sqlite_engine)

    for act in (
        lambda: end(sqlite_engine, stay, 0, actor),
        lambda: leave(sqlite_engine, stay, "A1", actor=actor),
    ):
        with pytest.raises(NotFound):
            act()
