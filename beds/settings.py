"""Settings from the environment (`BEDS_*`), typed and checked at the door.

Secrets are never shown: not in a repr, not in an error. Opens no database; the key files beside a SQLite
database are read and made in `beds.keys`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self

from pydantic import Field, NonNegativeInt, PositiveInt, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from beds.domain.points import MismatchPoints
from beds.errors import BadInput

SAMPLE_ENCRYPTION_KEY = "c2FtcGxlLWtleS1mb3ItZGVtb25zdHJhdGlvbnMtMDA="
SAMPLE_AUDIT_KEY = "sample-audit-key-for-demonstrations"
SAMPLE_SECRETS = frozenset({SAMPLE_ENCRYPTION_KEY, SAMPLE_AUDIT_KEY, "changethis", "changeme", "secret"})
"""Secrets that are printed somewhere, so that they protect nothing: for demonstrations only."""

MIN_AUDIT_KEY_LENGTH = 16
DATABASE_FILE = "beds.db"
DEFAULT_POINTS = MismatchPoints()


class Settings(BaseSettings):
    """Every setting, with its default. Environment: the field's name after `BEDS_`, in capitals.

    Points are those of `allocation.md` §4.5; they order answers that are equal in all else and can never
    outweigh a rule.
    """

    model_config = SettingsConfigDict(
        env_prefix="BEDS_", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: str = Field(
        default_factory=lambda: f"sqlite:///{data_folder() / DATABASE_FILE}", repr=False
    )
    encryption_key: SecretStr | None = None
    encryption_key_file: Path | None = None
    audit_key: SecretStr | None = None
    audit_key_file: Path | None = None
    audit_anchor_file: Path | None = None
    read_log_file: Path | None = None
    case_keys_file: Path | None = None
    demo: bool = False
    busy_timeout_s: NonNegativeInt = 5
    token: SecretStr | None = None
    as_user: str | None = None
    idle_minutes: PositiveInt = 30
    language: str = "en"
    oidc_users_file: Path | None = None

    hold_minutes: PositiveInt = 120
    hold_warning_minutes: NonNegativeInt = 30
    availability_stale_after_h: PositiveInt = 24
    token_days: PositiveInt = 90
    retention_days: PositiveInt = 2_557

    points_interim: NonNegativeInt = DEFAULT_POINTS.interim
    points_language: NonNegativeInt = DEFAULT_POINTS.language
    points_region: NonNegativeInt = DEFAULT_POINTS.region
    points_security: NonNegativeInt = DEFAULT_POINTS.security
    points_step_free: NonNegativeInt = DEFAULT_POINTS.step_free
    points_services: NonNegativeInt = DEFAULT_POINTS.services
    points_beds: NonNegativeInt = DEFAULT_POINTS.beds

    @property
    def points(self) -> Mapping[str, int]:
        """Mismatch points by name, in the order of the specification."""
        return MappingProxyType(
            {
                "interim": self.points_interim,
                "language": self.points_language,
                "region": self.points_region,
                "security": self.points_security,
                "step_free": self.points_step_free,
                "services": self.points_services,
                "beds": self.points_beds,
            }
        )

    @model_validator(mode="after")
    def _check_secrets(self) -> Self:
        for kind, secret in (("encryption", self.encryption_key), ("audit", self.audit_key)):
            if secret is not None:
                name = f"BEDS_{kind.upper()}_KEY"
                check_secret(name, split_keys(secret.get_secret_value()), kind=kind, demo=self.demo)
        return self


def load_settings() -> Settings:
    """Return the settings of this process's environment.

    Raises
    ------
    BadInput
        A setting has a value that is not accepted; it is named, its value is not shown.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = "; ".join(
            _setting_fault(fault["loc"], fault["msg"]) for fault in error.errors(include_input=False)
        )
        raise BadInput(faults) from None


def points_of(settings: Settings) -> MismatchPoints:
    """Return the mismatch points of the settings.

    Raises
    ------
    BadInput
        A number of points is out of range.
    """
    try:
        return MismatchPoints(**settings.points)
    except ValueError as error:
        raise BadInput(f"BEDS_POINTS_…: {error}") from error


def data_folder() -> Path:
    """Return the user's own folder for this service's data (XDG base directory specification 0.8).

    Raises
    ------
    BadInput
        The user has no home folder.
    """
    stated = os.environ.get("XDG_DATA_HOME", "")
    # The specification: a relative path is invalid and to be ignored.
    if stated and Path(stated).is_absolute():
        return Path(stated) / "beds"
    try:
        return Path.home() / ".local" / "share" / "beds"
    except RuntimeError as error:
        raise BadInput("there is no home folder to keep data in: set BEDS_DATABASE_URL, or HOME") from error


def split_keys(text: str) -> tuple[str, ...]:
    """Return the keys of a comma-separated list, newest first."""
    return tuple(key.strip() for key in text.split(",") if key.strip())


def check_secret(name: str, keys: tuple[str, ...], *, kind: str, demo: bool) -> None:
    """Refuse a list of keys, of a `kind` "encryption" or "audit", that protects nothing.

    Raises
    ------
    ValueError
        It is empty, or holds a sample secret outside demo mode, or an audit key that is too short.
    """
    if not keys:
        raise ValueError(f"{name}: no key in it")
    if not demo and SAMPLE_SECRETS.intersection(keys):
        raise ValueError(f"{name}: a sample secret is for demonstrations only; make a key of your own")
    if kind == "audit" and min(map(len, keys)) < MIN_AUDIT_KEY_LENGTH:
        raise ValueError(f"{name}: each key must have {MIN_AUDIT_KEY_LENGTH} characters or more")


def _setting_fault(location: tuple[int | str, ...], message: str) -> str:
    names = ".".join(f"BEDS_{str(part).upper()}" for part in location)
    text = message.removeprefix("Value error, ")
    return f"{names}: {text}" if names else text
