"""What the service is set to, in words, for whoever manages people; no secret, and not where one is.

Settings are changed where the service is started, by `BEDS_…`, and by nobody at a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlmodel import Session

from beds.domain.records import METADATA
from beds.roles import Actor, Permission, require

if TYPE_CHECKING:
    from beds.settings import Settings

PROVIDER = METADATA.tables["provider"]


class About(StrEnum):
    """What a setting is about."""

    HOLDS = "Holds and vacancies"
    SIGN_IN = "Signing in"
    KEEPING = "Keeping and ending cases"
    RELEASING = "Figures that are released"
    MISMATCH = "Mismatch points: they order answers that are equal in all else, and outweigh no rule"
    RUNNING = "How it runs"


@dataclass(frozen=True, slots=True)
class StatedSetting:
    """A setting: its name in the environment, its value as text, what it is for, and whether it was set."""

    name: str
    value: str
    about: About
    meaning: str
    is_set: bool


_MEANINGS: Final[Mapping[str, tuple[About, str]]] = MappingProxyType(
    {
        "hold_minutes": (
            About.HOLDS,
            "How long a hold keeps beds, in minutes, unless somebody asks for another.",
        ),
        "hold_warning_minutes": (
            About.HOLDS,
            "So many minutes before a hold runs out, it is shown as ending.",
        ),
        "availability_stale_after_h": (
            About.HOLDS,
            "So many hours after a site was confirmed, its vacancies are shown as “phone first”.",
        ),
        "token_days": (
            About.SIGN_IN,
            "How long a new token is good, in days, unless another number is given.",
        ),
        "idle_minutes": (About.SIGN_IN, "So many minutes after it was last used, a visit ends by itself."),
        "retention_days": (
            About.KEEPING,
            "So many days after a case is over, it may be anonymised. Nothing is anonymised by itself.",
        ),
        "disclosure_threshold": (
            About.RELEASING,
            "A count of people or cases under this is shown as “[c]” and not as a number.",
        ),
        "disclosure_rounding": (
            About.RELEASING,
            "Counts that are shown are rounded to a multiple of this.",
        ),
        "points_interim": (
            About.MISMATCH,
            "A site that allows a shorter stay than is needed.",
        ),
        "points_language": (
            About.MISMATCH,
            "No language shared with the staff, and no English.",
        ),
        "points_region": (About.MISMATCH, "Not one of the regions that she prefers."),
        "points_security": (About.MISMATCH, "Each level of security above the one needed."),
        "points_step_free": (About.MISMATCH, "A step-free unit for who does not need one."),
        "points_services": (About.MISMATCH, "Each service of the site beyond those required."),
        "points_beds": (
            About.MISMATCH,
            "Each bed of a household’s own unit that is left over.",
        ),
        "language": (About.RUNNING, "The language that pages begin in, as a BCP 47 code."),
        "busy_timeout_s": (
            About.RUNNING,
            "How long a writer waits for another, in seconds, before it gives up.",
        ),
        "demo": (About.RUNNING, "Whether sample keys are accepted, which protect nothing."),
    }
)
NEVER_SHOWN: Final = frozenset(
    {
        "database_url",
        "encryption_key",
        "encryption_key_file",
        "audit_key",
        "audit_key_file",
        "audit_anchor_file",
        "read_log_file",
        "case_keys_file",
        "oidc_users_file",
        "token",
        "as_user",
    }
)
"""Secrets, where they are, and who the process itself is."""


def stated_settings(actor: Actor, settings: Settings) -> tuple[StatedSetting, ...]:
    """Return the settings that may be shown, by what they are about.

    Raises
    ------
    NotPermitted
        The actor may not manage people.
    """
    require(actor, Permission.MANAGE_PEOPLE)
    stated = [
        StatedSetting(
            name=f"BEDS_{name.upper()}",
            value=_text(getattr(settings, name)),
            about=about,
            meaning=meaning,
            is_set=name in settings.model_fields_set,
        )
        for name, (about, meaning) in _MEANINGS.items()
        if name in type(settings).model_fields
    ]
    return tuple(sorted(stated, key=lambda setting: list(About).index(setting.about)))


def providers_on_record(session: Session, actor: Actor) -> tuple[str, ...]:
    """Return the references of the providers, of whom somebody may be added.

    Raises
    ------
    NotPermitted
        The actor may not manage people.
    """
    require(actor, Permission.MANAGE_PEOPLE)
    return tuple(session.scalars(select(PROVIDER.c.provider_id).order_by(PROVIDER.c.provider_id)))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
