"""Decisions about a survivor are kept with their days, and start the clocks of the case."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from beds.domain.terms import ConclusiveGrounds, ReferralStatus
from beds.errors import BadInput
from beds.services.referrals import (
    record_decision,
)
from tests.builders import TODAY
from tests.integration.cases import (
    opened,
    recorded,
)
from tests.integration.live import (
    ENGLISH,
    change,
)


def test_decisions_are_kept_and_start_the_clocks(engine: Engine) -> None:
    line = recorded(engine)

    line = change(
        engine,
        record_decision,
        ENGLISH,
        line.referral_id,
        reasonable_grounds_on=date(2026, 2, 1),
        version=line.version,
    )
    line = change(
        engine,
        record_decision,
        ENGLISH,
        line.referral_id,
        conclusive_grounds_on=date(2026, 3, 1),
        conclusive_grounds="positive",
        version=line.version,
    )

    view = opened(engine, line)
    assert view.decisions.conclusive_grounds is ConclusiveGrounds.POSITIVE
    assert {clock.kind: clock.ends_on for clock in view.clocks} == {
        "recovery": date(2026, 3, 3),
        "move_on": date(2026, 4, 15),
    }
    assert line.status is ReferralStatus.WAITING


@pytest.mark.parametrize(
    "decision",
    [
        {},
        {"reasonable_grounds_on": TODAY + timedelta(days=1)},
        {"conclusive_grounds_on": TODAY},
        {"conclusive_grounds": "positive"},
        {"conclusive_grounds": "MARKER", "conclusive_grounds_on": TODAY},
        {
            "reasonable_grounds_on": TODAY,
            "conclusive_grounds_on": TODAY - timedelta(days=1),
            "conclusive_grounds": "negative",
        },
    ],
)
def test_a_decision_that_cannot_be_is_refused(engine: Engine, decision: dict[str, object]) -> None:
    line = recorded(engine)

    with pytest.raises(BadInput) as refusal:
        change(engine, record_decision, ENGLISH, line.referral_id, version=1, **decision)

    assert "MARKER" not in str(refusal.value)
