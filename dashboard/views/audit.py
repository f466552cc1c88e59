"""For auditors: who did what and when, about which reference; who read what; whether the books are whole."""

import streamlit as st

from beds.roles import Permission
from beds.services.audit_trail import (
    BooksState,
    EventFilter,
    ReadFilter,
    actions_recorded,
    list_events,
    list_reads,
    verify_books,
)
from dashboard.audit_words import about_in_words, detail_in_words, said
from dashboard.components import (
    Column,
    Fact,
    call_out,
    empty_state,
    facts,
    page_head,
    plain_table,
    section,
    source_caption,
)
from dashboard.houses_style import houses_style
from dashboard.language import moment, t
from dashboard.older import Older
from dashboard.periods import days_asked, stated
from dashboard.session import turn, visitor

ROWS = 50
CHECKED = "the books as they were checked"
READS = {None: "All", "case": "Cases", "address": "Addresses"}


def show_page() -> None:
    """Show the audit, the log of reads, and whether both are whole."""
    visitor(Permission.READ_AUDIT)
    houses_style()
    page_head(t("Audit"), t("Who did what, who read what, and whether the record of it is whole."))
    events, reads, books = st.tabs([t("What was done"), t("What was read"), t("Is it whole?")])
    with events:
        show_events()
    with reads:
        show_reads()
    with books:
        show_books()


def show_events() -> None:
    """Show events, newest first, by who, what, about which reference and when."""
    with turn() as now:
        actions = actions_recorded(now.session, now.actor)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        who = st.text_input(t("Who, by reference"), key="event who", width=200)
        action = st.selectbox(
            t("What"),
            [None, *actions],
            format_func=lambda a: said(a) if a else t("Everything"),
            key="event what",
            width=240,
        )
        about = st.text_input(t("About, any reference"), key="event about", width=200)
        since, until = days_asked("event")
    wanted = EventFilter(actor=stated(who), action=action, about=stated(about), since=since, until=until)
    older = Older("events", wanted)
    with turn() as now:
        page = list_events(now.session, now.actor, wanted, after=older.after, limit=ROWS)
        as_at = now.clock.as_at
    if not page.rows:
        empty_state(t("No event is like that."), t("Leave out one of the conditions."))
        return
    rows = [
        [
            f"{event.sequence:,}",
            moment(event.at),
            event.actor,
            said(event.action),
            about_in_words(event),
            detail_in_words(event.detail),
        ]
        for event in page.rows
    ]
    plain_table(t("Newest first"), _columns("Number", "When", "Who", "What", "About", "Details"), rows)
    older.show(page.next_after)
    source_caption(
        as_at=as_at,
        definition=t("Each change writes its event with itself. References and counts: no name, no address."),
        source=t("the audit of this database"),
    )


def _columns(*names: str) -> list[Column]:
    exact = ("Number", "Who", "About", "Which")
    return [Column(t(name), short=name in ("When", "What"), exact=name in exact) for name in names]


def show_reads() -> None:
    """Show who opened which case and who read which address, newest first."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        who = st.text_input(t("Who, by reference"), key="read who", width=200)
        what = st.selectbox(
            t("What"), list(READS), format_func=lambda w: t(READS[w]), key="read what", width=160
        )
        ref = st.text_input(t("Which, by reference"), key="read ref", width=200)
        since, until = days_asked("read")
    wanted = ReadFilter(who=stated(who), what=what, ref=stated(ref), since=since, until=until)
    older = Older("reads", wanted)
    with turn() as now:
        page = list_reads(now.session, now.actor, wanted, after=older.after, limit=ROWS)
        as_at = now.clock.as_at
    if not page.rows:
        empty_state(t("No read is like that."), t("Leave out one of the conditions, or look further back."))
    else:
        plain_table(
            t("Newest first"),
            _columns("Number", "When", "Who", "What", "Which"),
            [[f"{read.n:,}", moment(read.at), read.who, t(read.what), read.ref] for read in page.rows],
        )
    older.show(page.next_after)
    source_caption(
        as_at=as_at,
        definition=t("Logged before anything is shown: a case, its options or offers; an address."),
        source=t("the log of reads beside this database"),
    )


def show_books() -> None:
    """Let the chain and the log be verified, and show what was found."""
    section(
        t("Is it whole?"),
        t("Each event is linked to the one before by a keyed code; the end is anchored elsewhere."),
    )
    if st.button(t("Check every link now"), type="primary"):
        with st.spinner(t("Checking…")), turn() as now:
            st.session_state[CHECKED] = (now.clock.as_at, verify_books(now.session, now.actor))
    if CHECKED not in st.session_state:
        empty_state(t("Not checked in this visit."), t("Checking reads every event; it changes nothing."))
        return
    as_at, found = st.session_state[CHECKED]
    _show_state(found)
    source_caption(
        as_at=as_at,
        definition=t("Whole: no event was changed, taken out or cut off, and no line of the log of reads."),
        source=t("the audit, its anchor, and the log of reads"),
    )


def _show_state(found: BooksState) -> None:
    facts(
        [
            Fact(
                t("Whole") if not found.faults else f"{len(found.faults):,}",
                t("every link fits") if not found.faults else t("faults found"),
                "" if not found.faults else "warning",
            ),
            Fact(f"{found.events:,}", t("events")),
            Fact(f"{found.reads:,}", t("reads")),
            Fact(f"{found.unsealed_reads:,}", t("reads not yet sealed")),
        ]
    )
    if found.faults:
        call_out(
            t("What does not fit. Keep everything as it is, and tell whoever runs the service:"), found.faults
        )


show_page()
