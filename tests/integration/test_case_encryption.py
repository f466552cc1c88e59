"""What is kept under the key of a case: read with it, and with nothing else; nothing of it is in any file."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from beds.audit import detail_of, details_of, record
from beds.case_keys import case_keys_of
from beds.database import METADATA, connect, reading, writing
from beds.domain.records.columns import keyring_of
from beds.domain.referral import Person
from beds.errors import Anonymised, DatabaseUnavailable
from beds.roles import OPERATOR
from beds.sealing import case_keys
from beds.services.backup import back_up
from beds.settings import Settings
from beds.store import RoundVersions, check_database, load_estate, load_round, save_round
from beds.store.people import note_of_row, note_values, people_of_rows, person_details
from beds.store.reencrypting import to_case_keys
from tests.builders import NOON, a_person, a_referral, a_small_estate
from tests.integration.live import stored
from tests.integration.recorded import bring_in, execute
from tests.problems import a_problem, a_request, a_slot

PERSON, REFERRAL, EVENT = (METADATA.tables[name] for name in ("person", "referral", "audit_event"))
VERSIONS = RoundVersions("1", "9", "3.11")
RESULT = json.dumps({"as_at": NOON.isoformat(), "status": "optimal", "objective": {}, "placements": []})
PROBLEM = a_problem(
    [a_request(days_waited=7), a_request("R2")],
    [a_slot(), a_slot("U2")],
    barred=[("R2", "U1")],
    points={("R1", "U2"): 30},
    apart=[("R1", "R2")],
).to_json()
HER = a_person(languages=frozenset({"markerlanguage"}), due_on=date(2031, 12, 30))


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Give a database with two households, a note and an event about the first, and a round on both."""
    bring_in(
        engine,
        a_small_estate(referrals=(a_referral(), a_referral("R2")), people=(HER, a_person("A2", "R2"))),
    )
    with writing(engine) as session:
        noted = note_values(session, "R1", "marker note")
        session.execute(REFERRAL.update().where(REFERRAL.c.referral_id == "R1").values(noted))
        detail = {"reason": "marker_reason"}
        record(session, "user-1", "hold_placed", "hold-1", detail, at=NOON, referral_id="R1")
    return engine


def destroy(engine: Engine, *referrals: str) -> None:
    """Destroy the keys of cases and nothing else."""
    case_keys_of(engine.dialect).destroy(referrals, at=NOON)


def people(engine: Engine) -> dict[str, Person]:
    """Read everybody."""
    with reading(engine) as session:
        return people_of_rows(session, session.execute(PERSON.select()).all())


def note(engine: Engine, referral_id: str = "R1") -> str | None:
    """Read a referral's notes."""
    with reading(engine) as session:
        row = session.execute(REFERRAL.select().where(REFERRAL.c.referral_id == referral_id)).one()
        return note_of_row(session, row)


def a_round(engine: Engine) -> str:
    """Keep a round on both households."""
    with writing(engine) as session:
        return save_round(
            session, actor="test", at=NOON, result_json=RESULT, problem_json=PROBLEM, versions=VERSIONS
        )


def test_people_and_notes_are_sealed_and_come_back(filled: Engine) -> None:
    assert people(filled)["A1"] == HER
    assert (note(filled), note(filled, "R2")) == ("marker note", None)
    tokens = [*stored(filled, "person", "details"), *stored(filled, "referral", "notes", referral_id="R1")]
    assert all(token.startswith("case:") for token in tokens)


def test_a_destroyed_key_takes_the_people_and_the_notes_of_its_case_only(filled: Engine) -> None:
    destroy(filled, "R1")

    assert people(filled).keys() == {"A2"}
    with reading(filled) as session:
        assert [person.person_id for person in load_estate(session).people] == ["A2"]
    with pytest.raises(Anonymised):
        note(filled)


def test_nothing_new_is_kept_of_a_case_whose_key_is_destroyed(filled: Engine) -> None:
    destroy(filled, "R1")

    with pytest.raises(Anonymised), writing(filled) as session:
        note_values(session, "R1", "another note")
    with pytest.raises(Anonymised), writing(filled) as session:
        record(session, "user-1", "hold_placed", "hold-2", {}, at=NOON, referral_id="R1")


def test_people_from_before_cases_had_keys_are_read_and_then_put_under_them(filled: Engine) -> None:
    keyring = keyring_of(filled.dialect)
    old = {"old": keyring.encrypt(json.dumps(person_details(HER))), "note": keyring.encrypt("old note")}
    with writing(filled) as session:
        session.execute(text("UPDATE person SET details = :old WHERE person_id = 'A1'"), old)
        session.execute(text("UPDATE referral SET notes = :note WHERE referral_id = 'R1'"), old)
    assert (people(filled)["A1"], note(filled)) == (HER, "old note")

    with writing(filled) as session:
        moved = to_case_keys(session)

    assert moved == 2
    assert (people(filled)["A1"], note(filled)) == (HER, "old note")
    assert all(token.startswith("case:") for token in stored(filled, "person", "details"))
    destroy(filled, "R1")
    assert people(filled).keys() == {"A2"}


def test_a_column_of_a_case_takes_nothing_that_is_not_sealed(filled: Engine) -> None:
    with pytest.raises(Exception, match="under the key of its case"), writing(filled) as session:
        session.execute(PERSON.update().values(details="marker in the clear"))


