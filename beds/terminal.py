"""Answers as people read them in a terminal: Rich tables, words before colour, opaque references only."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from beds.wording import (
    LABELS,
    LEVELS,
    OUTCOMES,
    barrier,
    counted,
    day,
    first_ask,
    mismatch,
    moment,
    next_step,
    short_beds,
)

if TYPE_CHECKING:
    from beds.nrm_form import NrmIntake
    from beds.services.options import CandidatesJson, OptionsJson
    from beds.services.people import UserView
    from beds.services.rounds import Replay
    from beds.store.planning import ImportReport
    from optimiser.result import RoundJson, UnplacedJson

MOST_ROWS = 200
PIPE_WIDTH = 120


def show_round(result: RoundJson, *, run_id: str | None = None, synthetic: bool = False) -> None:
    """Print a round: its proof, who is proposed where, and why not the others."""
    console = the_console()
    _print_heading(console, result, run_id, synthetic=synthetic)
    placed = a_table("Proposed: a person decides", "household", "site", "unit", "beds", "until", "not ideal")
    for row in result["placements"][:MOST_ROWS]:
        placed.add_row(
            row["referral_id"],
            row["site_id"],
            row["unit_id"],
            short_beds(row["unit_id"], row["bed_ids"]),
            day(row["expected_end_on"]),
            mismatch(row["mismatch"]),
        )
    console.print(placed)
    _note_rest(console, len(result["placements"]))
    _print_unplaced(console, result["unplaced"])


def _print_heading(console: Console, result: RoundJson, run_id: str | None, *, synthetic: bool) -> None:
    if synthetic:
        console.print("SYNTHETIC DATA: nobody in it exists", style="bold reverse")
    console.print(
        f"Round as at {moment(result['as_at'])}: {len(result['placements'])} placed, "
        f"{len(result['unplaced'])} not" + (f"; stored as {run_id}" if run_id else "")
    )
    if result["status"] == "optimal":
        console.print("Proof: optimal. No better round exists at any of the five levels.")
    else:
        console.print("Proof: incomplete, the time was up. 'at best' is what could still be reached.")
        console.print("Run again without a time limit for the best answer, and why not for those not placed.")
    levels = a_table("What it achieves, in strict order", "level", ">result", ">at best")
    for level, label in LEVELS.items():
        bound = result["bound"][level]
        levels.add_row(label, str(result["objective"][level]), "not known" if bound is None else str(bound))
    console.print(levels)


def _print_unplaced(console: Console, unplaced: Sequence[UnplacedJson]) -> None:
    counts = Counter(row["outcome"] for row in unplaced)
    summary = a_table("Not placed, by reason", "reason", ">households")
    for outcome, label in OUTCOMES.items():
        if counts[outcome]:
            summary.add_row(f"{outcome}: {label}", str(counts[outcome]))
    console.print(summary)
    table = a_table(
        "Not placed: why, and what would help", "household", "reason", "not before", "what would help"
    )
    for row in unplaced[:MOST_ROWS]:
        helps = "; ".join(map(barrier, row["barriers"][:2])) or next_step(row)
        table.add_row(row["referral_id"], row["outcome"], day(row["free_on"]), helps)
    console.print(table)
    _note_rest(console, len(unplaced))


def show_options(answer: OptionsJson, *, most: int) -> None:
    """Print one household's options, why not elsewhere, and the barriers."""
    console = the_console()
    console.print(
        f"{answer['referral_id']}: {answer['priority']}, waited {answer['days_waited']} days; "
        f"as at {moment(answer['as_at'])}"
    )
    if answer["standing"]:
        console.print(f"It does not take part in a round now: {answer['standing']}.")
    if answer["not_yet_asked"]:
        console.print(
            f"Not yet asked, and read with caution until then: {', '.join(answer['not_yet_asked'])}."
        )
    if answer["outcome"]:
        free_on = f"; not before {day(answer['free_on'])}" if answer["free_on"] else ""
        console.print(f"Nowhere now: {OUTCOMES[answer['outcome']]} ({answer['outcome']}){free_on}.")
    else:
        table = a_table(
            f"{_could('Could go now', answer['options_in_all'], 'unit', most)}, best first",
            "site",
            "unit",
            "until",
            ">points",
            "not ideal",
        )
        for row in answer["options"][:most]:
            table.add_row(
                row["site_id"],
                row["unit_id"],
                day(row["expected_end_on"]),
                str(row["points"]),
                mismatch(row["mismatch"]),
            )
        console.print(table)
    if answer["why_not"]:
        rules = a_table(
            "Why not elsewhere, rule by rule", "rule", ">units it rules out", ">that it alone does"
        )
        for rule in answer["why_not"]:
            rules.add_row(f"{rule['rule']}: {rule['label']}", str(rule["units"]), str(rule["only_this"]))
        console.print(rules)
    for found in answer["barriers"]:
        console.print(f"  {barrier(found)}{first_ask(found, answer['not_yet_asked'])}")


