"""A whole night through the real service: who could do what, who saw what, and what was written down."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.a_night import NAMES, Night, a_service, live_through


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Night, Path]]:
    """Give a night that has been lived through, and the folder of its service."""
    folder = tmp_path_factory.mktemp("night")
    with a_service(folder) as night:
        live_through(night)
        yield night, folder


def seen(night: Night, who: str, what: str) -> set[str]:
    """Return with which statuses somebody's requests for something were answered."""
    rows = [line.rsplit(maxsplit=1) for line in night.lines if line.startswith(f"{who:<14} GET   {what} ")]
    return {status for _, status in rows}


def test_a_household_goes_from_referral_to_move_on(lived: tuple[Night, Path]) -> None:
    night, _ = lived

    story = [line.strip() for line in night.lines]

    assert "the stay is arrived" in story
    assert "the stay is ended: private_rented" in story
    assert not [line for line in night.lines if line.endswith((" 500", " 503", " 422"))]


@pytest.mark.parametrize(
    ("who", "case", "stay"),
    [
        ("England", "200", "200"),
        ("Scotland", "404", "404"),
        ("house one", "403", "404"),
        ("house two", "403", "200"),
        ("commissioner", "403", "403"),
        ("auditor", "403", "403"),
    ],
)
def test_everybody_sees_their_own_part_of_it(
    lived: tuple[Night, Path], who: str, case: str, stay: str
) -> None:
    night, _ = lived

    assert seen(night, who, "/v1/referrals/{ref}") == {case}
    assert seen(night, who, "/v1/placements/{stay}") == {stay}


def test_the_audit_tells_the_night_in_order(lived: tuple[Night, Path]) -> None:
    night, _ = lived

    told = next(line for line in night.lines if "the audit:" in line)

    assert told.endswith(
        "hold_placed, hold_declined, decline_recorded, hold_placed, hold_confirmed, arrival_recorded, "
        "stay_extended, stay_ended"
    )


def test_no_name_and_no_token_is_in_any_file_of_the_service(lived: tuple[Night, Path]) -> None:
    night, folder = lived
    files = [file for file in folder.iterdir() if file.is_file()]

    content = b"".join(file.read_bytes() for file in files)

    assert (folder / "server.log").stat().st_size > 0
    assert not [name for name in NAMES if name.encode() in content]
    assert not [token for token in night.tokens.values() if token.encode() in content]