def test_the_detail_of_an_event_about_a_case_goes_with_its_key_and_the_chain_stays(filled: Engine) -> None:
    def details() -> list[object]:
        with reading(filled) as session:
            rows = session.execute(EVENT.select().order_by(EVENT.c.sequence)).all()
            assert detail_of(session, rows[0]) == rows[0].detail
            return details_of(session, rows)[1:]

    assert details() == [{"reason": "marker_reason"}]

    destroy(filled, "R1")

    assert details() == [None]
    # The case itself is still there: that is the one thing to be put right.
    assert [fault for fault in check_database(filled) if not fault.startswith("cases: ")] == []


def test_a_round_comes_back_to_the_byte_until_one_of_its_cases_is_gone(filled: Engine) -> None:
    run_id = a_round(filled)
    with reading(filled) as session:
        assert load_round(session, run_id).problem_json == PROBLEM

    destroy(filled, "R2")

    with reading(filled) as session, pytest.raises(Anonymised, match="1 of the 2 households"):
        load_round(session, run_id)


def test_a_round_says_of_nobody_what_is_not_under_the_key_of_her_case(filled: Engine) -> None:
    run_id = a_round(filled)

    base = stored(filled, "allocation_round", "frozen_problem", run_id=run_id)[0]

    document = json.loads(base)
    assert document["requests"] == ["R1", "R2"]
    assert (document["pairs"], document["mismatch"], document["conflicts"]) == ([], [], [])
    assert [unit[0] for unit in document["units"]] == ["U1", "U2"]


def test_a_round_from_before_cases_had_keys_is_read_whole_and_then_split(filled: Engine) -> None:
    run_id = a_round(filled)
    table = METADATA.tables["allocation_round"]
    with writing(filled) as session:
        session.execute(table.update().values(frozen_problem=PROBLEM, frozen_cases=None))
    with reading(filled) as session:
        assert load_round(session, run_id).problem_json == PROBLEM

    with writing(filled) as session:
        assert to_case_keys(session) == 1

    assert stored(filled, "allocation_round", "frozen_cases")[0].keys() == {"R1", "R2"}
    with reading(filled) as session:
        assert load_round(session, run_id).problem_json == PROBLEM


def test_case_keys_that_are_lost_are_no_anonymised_cases(filled: Engine) -> None:
    file = case_keys_of(filled.dialect).file
    assert file is not None
    case_keys_of(filled.dialect).close()
    aside = file.replace(file.with_name("aside"))

    with pytest.raises(DatabaseUnavailable, match="BEDS_CASE_KEYS_FILE"):
        people(filled)
    with pytest.raises(DatabaseUnavailable, match="missing"), writing(filled) as session:
        note_values(session, "R1", "another note")
    assert any("case keys" in fault for fault in check_database(filled))

    assert not file.exists()
    aside.replace(file)
    assert people(filled)["A1"] == HER


def test_the_case_keys_of_another_database_are_refused(
    filled: Engine, settings: Settings, tmp_path: Path
) -> None:
    strangers = connect(settings.model_copy(update={"case_keys_file": tmp_path / "strangers"}))
    case_keys_of(strangers.dialect).make(["R9"])

    with pytest.raises(DatabaseUnavailable, match="another database"), writing(strangers) as session:
        note_values(session, "R1", "another note")

    assert any("another database" in fault for fault in check_database(strangers))
    strangers.dispose()


def test_a_value_of_one_person_does_not_open_as_anothers(filled: Engine) -> None:
    execute(filled, "DELETE FROM person WHERE person_id = 'A2'")
    execute(filled, "UPDATE person SET person_id = 'A2' WHERE person_id = 'A1'")

    with pytest.raises(DatabaseUnavailable):
        people(filled)

    assert "encryption: 1 values of person.details cannot be read" in check_database(filled)


MARKERS = ("markerlanguage", "2031-12-30", "marker note", "marker_reason", "days_waited", '"female"')


def test_nothing_of_a_case_is_in_the_bytes_of_any_file(
    filled: Engine, settings: Settings, tmp_path: Path
) -> None:
    a_round(filled)
    back_up(filled, OPERATOR, tmp_path / "beds.backup", at=NOON)
    with reading(filled) as session:
        keys = case_keys(session).file
        rows = [str(tuple(row)) for table in METADATA.tables for row in session.execute(_all_of(table))]
    assert keys is not None
    filled.dispose()

    content = b"".join(path.read_bytes() for path in {*tmp_path.rglob("*"), keys} if path.is_file())
    content += "\n".join(rows).encode()

    assert b"R1" in content
    assert [marker for marker in MARKERS if marker.encode() in content] == []


def test_the_keys_of_cases_are_in_no_backup(filled: Engine, tmp_path: Path) -> None:
    with reading(filled) as session:
        keys = case_keys(session)
        token = stored(filled, "person", "details", person_id="A1")[0]
        assert keys.cipher("R1").decrypt("person A1", token)
    back_up(filled, OPERATOR, tmp_path / "beds.backup", at=NOON)

    destroy(filled, "R1")

    assert token.encode() in (tmp_path / "beds.backup").read_bytes()
    with pytest.raises(Anonymised):
        keys.cipher("R1")


def _all_of(table: str) -> object:
    return text(f"SELECT * FROM {table}")
