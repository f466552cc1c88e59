"""Where the shortfall is, for whom, and how sure that is: tonight, in the weeks past and the year to come."""

import streamlit as st

from beds.domain.terms import RunKind
from beds.errors import BedsError, NotFound
from beds.roles import Permission
from beds.services.forecast_orders import AS_ON_RECORD, asked_for, make_and_keep
from beds.services.kept_forecasts import LATEST, RunView, read_run
from beds.services.past_occupancy import Week, past_weeks
from beds.services.unmet_nights import Unmet, unmet_nights
from dashboard.comparison_parts import show_comparison
from dashboard.components import empty_state, page_head, section
from dashboard.forecast_reading import lines_of
from dashboard.language import moment, t
from dashboard.refusals import show_refusal
from dashboard.session import change, desk, turn, visitor
from dashboard.shortfall_parts import show_chain, show_nation, show_tables, show_unmet

WEEKS = 26
PERIODS = ("recovery_30", "recovery_45", "recovery_90")


def show_page() -> None:
    """Show the latest forecast that is kept, and let a new one be made."""
    visitor(Permission.SEE_SCENARIOS)
    page_head(t("Shortfall"), t("How many beds are needed, where and for whom, and how sure that is."))
    with turn() as now:
        weeks = past_weeks(now.session, now.actor, weeks=WEEKS, clock=now.clock)
        unmet = unmet_nights(now.session, now.actor, rule=now.policy.rule)
    kept = _latest(RunKind.FORECAST)
    offer(t("Make a new forecast"), (AS_ON_RECORD,), t("Making the forecast: a few seconds."), "forecast")
    if kept is None:
        empty_state(
            t("There is no forecast yet."), t("Make one: it takes a few seconds and changes no case.")
        )
    else:
        show_forecast(kept, weeks, unmet)
    section(
        t("30, 45 or 90 days of recovery"),
        t(
            "The Convention’s 30 days, the 45 announced in 2008, and the 90 that Amnesty asked for, "
            "each as the whole stay."
        ),
    )
    compared = _latest(RunKind.COMPARISON, PERIODS)
    offer(t("Compare 30, 45 and 90 days"), PERIODS, t("Comparing: a few seconds."), "periods")
    if compared is None:
        empty_state(t("They were not compared yet."), t("Compare them: it takes a few seconds."))
    else:
        show_comparison(dict(compared.document), key="periods")


def show_forecast(kept: RunView, weeks: dict[str, tuple[Week, ...]], unmet: Unmet | None) -> None:
    """Show a forecast nation by nation, then what it rests on."""
    document = dict(kept.document)
    st.caption(t("Forecast made {when}.", when=moment(kept.line.recorded_at)))
    nations = [str(line["nation"]) for line in lines_of(document, "nation")]
    for tab, nation in zip(st.tabs([t(nation) for nation in nations]), nations, strict=True):
        with tab:
            show_nation(document, nation, weeks.get(nation, ()))
    section(
        t("By need and by region"), t("The same tables as in what is published: small counts are hidden.")
    )
    nation = st.selectbox(t("Nation"), nations, format_func=t, key="tables-nation")
    show_tables(document, nation)
    show_unmet(unmet)
    show_chain(document)


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
