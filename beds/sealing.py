"""What is kept under the key of its case: sealed with it, opened with it, unreadable without it.

The first key of a database binds it to the store of its case keys, so that a store that was lost, or is
another database's, is noticed before anything is sealed with a key that nobody will find again.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session

from beds.case_keys import CaseCipher, CaseKeys, case_keys_of
from beds.domain.records import METADATA
from beds.domain.records.columns import CASE_TOKEN, keyring_of
from beds.errors import DatabaseUnavailable

MARKS = METADATA.tables["database_mark"]
STORE_MARK = "case_keys"
"""The mark that names the store of this database's case keys."""


def case_keys(session: Session) -> CaseKeys:
    """Return the store of the case keys of a session's database."""
    return case_keys_of(session.get_bind().dialect)


def sealing_keys(session: Session, referral_ids: Iterable[str]) -> dict[str, CaseCipher]:
    """Return the keys of these cases to seal with, made where there are none yet.

    Raises
    ------
    Anonymised
        The key of such a case was destroyed.
    DatabaseUnavailable
        The store is missing, another database's, or cannot be used.
    """
    wanted = set(referral_ids)
    keys = case_keys(session)
    known = require_own_store(session)
    keys.make(wanted)
    if wanted and not known:
        session.execute(MARKS.insert().values(name=STORE_MARK, value=keys.identity()))
    return keys.ciphers(wanted)


def require_own_store(session: Session) -> bool:
    """Return whether the database has a store of case keys; refuse one that is not its own.

    Raises
    ------
    DatabaseUnavailable
        The store is missing, another database's, or cannot be used.
    """
    keys = case_keys(session)
    own = session.execute(MARKS.select().where(MARKS.c.name == STORE_MARK)).one_or_none()
    if own is None:
        return False
    found = keys.identity()
    if found is None:
        raise DatabaseUnavailable(
            "the case keys of this database are missing: put them back, or set BEDS_CASE_KEYS_FILE to where "
            "they are"
        )
    if found != own.value:
        raise DatabaseUnavailable("BEDS_CASE_KEYS_FILE: these are the case keys of another database")
    return True


def opening_keys(session: Session, tokens: Iterable[tuple[str, str | None]]) -> dict[str, CaseCipher]:
    """Return the keys to open stored values of cases with; those of anonymised cases are left out.

    Parameters
    ----------
    tokens : referrals with stored values; one from before cases had keys needs none

    Raises
    ------
    DatabaseUnavailable
        A case has a token and never had a key in this store, or the store cannot be used.
    """
    keys = case_keys(session)
    sealed = {referral_id for referral_id, token in tokens if token and is_sealed(token)}
    if not sealed:
        return {}
    found = keys.ciphers(sealed)
    missing = sealed - found.keys()
    if missing:
        lost = len(missing - keys.destroyed())
        if lost:
            raise DatabaseUnavailable(keys.lost(lost))
    return found


def is_sealed(token: str) -> bool:
    """Whether a stored value is under the key of a case, not under the database's."""
    return token.startswith(CASE_TOKEN)


def open_with(session: Session, cipher: CaseCipher | None, purpose: str, token: str) -> str | None:
    """Return the text of a stored value, or None where its case was anonymised (it has no key any more).

    Raises
    ------
    DatabaseUnavailable
        The token was changed, or is another case's.
    """
    if not is_sealed(token):
        return keyring_of(session.get_bind().dialect).decrypt(token)
    return None if cipher is None else cipher.decrypt(purpose, token)


def seal_text(session: Session, referral_id: str, purpose: str, text: str) -> str:
    """Return a text sealed with the key of a case, to be stored.

    Raises
    ------
    Anonymised, DatabaseUnavailable
        As for `sealing_keys`.
    """
    return sealing_keys(session, [referral_id])[referral_id].encrypt(purpose, text)


def open_text(session: Session, referral_id: str, purpose: str, token: str) -> str:
    """Return the text of a stored value of a case.

    Raises
    ------
    Anonymised
        The case's key was destroyed.
    DatabaseUnavailable
        The token was changed, is another case's, or its key is not in the store.
    """
    if not is_sealed(token):
        return keyring_of(session.get_bind().dialect).decrypt(token)
    return case_keys(session).cipher(referral_id).decrypt(purpose, token)