def show_candidates(answer: CandidatesJson, *, most: int) -> None:
    """Print who could have a unit, in priority order, and why not the others."""
    console = the_console()
    console.print(f"{answer['unit_id']} of {answer['site_id']}, as at {moment(answer['as_at'])}")
    table = a_table(
        f"{_could('Could have it now', answer['candidates_in_all'], 'household', most)}, in priority order",
        "household",
        "priority",
        ">waited",
        "until",
        ">points",
        "not ideal",
    )
    for row in answer["candidates"][:most]:
        table.add_row(
            row["referral_id"],
            row["priority"],
            str(row["days_waited"]),
            day(row["expected_end_on"]),
            str(row["points"]),
            mismatch(row["mismatch"]),
        )
    console.print(table)
    others = a_table(
        f"Could not: {counted(len(answer['others']), 'household')}, in priority order",
        "household",
        "priority",
        "needs that are not met there",
    )
    for other in answer["others"][:MOST_ROWS]:
        reason = (
            OUTCOMES[other["outcome"]]
            if other["outcome"]
            else ", ".join(LABELS[code] for code in other["rules"])
        )
        others.add_row(other["referral_id"], other["priority"], reason)
    console.print(others)
    _note_rest(console, len(answer["others"]))


def show_faults(faults: Sequence[str], *, nothing: str) -> None:
    """Print every fault, or that there is none."""
    console = the_console()
    for fault in faults:
        console.print(f"fault: {fault}", soft_wrap=True)
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    console.print(count if faults else f"no faults: {nothing}")


def show_replay(again: Replay) -> None:
    """Print whether a replayed round is equal."""
    console = the_console()
    if again.equal:
        console.print(f"{again.run_id}: the same answer, to the byte")
    elif again.exempt:
        console.print(f"{again.run_id}: another answer; the round was cut short by time, so it may be")
    else:
        console.print(f"{again.run_id}: NOT the same answer")
    if again.versions_differ:
        console.print(f"other versions now than then: {', '.join(again.versions_differ)}")


def show_people(people: Sequence[UserView]) -> None:
    """Print who uses the service; a token is never among it."""
    console = the_console()
    table = a_table("People", "reference", "name", "role", "of", "can sign in until")
    for person in people:
        reach = ", ".join(sorted(person.nations)) or person.provider_id or ""
        until = person.token_expires_at
        ends = "revoked" if person.revoked_at else moment(until.isoformat()) if until else "no good token"
        table.add_row(person.user_id, Text(person.name), person.role, reach, ends)
    console.print(table)


def show_import(report: ImportReport, *, dry_run: bool) -> None:
    """Print what an import did, table by table, and every conflict."""
    console = the_console()
    table = a_table(
        "Would be done; nothing was written" if dry_run else "Done",
        "table",
        ">added",
        ">updated",
        ">unchanged",
        ">conflicts",
    )
    for name, row in report.tables.items():
        table.add_row(name, str(row.added), str(row.updated), str(row.unchanged), str(len(row.conflicts)))
    console.print(table)
    for name, record in report.conflicts:
        console.print(
            f"conflict: {name} {record} was changed in the database since its import; it is left as it is",
            soft_wrap=True,
        )


def show_intake(told: NrmIntake) -> None:
    """Print what an NRM form told and what is still to ask; nothing personal."""
    console = the_console()
    referral = told.referral
    exploitation = referral.exploitation_type or "type of exploitation not told"
    console.print(f"{referral.referral_id}: referred in {referral.nation}; {exploitation}")
    children = "not told" if told.children_told is None else str(told.children_told)
    console.print(f"Children on the form: {children}")
    areas = ", ".join(told.proposed_excluded_areas) or "none"
    console.print(f"Areas to keep out of, proposed from where it happened, for a person to confirm: {areas}")
    console.print("Still to ask:")
    for question in told.still_to_ask:
        console.print(f"  - {question}")


def show_demo(folder: Path, source: Path, result: RoundJson) -> None:
    """Print what to try next on the demonstration."""
    console = the_console()
    console.print(f"The demonstration is kept in {folder}. Its files can be tried without it, such as:")
    where = f"--from {source} --as-at {result['as_at']}"
    first = next((row for row in result["unplaced"] if row["barriers"]), None)
    if first:
        console.print(f"  beds options {first['referral_id']} {where}", soft_wrap=True)
    if result["placements"]:
        console.print(f"  beds candidates {result['placements'][0]['unit_id']} {where}", soft_wrap=True)
    console.print(f"  beds forecast {where}", soft_wrap=True)


def the_console() -> Console:
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Console(highlight=False, emoji=False, markup=False, width=width)


def a_table(title: str, *columns: str) -> Table:
    """Return a table; a column that begins with `>` is aligned to the right."""
    table = Table(title=Text(title, style="bold"), title_justify="left", header_style="bold")
    for column in columns:
        right = column.startswith(">")
        table.add_column(column.removeprefix(">"), justify="right" if right else "left", overflow="fold")
    return table


def _could(what: str, count: int, noun: str, most: int) -> str:
    """Return a title with its count, and how many of them are shown."""
    return f"{what}: {counted(count, noun)}" + (f", {most} shown" if count > most else "")


def _note_rest(console: Console, count: int) -> None:
    if count > MOST_ROWS:
        console.print(f"… and {count - MOST_ROWS} more: --json has them all")
