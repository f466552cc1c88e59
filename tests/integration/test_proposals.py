"""A round's proposals: accepted or set aside, one by one or together, judged again and shown by nation."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from beds.domain.estate import Estate
from beds.domain.records.rounds import ProposalState
from beds.domain.terms import HoldState, Nation, ReferralStatus
from beds.errors import (
    BadInput,
    BedJustTaken,
    HardRuleBroken,
    NotAllowedNow,
    NotFound,
    NotPermitted,
    PreferenceUnmet,
)
from beds.services.proposals import (
    ProposalsOfRound,
    accept_all,
    accept_proposal,
    list_proposals,
    set_aside,
)
from beds.services.rounds import keep_round, run_round
from tests.builders import (
    CLOCK,
    NOON,
    TODAY,
    a_bed,
    a_person,
    a_referral,
    a_site,
    a_small_estate,
    a_unit,
)
from tests.integration.live import (
    ALL_NATIONS,
    ENGLISH,
    NOBODYS_CASES,
    PROVIDER,
    SCOTTISH,
    SPEAKS_ALBANIAN,
    WOMEN,
    ask,
    change,
    estate_now,
    events,
    place,
    status_of,
    the_policy,
    two_women,
)
from tests.integration.recorded import bring_in, contents, execute

PROPOSED, ACCEPTED = ProposalState.PROPOSED, ProposalState.ACCEPTED


def a_round(engine: Engine, estate: Estate | None = None) -> str:
    """Bring an estate in, run a round at noon and return its run."""
    bring_in(engine, estate or two_women())
    return another_round(engine)


def another_round(engine: Engine) -> str:
    """Run a round on what is there at noon, and return its run."""
    policy = the_policy()
    held = run_round(estate_now(engine), CLOCK, periods=policy.periods, points=policy.points)
    return change(engine, lambda session, clock: keep_round(session, "test", held, NOON))


def proposals(engine: Engine, run_id: str, actor: Any = ENGLISH) -> ProposalsOfRound:
    """Return the proposals of a round as somebody sees them."""
    return ask(engine, list_proposals, actor, run_id)


def proposal_of(engine: Engine, run_id: str, who: str = "R1") -> str:
    """Return the proposal for a household."""
    (found,) = [p for p in proposals(engine, run_id, ALL_NATIONS).proposals if p.referral_id == who]
    return found.proposal_id


def accept(engine: Engine, run_id: str, proposal_id: str, actor: Any = ENGLISH, **options: Any) -> Any:
    """Accept one proposal."""
    return change(engine, accept_proposal, actor, run_id, proposal_id, policy=the_policy(), **options)


def both_nations() -> Estate:
    """Return a household and a site of one bed in each of two nations."""
    scottish = a_site("S2", nation=Nation.SCOTLAND, region="S92000003")
    return a_small_estate(
        sites=(a_site(), scottish),
        units=(a_unit(), a_unit("U2", "S2")),
        beds=(a_bed(), a_bed("B2", "U2")),
        referrals=(a_referral(), a_referral("R2", nation=Nation.SCOTLAND)),
        people=WOMEN,
    )


def test_an_accepted_proposal_is_a_hold_in_its_unit(engine: Engine) -> None:
    run_id = a_round(engine)
    proposal = proposals(engine, run_id).proposals[0]

    hold = accept(engine, run_id, proposal.proposal_id)

    assert (hold.referral_id, hold.unit_id, hold.state) == (
        proposal.referral_id,
        proposal.unit_id,
        HoldState.PLACED,
    )
    assert proposals(engine, run_id).proposals[0].state is ACCEPTED
    assert events(engine, "hold_placed")[0]["subject"] == hold.hold_id


def test_some_proposals_are_accepted_and_the_others_stay_open(engine: Engine) -> None:
    run_id = a_round(engine)
    first, second = proposals(engine, run_id).proposals

    answers = change(
        engine, accept_all, ENGLISH, run_id, policy=the_policy(), only=[first.proposal_id, "run-0001"]
    )

    assert [answer.proposal_id for answer in answers] == [first.proposal_id]
    assert [one.state for one in proposals(engine, run_id).proposals] == [ACCEPTED, ProposalState.PROPOSED]
    assert second.state is ProposalState.PROPOSED


def test_what_the_round_states_needs_no_reason(engine: Engine) -> None:
    run_id = a_round(engine, a_small_estate(people=(SPEAKS_ALBANIAN,)))
    (proposal,) = proposals(engine, run_id).proposals

    hold = accept(engine, run_id, proposal.proposal_id)

    assert dict(proposal.mismatch)["language"] == the_policy().points.language
    assert hold.state is HoldState.PLACED


def test_a_mismatch_that_the_round_did_not_state_does(sqlite_engine: Engine) -> None:
    run_id = a_round(sqlite_engine)
    execute(sqlite_engine, "UPDATE referral SET preferred_regions = 'E12000002'")

    with pytest.raises(PreferenceUnmet, match="changed since the round") as refused:
        accept(sqlite_engine, run_id, proposal_of(sqlite_engine, run_id))

    assert refused.value.preferences == ("region",)


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        pytest.param("UPDATE referral SET status = 'closed'", NotAllowedNow, id="closed"),
        pytest.param("UPDATE site SET admits = 'male'", HardRuleBroken, id="another house"),
        pytest.param(
            "INSERT INTO closure VALUES ('c1', 'B1', '2026-03-01', NULL, ''),"
            " ('c2', 'B2', '2026-03-01', NULL, '')",
            BedJustTaken,
            id="no room",
        ),
    ],
)
def test_a_proposal_that_no_longer_fits_is_refused_with_what_has_changed(
    engine: Engine, statement: str, refusal: type[Exception]
) -> None:
    run_id = a_round(engine)
    execute(engine, statement)
    before = contents(engine)

    with pytest.raises(refusal, match=r"changed since the round: ."):
        accept(engine, run_id, proposal_of(engine, run_id))

    assert contents(engine) == before


def test_a_proposal_of_an_older_round_is_stale(engine: Engine) -> None:
    old = a_round(engine)
    proposal_id = proposal_of(engine, old)
    another_round(engine)

    with pytest.raises(NotAllowedNow, match="stale"):
        accept(engine, old, proposal_id)


def test_a_proposal_is_accepted_once(engine: Engine) -> None:
    run_id = a_round(engine)
    proposal_id = proposal_of(engine, run_id)
    accept(engine, run_id, proposal_id)

    with pytest.raises(NotAllowedNow, match="accepted already"):
        accept(engine, run_id, proposal_id)


def test_a_household_that_is_held_by_hand_is_not_held_again_by_its_proposal(sqlite_engine: Engine) -> None:
    run_id = a_round(sqlite_engine)
    place(sqlite_engine, unit="U2")

    with pytest.raises(NotAllowedNow, match="in force"):
        accept(sqlite_engine, run_id, proposal_of(sqlite_engine, run_id))


def test_a_proposal_cannot_be_claimed_for_another_household_or_unit(sqlite_engine: Engine) -> None:
    run_id = a_round(sqlite_engine)
    proposal_id = proposal_of(sqlite_engine, run_id, "R2")

    with pytest.raises(NotAllowedNow, match="no open proposal"):
        place(sqlite_engine, proposal_id=proposal_id)


def test_a_proposal_set_aside_is_not_accepted_any_more(engine: Engine) -> None:
    run_id = a_round(engine)
    proposal_id = proposal_of(engine, run_id)

    view = change(engine, set_aside, ENGLISH, run_id, proposal_id, reason="moved_elsewhere")

    assert view.state is ProposalState.SET_ASIDE
    assert status_of(engine) is ReferralStatus.WAITING
    assert [event["referral_id"] for event in events(engine, "proposal_set_aside")] == ["R1"]
    with pytest.raises(NotAllowedNow, match="set aside already"):
        accept(engine, run_id, proposal_id)
    with pytest.raises(NotAllowedNow):
        change(engine, set_aside, ENGLISH, run_id, proposal_id, reason="moved_elsewhere")


def test_a_proposal_is_set_aside_for_a_reason_of_one_word(sqlite_engine: Engine) -> None:
    run_id = a_round(sqlite_engine)

    with pytest.raises(BadInput):
        change(
            sqlite_engine, set_aside, ENGLISH, run_id, proposal_of(sqlite_engine, run_id), reason="Not nice"
        )


def test_all_are_accepted_each_by_itself(engine: Engine) -> None:
    """One of them has been overtaken: it changes nothing, and is in nobody's way."""
    tomorrow = a_referral("R9", needed_from=TODAY + timedelta(days=1))
    estate = two_women(
        units=(a_unit(), a_unit("U2"), a_unit("U3")),
        beds=(a_bed(), a_bed("B2", "U2"), a_bed("B3", "U3")),
        referrals=(a_referral(), a_referral("R2"), a_referral("R3"), tomorrow),
        people=tuple(a_person(f"A{n}", f"R{n}") for n in (1, 2, 3, 9)),
    )
    run_id = a_round(engine, estate)
    first, *_ = proposals(engine, run_id).proposals
    execute(engine, "UPDATE referral SET needed_from = '2026-03-03' WHERE referral_id = 'R9'")
    place(engine, who="R9", unit=first.unit_id)

    answers = change(engine, accept_all, ENGLISH, run_id, policy=the_policy())

    assert [answer.code for answer in answers] == ["bed_just_taken", None, None]
    assert "changed since the round" in (answers[0].message or "")
    assert all(answer.hold is not None for answer in answers[1:])
    assert [p.state for p in proposals(engine, run_id).proposals] == [PROPOSED, ACCEPTED, ACCEPTED]
    assert status_of(engine, first.referral_id) is ReferralStatus.WAITING
    assert len(events(engine, "hold_placed")) == 3


