"""A round is kept to the byte, with its frozen problem encrypted and its proposals beside it."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from beds.database import reading, writing
from beds.domain.records.rounds import ProposalState
from beds.errors import BadInput, NotFound, RecordRefused
from beds.store import RoundVersions, StoredRound, check_database, import_estate, load_round, save_round
from tests.builders import NOON, a_person, a_referral, a_small_estate
from tests.problems import a_problem, a_request, a_slot

VERSIONS = RoundVersions(model="1", ortools="9.15", python="3.11.7")
PROBLEM = a_problem(
    [a_request(outcome="frozen-problem-of-this-round"), a_request("R2")], [a_slot()], apart=[("R1", "R2")]
).to_json()


def a_result(*referrals: str, **changes: object) -> str:
    """Return a round's result that places these households, as indented JSON."""
    placements = [
        {
            "referral_id": referral,
            "site_id": "S1",
            "unit_id": "U1",
            "bed_ids": ["B1"],
            "starts_on": "2026-03-03",
            "expected_end_on": "2026-04-02",
            "mismatch": {"language": 30},
        }
        for referral in referrals
    ]
    result = {
        "schema_version": 1,
        "as_at": "2026-03-03T12:00:00+01:00",
        "status": "optimal",
        "objective": {"emergency": 0, "standard": len(placements), "mismatch": 30},
        "placements": placements,
        "unplaced": [],
        **changes,
    }
    return json.dumps(result, indent=2)


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Give a database with two households waiting."""
    estate = a_small_estate(
        referrals=(a_referral(), a_referral("R2")), people=(a_person(), a_person("A2", "R2"))
    )
    with writing(engine) as session:
        import_estate(session, estate, actor="test", at=NOON)
    return engine


def save(engine: Engine, result_json: str) -> str:
    """Save a round in a transaction of its own."""
    with writing(engine) as session:
        return save_round(
            session, actor="test", at=NOON, result_json=result_json, problem_json=PROBLEM, versions=VERSIONS
        )


def load(engine: Engine, run_id: str) -> StoredRound:
    """Load a round in a transaction of its own."""
    with reading(engine) as session:
        return load_round(session, run_id)


def test_a_round_comes_back_to_the_byte(filled: Engine) -> None:
    result = a_result("R1")

    found = load(filled, save(filled, result))

    assert (found.result_json, found.problem_json, found.versions) == (result, PROBLEM, VERSIONS)
    assert found.as_at == datetime(2026, 3, 3, 11, 0, tzinfo=UTC)
    assert (found.status, found.recorded_at) == ("optimal", NOON)


def test_each_placement_is_a_proposal_and_nothing_more(filled: Engine) -> None:
    found = load(filled, save(filled, a_result("R1", "R2")))

    assert [proposal.referral_id for proposal in found.proposals] == ["R1", "R2"]
    first = found.proposals[0]
    assert (first.unit_id, first.bed_ids, first.mismatch) == ("U1", ("B1",), {"language": 30})
    assert (first.starts_on, first.expected_end_on) == (date(2026, 3, 3), date(2026, 4, 2))
    assert first.state is ProposalState.PROPOSED
    with reading(filled) as session:
        assert session.execute(text("SELECT count(*) FROM hold")).scalar() == 0


def test_a_newer_round_answers_in_place_of_the_older(filled: Engine) -> None:
    older = save(filled, a_result("R1", "R2"))
    with writing(filled) as session:
        session.execute(text("UPDATE proposal SET state = 'accepted' WHERE referral_id = 'R2'"))

    newer = save(filled, a_result("R1"))

    states = [proposal.state for proposal in load(filled, older).proposals]
    assert states == [ProposalState.STALE, ProposalState.ACCEPTED]
    assert [proposal.state for proposal in load(filled, newer).proposals] == [ProposalState.PROPOSED]
    assert check_database(filled) == []


def test_the_frozen_problem_is_not_readable_in_the_file(sqlite_engine: Engine, tmp_path: Path) -> None:
    with writing(sqlite_engine) as session:
        import_estate(session, a_small_estate(), actor="test", at=NOON)
    save(sqlite_engine, a_result("R1"))

    content = b"".join(path.read_bytes() for path in tmp_path.glob("beds.db*"))

    assert b"frozen-problem" not in content


def test_a_run_that_is_not_there_is_not_found(engine: Engine) -> None:
    with pytest.raises(NotFound):
        load(engine, "run-0000000000")


@pytest.mark.parametrize(
    "result",
    [
        "",
        "[]",
        "{}",
        a_result("R1", status="infeasible"),
        a_result("R1", as_at="2026-03-03T12:00:00"),
        a_result("R1", placements=[{"referral_id": "R1"}]),
    ],
)
def test_what_is_no_result_of_a_round_is_refused(filled: Engine, result: str) -> None:
    with pytest.raises(BadInput, match="not in the form"):
        save(filled, result)


def test_a_round_about_households_that_are_not_there_is_refused_whole(filled: Engine) -> None:
    with pytest.raises(RecordRefused):
        save(filled, a_result("R1", "R9"))

    with reading(filled) as session:
        assert session.execute(text("SELECT count(*) FROM allocation_round")).scalar() == 0


@pytest.mark.parametrize("change", ["result = replace(result, 'U1', 'U2')", "status = 'feasible'"])
def test_a_round_changed_after_it_was_saved_is_found(filled: Engine, change: str) -> None:
    run_id = save(filled, a_result("R1"))
    assert check_database(filled) == []

    with writing(filled) as session:
        session.execute(text(f"UPDATE allocation_round SET {change}"))

    assert check_database(filled) == [f"round: {run_id} is not as it was saved"]
