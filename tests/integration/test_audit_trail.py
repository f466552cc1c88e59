"""Auditors read the audit newest first, a page at a time, by who, what, and which case or site."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from beds.audit import record
from beds.audit_anchor import Head, anchor_of
from beds.case_keys import case_keys_of
from beds.database import reading, writing
from beds.errors import BadInput, NotPermitted
from beds.read_log import read_log_of
from beds.roles import Role, actor_of
from beds.services.audit_trail import (
    BooksState,
    EventFilter,
    actions_recorded,
    list_events,
    verify_books,
)
from tests.builders import NOON

AUDITOR = actor_of("user-auditor", Role.AUDITOR)


@pytest.fixture
def audited(engine: Engine) -> Engine:
    """Give a database with five events: the third about a case and a site, the fifth about a site."""
    about: list[dict[str, str]] = [{}, {}, {"referral_id": "ref-1", "site_id": "S1"}, {}, {"site_id": "S1"}]
    with writing(engine) as session:
        for number, case_and_site in enumerate(about, start=1):
            record(
                session,
                f"user-{number % 2}",
                "hold_placed" if number > 2 else "site_added",
                f"subject-{number}",
                {"beds": number},
                at=NOON + timedelta(hours=number),
                **case_and_site,
            )
    return engine


def test_pages_hold_each_event_once_newest_first(audited: Engine) -> None:
    found, after = [], None

    with reading(audited) as session:
        while True:
            page = list_events(session, AUDITOR, after=after, limit=2)
            found += [event.sequence for event in page.rows]
            after = page.next_after
            if after is None:
                break

    assert found == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (EventFilter(actor="user-0"), [4, 2]),
        (EventFilter(action="site_added"), [2, 1]),
        (EventFilter(referral_id="ref-1"), [3]),
        (EventFilter(site_id="S1"), [5, 3]),
        (EventFilter(since=NOON + timedelta(hours=4)), [5, 4]),
        (EventFilter(until=NOON + timedelta(hours=2)), [1]),
        (EventFilter(about="subject-4"), [4]),
        (EventFilter(about="ref-1"), [3]),
        (EventFilter(about="S1", until=NOON + timedelta(hours=5)), [3]),
        (EventFilter(actor="user-1", action="hold_placed"), [5, 3]),
        (EventFilter(actor="nobody"), []),
    ],
)
def test_events_are_found_by_who_what_which_and_when(
    audited: Engine, wanted: EventFilter, expected: list[int]
) -> None:
    with reading(audited) as session:
        page = list_events(session, AUDITOR, wanted)

    assert [event.sequence for event in page.rows] == expected


def test_the_detail_of_a_case_is_read_until_the_case_is_anonymised(audited: Engine) -> None:
    wanted = EventFilter(referral_id="ref-1")
    with reading(audited) as session:
        before = list_events(session, AUDITOR, wanted).rows[0]

    case_keys_of(audited.dialect).destroy(["ref-1"], at=NOON)

    with reading(audited) as session:
        after = list_events(session, AUDITOR, wanted).rows[0]
    assert before.detail == {"beds": 3}
    assert after.detail is None
    assert after.action == "hold_placed"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_nobody_but_an_auditor_reads_the_audit(engine: Engine, role: Role) -> None:
    with reading(engine) as session, pytest.raises(NotPermitted, match="read_audit"):
        list_events(session, actor_of("user-1", role))


def test_what_was_ever_done_is_listed_once(audited: Engine) -> None:
    with reading(audited) as session:
        assert actions_recorded(session, AUDITOR) == ("hold_placed", "site_added")


def test_whole_books_are_said_to_be_whole(audited: Engine) -> None:
    log = read_log_of(audited.dialect)
    log.case_read("user-1", "ref-1", NOON)
    log.address_read("user-1", "S1", NOON)
    log.case_read("user-1", "ref-1", NOON)

    with reading(audited) as session:
        state = verify_books(session, AUDITOR)

    assert state == BooksState(5, NOON + timedelta(hours=5), 3, 1, ())


def test_a_chain_that_was_cut_short_and_a_line_that_was_taken_out_are_found(audited: Engine) -> None:
    log = read_log_of(audited.dialect)
    log.address_read("user-1", "S1", NOON)
    assert log.file is not None
    log.file.write_text("")
    anchor_of(audited.dialect).reset(Head(6, "a code of no event"))

    with reading(audited) as session:
        faults = verify_books(session, AUDITOR).faults

    assert [fault.partition(":")[0] for fault in faults] == ["audit", "reads"]
    assert "event 6 was there once and is gone" in faults[0]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_nobody_but_an_auditor_verifies_the_books(sqlite_engine: Engine, role: Role) -> None:
    with reading(sqlite_engine) as session:
        for ask in (verify_books, actions_recorded):
            with pytest.raises(NotPermitted, match="read_audit"):
                ask(session, actor_of("user-1", role))


@pytest.mark.parametrize(("after", "limit"), [("-1", 50), ("x", 50), ("9" * 30, 50), (None, 0), (None, 201)])
def test_a_page_that_there_cannot_be_is_refused(engine: Engine, after: str | None, limit: int) -> None:
    with reading(engine) as session, pytest.raises(BadInput, match="accepted"):
        list_events(session, AUDITOR, after=after, limit=limit)
