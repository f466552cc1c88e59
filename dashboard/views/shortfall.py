"""Where the shortfall is, for whom, and how sure that is: tonight, in the weeks past and the year to come."""

import streamlit as st

from beds.domain.terms import RunKind
from beds.errors import BedsError, NotFound
from beds.roles import Permission
from beds.services.forecast_orders import AS_ON_RECORD, asked_for, make_and_keep
from beds.services.kept_forecasts import LATEST, RunView, read_run
from beds.services.past_occupancy import past_weeks
from beds.services.unmet_nights import unmet_nights
from dashboard.comparison_parts import show_comparison
from dashboard.components import empty_state, page_head, say, section
from dashboard.forecast_reading import lines_of
from dashboard.forecasts_tried import show_tried
from dashboard.language import moment, t
from dashboard.refusals import show_refusal
from dashboard.session import change, desk, turn, visitor
from dashboard.shortfall_parts import show_chain, show_nation, show_tables, show_unmet

WEEKS = 26
PERIODS = ("recovery_30", "recovery_45", "recovery_90")
PERIODS_2008 = ("centres_2008_30", "centres_2008_45", "centres_2008_90")


def show_page() -> None:
    """Show the latest forecast that is kept, and let a new one be made."""
    visitor(Permission.SEE_SCENARIOS)
    page_head(t("Shortfall"), t("How many beds are needed, where and for whom, and how sure that is."))
    with turn() as now:
        weeks = past_weeks(now.session, now.actor, weeks=WEEKS, clock=now.clock)
        unmet = unmet_nights(now.session, now.actor, rule=now.policy.rule)
    kept = _latest(RunKind.FORECAST)
    names = [
        t("What may come"),
        t("By need and region"),
        t("30, 45 or 90 days"),
        t("In the way"),
        t("Sources"),
        t("How good"),
    ]
    to_come, by_need, periods, gaps, chain, tried = st.tabs(names)
    with to_come:
        offer(t("Make a new forecast"), (AS_ON_RECORD,), t("Making the forecast: some seconds."), "forecast")
    with periods:
        show_periods()
    with gaps:
        show_unmet(unmet)
    with tried:
        show_tried()
    if kept is None:
        for tab in (to_come, by_need, chain):
            with tab:
                empty_state(t("There is no forecast yet."), t("Make one: it takes some seconds."))
        return
    document = dict(kept.document)
    nations = [str(line["nation"]) for line in lines_of(document, "nation")]
    with to_come:
        say(t("Forecast made {when}.", when=moment(kept.line.recorded_at)))
        nation = st.segmented_control(t("Nation"), nations, default=nations[0], format_func=t) or nations[0]
        show_nation(document, nation, weeks.get(nation, ()))
    with by_need:
        nation = st.selectbox(t("Nation"), nations, format_func=t, key="tables-nation")
        show_tables(document, nation)
    with chain:
        show_chain(document)


def show_periods() -> None:
    """Set the three periods side by side, as they were compared last: today, and as it was in 2008."""
    section(
        t("30, 45 or 90 days of recovery"),
        t(
            "The Convention’s 30 days, the 45 announced in 2008, and the 90 that Amnesty asked for, "
            "each as the whole stay."
        ),
    )
    show_compared(PERIODS, t("Compare 30, 45 and 90 days"), "periods")
    section(
        t("The same question as it stood in 2008"),
        t("One centre a nation, and the demand that was first counted, in 2009."),
    )
    show_compared(PERIODS_2008, t("Compare 30, 45 and 90 days in 2008"), "periods-2008")


def show_compared(names: tuple[str, ...], label: str, key: str) -> None:
    """Show some scenarios side by side as they were compared last, and offer to compare them anew."""
    compared = _latest(RunKind.COMPARISON, names)
    offer(label, names, t("Comparing: some seconds."), key)
    if compared is None:
        empty_state(t("They were not compared yet."), t("Compare them: it takes some seconds."))
    else:
        show_comparison(dict(compared.document), key=key)


def offer(label: str, names: tuple[str, ...], doing: str, key: str) -> None:
    """Offer to make a run of some scenarios, and make it when asked."""
    if not st.button(label, key=f"make-{key}"):
        return
    try:
        with st.spinner(doing):
            with turn() as now:
                question = asked_for(now, names)
            make_and_keep(desk(), question, change)
    except BedsError as refusal:
        show_refusal(refusal)
    else:
        st.rerun()


def _latest(kind: RunKind, names: tuple[str, ...] = ()) -> RunView | None:
    with turn() as now:
        try:
            return read_run(now.session, now.actor, LATEST, kind=kind, scenarios=names)
        except NotFound:
            return None


show_page()
