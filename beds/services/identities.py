"""Which person on record an e-mail address belongs to, by a file that the operator keeps."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from beds.errors import BadInput

if TYPE_CHECKING:
    from beds.settings import Settings

COLUMNS: Final = ["email", "user_id"]


def user_of_email(settings: Settings, email: str) -> str | None:
    """Return the reference of the person with an e-mail address, whatever its case; None where none is known.

    Raises
    ------
    BadInput
        The file cannot be read, or says an address twice.
    """
    file = settings.oidc_users_file
    if file is None:
        return None
    try:
        changed_at = file.stat().st_mtime_ns
    except OSError as error:
        raise BadInput(f"BEDS_OIDC_USERS_FILE: the file cannot be read ({error.strerror})") from error
    return _users(file, changed_at).get(email.strip().casefold())


@lru_cache(maxsize=4)
def _users(file: Path, changed_at: int) -> dict[str, str]:
    """Return who is who, of the file as it was changed last."""
    del changed_at
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            if rows.fieldnames is None or list(rows.fieldnames)[:2] != COLUMNS:
                raise BadInput(f"BEDS_OIDC_USERS_FILE: the columns {' and '.join(COLUMNS)} are accepted")
            found: dict[str, str] = {}
            for row in rows:
                address = (row["email"] or "").strip().casefold()
                if not address or not row["user_id"] or address in found:
                    raise BadInput(
                        f"BEDS_OIDC_USERS_FILE line {rows.line_num}: an address that is there once, and the "
                        "reference of a person, are accepted"
                    )
                found[address] = row["user_id"].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("BEDS_OIDC_USERS_FILE: a CSV file in UTF-8 is accepted") from error
    return found
