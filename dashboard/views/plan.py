"""What would it take: scenarios sketched, saved and set side by side, what each costs and what moved it."""

import streamlit as st

from beds.domain.terms import RunKind
from beds.errors import BedsError
from beds.roles import Permission
from beds.services.forecast_orders import AS_ON_RECORD, asked_for, make_and_keep
from beds.services.kept_forecasts import list_runs, read_run
from beds.services.scenario_sketch import sketch_of, sketched
from beds.services.scenarios import (
    ScenarioView,
    change_scenario,
    list_scenarios,
    save_scenario,
    shipped_scenarios,
    withdraw_scenario,
)
from dashboard.comparison_parts import show_comparison
from dashboard.components import empty_state, page_head, say, section
from dashboard.language import moment, t, unmarked
from dashboard.plan_form import sketch_form
from dashboard.refusals import show_refusal
from dashboard.session import change, desk, turn, visitor

MOST_AT_ONCE = 4
SAVED = "plan-saved"


def show_page() -> None:
    """Show the scenarios there are, one to sketch, and those that were compared."""
    who = visitor(Permission.SEE_SCENARIOS)
    page_head(t("Plan"), t("What different law, demand or beds would need and cost, side by side."))
    with turn() as now:
        views = [
            *shipped_scenarios(now.actor),
            *list_scenarios(now.session, now.actor, limit=200).rows,
        ]
    by_id = {view.scenario_id: view for view in views}
    compare, sketch = st.tabs([t("Side by side"), t("Sketch a scenario")])
    with compare:
        show_side_by_side(by_id)
    with sketch:
        if who.actor.may(Permission.SAVE_SCENARIOS):
            show_sketch(by_id)
        else:
            empty_state(
                t("Your role may look at scenarios and not save them."), t("Compare those there are.")
            )


def show_side_by_side(by_id: dict[str, ScenarioView]) -> None:
    """Offer to compare scenarios, and show a comparison that was kept."""
    usual = [name for name in (AS_ON_RECORD, "recovery_floor_90") if name in by_id]
    chosen = st.multiselect(
        t("Scenarios; the first is what the others are compared with"),
        list(by_id),
        default=usual,
        format_func=lambda name: _title(by_id[name]),
        max_selections=MOST_AT_ONCE,
    )
    for name in chosen:
        if by_id[name].scenario.description:
            say(t("{title}: {what}", title=_title(by_id[name]), what=t(by_id[name].scenario.description)))
    if st.button(t("Compare"), type="primary", disabled=len(chosen) < 2):
        _compare(tuple(chosen))
    with turn() as now:
        runs = list_runs(now.session, now.actor, kind=RunKind.COMPARISON, limit=20).rows
    if not runs:
        empty_state(t("Nothing was compared yet."), t("Choose two scenarios or more, and compare them."))
        return
    section(t("What came of it"))
    named = {run.run_id: run for run in runs}
    run_id = st.selectbox(
        t("Comparison"),
        list(named),
        format_func=lambda one: t(
            "{when}: {titles}",
            when=moment(named[one].recorded_at),
            titles=" · ".join(title for _, title in named[one].scenarios),
        ),
    )
    with turn() as now:
        kept = read_run(now.session, now.actor, run_id)
    show_comparison(dict(kept.document), key="plan")


def _compare(names: tuple[str, ...]) -> None:
    try:
        with st.spinner(t("Comparing: some seconds. It changes no case.")):
            with turn() as now:
                question = asked_for(now, names)
            make_and_keep(desk(), question, change)
    except BedsError as refusal:
        show_refusal(refusal)
    else:
        st.rerun()


def show_sketch(by_id: dict[str, ScenarioView]) -> None:
    """Let a scenario be sketched over one that exists, and saved."""
    if told := st.session_state.pop(SAVED, None):
        st.success(told)
    base_id = st.selectbox(
        t("Begin with"), list(by_id), format_func=lambda name: _title(by_id[name]), key="plan-base"
    )
    view = by_id[base_id]
    found = sketch_form(sketch_of(view.scenario), key=f"sketch-{base_id}", new=view.shipped)
    left, middle, right = st.columns(3)
    try:
        if left.button(t("Save as a new scenario"), type="primary"):
            kept = change(
                lambda now: save_scenario(
                    now.session,
                    now.actor,
                    sketched(view.scenario, found, from_day=now.clock.today),
                    clock=now.clock,
                )
            )
            _saved(t("Saved: {title}. Compare it under “Side by side”.", title=unmarked(_title(kept))))
        version = view.version
        if version is None:
            return
        if middle.button(t("Save the change")):
            kept = change(
                lambda now: change_scenario(
                    now.session,
                    now.actor,
                    base_id,
                    sketched(view.scenario, found, from_day=now.clock.today, name=view.scenario.name),
                    version=version,
                    clock=now.clock,
                )
            )
            _saved(t("Changed: {title}.", title=unmarked(_title(kept))))
        if right.button(t("Withdraw it")):
            change(
                lambda now: withdraw_scenario(
                    now.session, now.actor, base_id, version=version, clock=now.clock
                )
            )
            _saved(t("Withdrawn: {title}.", title=unmarked(_title(view))))
    except BedsError as refusal:
        show_refusal(refusal)


def _saved(told: str) -> None:
    st.session_state[SAVED] = told
    st.rerun()


def _title(view: ScenarioView) -> str:
    title = view.scenario.title or view.scenario.name
    return t(title) if view.shipped else title


show_page()
