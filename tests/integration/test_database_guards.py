"""What the database itself refuses, whoever writes: overlapping stays, impossible values, a changed audit."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, text
from sqlmodel import Session

from beds.database import METADATA, connect, reading, writing
from beds.errors import BedJustTaken, BedsError, DatabaseUnavailable, RecordRefused
from beds.settings import Settings
from beds.store import check_database, import_estate
from tests.builders import NOON, TODAY, a_bed, a_small_estate

STAY = METADATA.tables["placement_bed"]

REFERRAL_COLUMNS = (
    "survivor_id, received_at, needed_from, priority, nation, status, services_required,"
    " acceptable_site_genders, preferred_regions, first_responder, exploitation_type, nrm_status"
)
STAY_COLUMNS = "(placement_bed_id, placement_id, bed_id, starts_on, expected_end_on, ended_on)"


def day(number: int) -> date:
    """Return a date by its number of nights from today."""
    return TODAY + timedelta(days=number)


def stay(name: str, first: int, last: int, *, ended: int | None = None, bed: str = "B1") -> dict[str, object]:
    """Return a row of a stay from one night to another, counted from today."""
    return {
        "placement_bed_id": name,
        "placement_id": "PL1",
        "bed_id": bed,
        "starts_on": day(first),
        "expected_end_on": day(last),
        "ended_on": None if ended is None else day(ended),
    }


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Give a database with two beds, and a placement that has no bed yet."""
    fill(engine)
    return engine


@pytest.fixture(scope="module")
def shared(shared_settings: Settings) -> Iterator[Engine]:
    """Give such a database to all tests of refusals: what is refused leaves it as it was."""
    engine = connect(shared_settings)
    fill(engine)
    yield engine
    engine.dispose()


def fill(engine: Engine) -> None:
    """Write two beds, and a placement that has no bed yet."""
    with writing(engine) as session:
        estate = a_small_estate(beds=(a_bed(), a_bed("B2")))
        import_estate(session, estate, actor="test", at=NOON)
        session.execute(text("INSERT INTO placement (placement_id, referral_id) VALUES ('PL1', 'R1')"))


def add(engine: Engine, *rows: dict[str, object]) -> None:
    """Write stays, all or none."""
    with writing(engine) as session:
        session.execute(STAY.insert(), list(rows))


def change(engine: Engine, name: str, **values: object) -> None:
    """Change one stay."""
    with writing(engine) as session:
        session.execute(STAY.update().where(STAY.c.placement_bed_id == name).values(values))


def execute(engine: Engine, statement: str) -> None:
    """Run a statement as a program without manners would."""
    with writing(engine) as session:
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(stay("a", 0, 10), stay("b", 0, 10), id="the same nights"),
        pytest.param(stay("a", 0, 10), stay("b", 9, 20), id="the last night"),
        pytest.param(stay("a", 0, 10), stay("b", -5, 1), id="the first night"),
        pytest.param(stay("a", 0, 10), stay("b", 3, 5), id="within"),
        pytest.param(stay("a", 3, 5), stay("b", 0, 10), id="around"),
        pytest.param(stay("a", 0, 10, ended=20), stay("b", 15, 30), id="ended later than expected"),
        pytest.param(stay("a", 100, 110), stay("b", 105, 120), id="two future bookings"),
    ],
)
def test_a_second_stay_in_a_bed_is_refused(
    filled: Engine, first: dict[str, object], second: dict[str, object]
) -> None:
    add(filled, first)

    with pytest.raises(BedJustTaken):
        add(filled, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(stay("a", 0, 10), stay("b", 10, 20), id="the day the other leaves"),
        pytest.param(stay("a", 10, 20), stay("b", 0, 10), id="until the day the other arrives"),
        pytest.param(stay("a", 0, 10), stay("b", 100, 110), id="a future booking"),
        pytest.param(stay("a", 0, 10, ended=4), stay("b", 4, 9), id="ended early"),
        pytest.param(stay("a", 0, 10), stay("b", 5, 9, ended=5), id="no night within another stay"),
        pytest.param(stay("a", 5, 9, ended=5), stay("b", 0, 10), id="around a stay of no night"),
        pytest.param(stay("a", 0, 10), stay("b", 0, 10, bed="B2"), id="another bed"),
    ],
)
def test_stays_that_share_no_night_are_welcome(
    filled: Engine, first: dict[str, object], second: dict[str, object]
) -> None:
    add(filled, first)

    add(filled, second)

    assert check_database(filled) == []