def test_what_is_proposed_for_cases_of_another_nation_is_a_number(engine: Engine) -> None:
    run_id = a_round(engine, both_nations())

    english, scottish = proposals(engine, run_id), proposals(engine, run_id, SCOTTISH)

    assert ([p.referral_id for p in english.proposals], english.others) == (["R1"], 1)
    assert ([p.referral_id for p in scottish.proposals], scottish.others) == (["R2"], 1)
    assert proposals(engine, run_id, ALL_NATIONS).others == 0
    theirs = proposal_of(engine, run_id, "R2")
    with pytest.raises(NotFound):
        accept(engine, run_id, theirs)
    with pytest.raises(NotFound):
        change(engine, set_aside, ENGLISH, run_id, theirs, reason="moved_elsewhere")
    answers = change(engine, accept_all, ENGLISH, run_id, policy=the_policy())
    assert [answer.proposal_id for answer in answers] == [proposal_of(engine, run_id)]


@pytest.mark.parametrize("actor", [PROVIDER, *NOBODYS_CASES], ids=lambda actor: actor.user_id)
def test_proposals_are_for_who_sees_cases_and_may_claim_beds(sqlite_engine: Engine, actor: Any) -> None:
    run_id = a_round(sqlite_engine)
    proposal_id = proposal_of(sqlite_engine, run_id)

    with pytest.raises(NotPermitted):
        proposals(sqlite_engine, run_id, actor)
    with pytest.raises(NotPermitted):
        accept(sqlite_engine, run_id, proposal_id, actor)
    with pytest.raises(NotPermitted):
        change(sqlite_engine, accept_all, actor, run_id, policy=the_policy())
    with pytest.raises(NotPermitted):
        change(sqlite_engine, set_aside, actor, run_id, proposal_id, reason="moved_elsewhere")


def test_a_round_or_a_proposal_that_is_not_there_is_not_found(sqlite_engine: Engine) -> None:
    run_id = a_round(sqlite_engine)

    with pytest.raises(NotFound):
        proposals(sqlite_engine, "run-9")
    with pytest.raises(NotFound):
        accept(sqlite_engine, "run-9", proposal_of(sqlite_engine, run_id))
