"""The audit in words: what was done, and its details, which are references, counts and words of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from beds.services.audit_trail import EventView
from beds.wording import sentence_case
from dashboard.language import t

ACTIONS: Final = {
    "address_set": "address recorded",
    "arrival_recorded": "arrival recorded",
    "availability_confirmed": "availability confirmed",
    "bed_added": "bed added",
    "bed_changed": "bed stated anew",
    "bed_closed": "bed closed",
    "bed_reopened": "bed opened again",
    "case_anonymised": "case anonymised",
    "estate_imported": "folder imported",
    "hold_confirmed": "hold confirmed: a stay",
    "hold_declined": "hold declined",
    "hold_placed": "hold placed",
    "hold_released": "hold given back",
    "no_arrival_recorded": "did not arrive",
    "people_moved_out": "some people left",
    "provider_contact_set": "provider’s contact recorded",
    "site_added": "site added",
    "site_changed": "site stated anew",
    "stay_ended": "departure recorded",
    "stay_extended": "stay extended",
    "stay_transferred_in": "moved in from another unit",
    "stay_transferred_out": "moved out to another unit",
    "token_issued": "token issued",
    "unit_added": "unit added",
    "unit_changed": "unit stated anew",
    "user_added": "person added",
    "user_revoked": "person revoked",
}
"""Where the action's own name says less; the others are shown as they are called."""
LONGEST_SHOWN: Final = 40
SHOWN_OF_A_CODE: Final = 12
"""Of a code such as the seal of a round its beginning is enough to tell it by."""


def action_in_words(action: str) -> str:
    """Return what was done, in words."""
    return t(ACTIONS.get(action, action.replace("_", " ")))


def about_in_words(event: EventView) -> str:
    """Return what an event was about: its subject, and the case and the site that it changed, each once."""
    return " ".join(dict.fromkeys(ref for ref in (event.subject, event.referral_id, event.site_id) if ref))


def detail_in_words(detail: Mapping[str, object] | None) -> str:
    """Return the details of an event on one line; None where its case has been anonymised since."""
    if detail is None:
        return t("gone: the case was anonymised")
    return "; ".join(
        f"{name.replace('_', ' ')}: {_value(value)}"
        for name, value in detail.items()
        if value not in (None, [], {})
    )


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name} ({_value(one)})" for name, one in value.items())
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    text = str(value)
    return f"{text[:SHOWN_OF_A_CODE]}…" if len(text) > LONGEST_SHOWN else text


def said(action: str) -> str:
    """Return an action as the beginning of a line."""
    return sentence_case(action_in_words(action))