@pytest.mark.parametrize(
    "values",
    [
        {"starts_on": day(9)},
        {"bed_id": "B1", "starts_on": day(5)},
        {"starts_on": day(0), "ended_on": day(2)},
    ],
)
def test_a_change_into_anothers_nights_is_refused(filled: Engine, values: dict[str, object]) -> None:
    add(filled, stay("a", 0, 10), stay("b", 10, 20))

    with pytest.raises(BedJustTaken):
        change(filled, "b", **values)


def test_a_stay_that_is_prolonged_into_the_next_one_is_refused(filled: Engine) -> None:
    add(filled, stay("a", 0, 10), stay("b", 10, 20), stay("c", 0, 30, bed="B2"))

    with pytest.raises(BedJustTaken):
        change(filled, "a", expected_end_on=day(11))
    with pytest.raises(BedJustTaken):
        change(filled, "a", ended_on=day(12))
    with pytest.raises(BedJustTaken):
        change(filled, "c", bed_id="B1")
    change(filled, "a", ended_on=day(8))
    change(filled, "b", starts_on=day(8))

    assert check_database(filled) == []


def test_of_two_people_who_book_a_bed_at_once_one_gets_it(filled: Engine, settings: Settings) -> None:
    other = connect(settings.model_copy(update={"busy_timeout_s": 5}))
    ours = connect(settings.model_copy(update={"busy_timeout_s": 5}))
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def book(engine: Engine, name: str) -> None:
        together.wait()
        try:
            add(engine, stay(name, 0, 10))
        except BedsError as refusal:
            outcomes.append(refusal.code)
        else:
            outcomes.append("booked")

    threads = [threading.Thread(target=book, args=args) for args in ((other, "a"), (ours, "b"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) in (["bed_just_taken", "booked"], ["booked", "database_unavailable"])
    with reading(filled) as session:
        assert session.execute(text("SELECT count(*) FROM placement_bed")).scalar() == 1
    other.dispose()
    ours.dispose()


def test_two_writers_who_looked_first_cannot_both_go_on(filled: Engine, settings: Settings) -> None:
    """Gender and keep-apart are rules across beds: two stays may each be right, and wrong together."""
    other = connect(settings)

    def look(session: Session) -> None:
        assert session.execute(select(func.count()).select_from(STAY)).scalar() == 0

    def both() -> None:
        with writing(filled) as ours:
            look(ours)
            with writing(other) as theirs:
                look(theirs)
                theirs.execute(STAY.insert().values(stay("theirs", 0, 10, bed="B2")))
            ours.execute(STAY.insert().values(stay("ours", 0, 10)))

    with pytest.raises(DatabaseUnavailable, match="busy"):
        both()

    with reading(filled) as session:
        written = session.scalars(select(STAY.c.placement_bed_id)).all()
    assert "ours" not in written
    other.dispose()


def test_the_second_writer_of_a_file_waits_its_turn_and_then_sees_what_was_written(
    sqlite_engine: Engine, sqlite_settings: Settings
) -> None:
    fill(sqlite_engine)
    patient = connect(sqlite_settings.model_copy(update={"busy_timeout_s": 5}))
    seen: list[int] = []

    def wait_and_write() -> None:
        with writing(patient) as theirs:
            seen.append(theirs.execute(select(func.count()).select_from(STAY)).scalar_one())
            theirs.execute(STAY.insert().values(stay("theirs", 10, 20)))

    second = threading.Thread(target=wait_and_write)
    with writing(sqlite_engine) as ours:
        second.start()
        second.join(timeout=0.3)
        ours.execute(STAY.insert().values(stay("ours", 0, 10)))
    second.join()

    assert seen == [1]
    patient.dispose()


nights = st.tuples(st.integers(0, 12), st.integers(1, 6), st.none() | st.integers(0, 8))


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(nights, min_size=2, max_size=5))
def test_the_guard_agrees_with_counting_nights(
    filled: Engine, stays: list[tuple[int, int, int | None]]
) -> None:
    rows = [
        stay(f"s{number}", first, first + length, ended=None if ended is None else first + ended)
        for number, (first, length, ended) in enumerate(stays)
    ]
    taken = [
        night
        for first, length, ended in stays
        for night in range(first, first + (length if ended is None else ended))
    ]
    with writing(filled) as session:
        session.execute(STAY.delete())

    try:
        add(filled, *rows)
    except BedJustTaken:
        refused = True
    else:
        refused = False

    assert refused == (len(taken) != len(set(taken)))


@pytest.mark.parametrize(
    ("statement", "guard"),
    [
        ("UPDATE site SET nation = 'Wales'", "nation"),
        ("UPDATE site SET site_type = 'hotel'", "site_type"),
        ("UPDATE site SET security_level = 4", "security_level"),
        ("UPDATE site SET max_age_girls = 18", "max_age_girls"),
        ("UPDATE site SET max_age_boys = -1", "max_age_boys"),
        ("UPDATE site SET max_stay_nights = 0", "max_stay_nights"),
        ("UPDATE site SET admits = ''", "admits_somebody"),
        ("UPDATE site SET opens_on = '2026-03-02', closes_on = '2026-03-02'", "open_before_closed"),
        ("UPDATE unit SET sharing = 'both'", "sharing"),
        ("UPDATE bed SET kind = 'bunk'", "kind"),
        ("UPDATE referral SET priority = 'now'", "priority"),
        ("UPDATE referral SET nation = 'France'", "nation"),
        ("UPDATE referral SET status = 'gone'", "status"),
        ("UPDATE referral SET risk_to_others = 'medium'", "risk_to_others"),
        ("UPDATE referral SET expected_stay_days = 0", "expected_stay_days"),
        ("UPDATE referral SET min_security_level = 0", "min_security_level"),
        ("INSERT INTO closure VALUES ('c', 'B1', '2026-03-02', '2026-03-02', '')", "nights"),
        ("INSERT INTO keep_apart VALUES ('k', 'referral:R1', 'referral:R1', 'R1', 'R1')", "two_survivors"),
        (
            "INSERT INTO decline VALUES ('d', 'referral:R1', 'R1', 'S1', 'police', '2026-03-02', '', NULL)",
            "declined_by",
        ),
        (
            f"INSERT INTO placement_bed {STAY_COLUMNS}"
            " VALUES ('p', 'PL1', 'B1', '2026-03-02', '2026-03-02', NULL)",
            "nights",
        ),
        (
            f"INSERT INTO placement_bed {STAY_COLUMNS}"
            " VALUES ('p', 'PL1', 'B1', '2026-03-02', '2026-03-09', '2026-03-01')",
            "ended_after_start",
        ),
    ],
)
def test_an_impossible_value_is_refused(shared: Engine, statement: str, guard: str) -> None:
    with pytest.raises(RecordRefused, match=guard):
        execute(shared, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO placement (placement_id, referral_id) VALUES ('PL2', 'R9')",
        "INSERT INTO bed (bed_id, unit_id, kind) VALUES ('B9', 'U9', 'single')",
        "DELETE FROM site",
        "DELETE FROM survivor",
        "INSERT INTO person (person_id, referral_id, is_lead, details) VALUES ('A9', 'R1', TRUE, 'x')",
        f"INSERT INTO referral (referral_id, {REFERRAL_COLUMNS})"
        f" SELECT 'R9', {REFERRAL_COLUMNS} FROM referral",
    ],
)
def test_a_dangling_reference_a_second_lead_or_a_second_open_referral_is_refused(
    shared: Engine, statement: str
) -> None:
    with pytest.raises(RecordRefused):
        execute(shared, statement)


def test_a_refusal_names_no_value(filled: Engine) -> None:
    with pytest.raises(RecordRefused) as refusal:
        execute(filled, "UPDATE referral SET exploitation_type = 'marker_of_a_case', status = 'gone'")

    assert "marker_of_a_case" not in str(refusal.value)
