"""Rounds as they were: the frozen problem, the result to the byte, the versions, and the proposals.

A round that is saved answers in place of those before it: their open proposals become stale.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, JsonValue, ValidationError
from sqlalchemy import Row, select
from sqlmodel import Session

from beds.audit import record
from beds.domain.records import METADATA
from beds.domain.records.rounds import ProposalState
from beds.domain.terms import BedRef, ReferralRef, UnitRef
from beds.errors import Anonymised, BadInput, NotFound
from beds.sealing import opening_keys, sealing_keys
from beds.store.frozen import join_problem, split_problem

ROUND, PROPOSAL = METADATA.tables["allocation_round"], METADATA.tables["proposal"]
RUN_ID_BYTES = 5
ROUND_SAVED = "round_saved"


@dataclass(frozen=True, slots=True)
class RoundVersions:
    """What a round was computed with; the same versions give the same answer."""

    model: str
    ortools: str
    python: str


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """What a round proposes for one household, and what became of it."""

    proposal_id: str
    referral_id: ReferralRef
    unit_id: UnitRef
    bed_ids: tuple[BedRef, ...]
    starts_on: date
    expected_end_on: date
    mismatch: dict[str, int]
    state: ProposalState


@dataclass(frozen=True, slots=True)
class StoredRound:
    """A round as it was saved."""

    run_id: str
    as_at: datetime
    recorded_at: datetime
    status: str
    result_json: str
    problem_json: str
    versions: RoundVersions
    proposals: tuple[StoredProposal, ...]


class _ProposedPlacement(BaseModel):
    """What is kept of one of the result's placements; its site follows from its unit."""

    referral_id: str
    unit_id: str
    bed_ids: list[str]
    starts_on: date
    expected_end_on: date
    mismatch: dict[str, int]


class _Result(BaseModel):
    """What is read of a result; its text is kept whole."""

    as_at: AwareDatetime
    status: Literal["optimal", "feasible"]
    objective: dict[str, int]
    placements: list[_ProposedPlacement]


def save_round(
    session: Session,
    *,
    actor: str,
    at: datetime,
    result_json: str,
    problem_json: str,
    versions: RoundVersions,
) -> str:
    """Keep a round and its proposals, and return its run's identifier.

    Parameters
    ----------
    at : when it is saved; the round's own instant is in its result
    result_json : the result (`allocation.md` §6), kept to the byte: opaque references only
    problem_json : the frozen problem, kept encrypted: what it says of a household under the case's own key

    Raises
    ------
    BadInput
        The result is not a round's, or the problem not one that can be kept by case.
    Anonymised
        A household of it was anonymised meanwhile.
    """
    result = _read_result(result_json)
    base, cases = split_problem(problem_json)
    run_id = f"run-{secrets.token_hex(RUN_ID_BYTES)}"
    keys = sealing_keys(session, cases)
    session.execute(
        ROUND.insert().values(
            run_id=run_id,
            as_at=result.as_at,
            recorded_at=at,
            status=result.status,
            objective=result.objective,
            model_version=versions.model,
            ortools_version=versions.ortools,
            python_version=versions.python,
            result=result_json,
            frozen_problem=base,
            frozen_cases={ref: keys[ref].encrypt(frozen_of(run_id), text) for ref, text in cases.items()},
        )
    )
    session.execute(
        PROPOSAL.update().where(PROPOSAL.c.state == ProposalState.PROPOSED).values(state=ProposalState.STALE)
    )
    proposals = [
        _proposal_values(run_id, number, placement)
        for number, placement in enumerate(result.placements, start=1)
    ]
    if proposals:
        session.execute(PROPOSAL.insert(), proposals)
    sealed: dict[str, JsonValue] = {
        "proposals": len(proposals),
        "seal": round_seal(result.status, result_json),
    }
    record(session, actor, ROUND_SAVED, run_id, sealed, at=at)
    return run_id


def round_seal(status: str, result_json: str) -> str:
    """Return what the audit keeps of a round, so that a result changed afterwards is found."""
    return hashlib.sha256(f"{status}\n{result_json}".encode()).hexdigest()


def load_round(session: Session, run_id: str) -> StoredRound:
    """Return a round as it was saved, its proposals in the order of the result.

    Raises
    ------
    NotFound
        There is no such run.
    Anonymised
        A household of it was anonymised: what the round was about cannot be put together again.
    """
    row = session.execute(select(ROUND).where(ROUND.c.run_id == run_id)).one_or_none()
    if row is None:
        raise NotFound("there is no such run: see the identifier that `beds allocate` printed")
    proposals = session.execute(
        select(PROPOSAL).where(PROPOSAL.c.run_id == run_id).order_by(PROPOSAL.c.proposal_id)
    )
    return StoredRound(
        run_id=row.run_id,
        as_at=row.as_at,
        recorded_at=row.recorded_at,
        status=row.status,
        result_json=row.result,
        problem_json=_problem(session, row),
        versions=RoundVersions(row.model_version, row.ortools_version, row.python_version),
        proposals=tuple(map(_stored_proposal, proposals)),
    )


def _problem(session: Session, row: Row[Any]) -> str:
    """Return the frozen problem of a round; one from before cases had keys is whole as it is."""
    if row.frozen_cases is None:
        return str(row.frozen_problem)
    tokens: dict[str, str] = row.frozen_cases
    keys = opening_keys(session, tokens.items())
    gone = len(tokens) - len(keys)
    if gone:
        raise Anonymised(
            f"{gone} of the {len(tokens)} households of this round were anonymised since, and their keys "
            "destroyed: its result can still be read, but it cannot be replayed"
        )
    purpose = frozen_of(row.run_id)
    cases = {ref: keys[ref].decrypt(purpose, token) for ref, token in tokens.items()}
    return join_problem(row.frozen_problem, cases)


def frozen_of(run_id: str) -> str:
    """Return what the problem of one round is sealed for: it opens as that round's only."""
    return f"frozen {run_id}"


def latest_round_id(session: Session) -> str | None:
    """Return the run that was saved last, or None where none is kept."""
    newest_first = select(ROUND.c.run_id).order_by(ROUND.c.recorded_at.desc(), ROUND.c.run_id)
    found: str | None = session.execute(newest_first.limit(1)).scalar()
    return found


def _read_result(text: str) -> _Result:
    try:
        return _Result.model_validate_json(text)
    except ValidationError:
        raise BadInput("the result of a round: not in the form of allocation.md §6") from None


def _proposal_values(run_id: str, number: int, placement: _ProposedPlacement) -> dict[str, object]:
    return {
        **placement.model_dump(),
        "proposal_id": f"{run_id}-{number:04d}",
        "run_id": run_id,
        "state": ProposalState.PROPOSED,
    }


def _stored_proposal(row: Row[Any]) -> StoredProposal:
    return StoredProposal(
        proposal_id=row.proposal_id,
        referral_id=ReferralRef(row.referral_id),
        unit_id=UnitRef(row.unit_id),
        bed_ids=tuple(map(BedRef, row.bed_ids)),
        starts_on=row.starts_on,
        expected_end_on=row.expected_end_on,
        mismatch=row.mismatch,
        state=ProposalState(row.state),
    )
