"""What is refused before the dashboard's server starts."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from beds.commands.dashboard import pages_folder, serve_dashboard
from beds.errors import BadInput, DatabaseUnavailable
from tests.demonstrations import an_empty_database


@pytest.fixture(autouse=True)
def _environment_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put back what serving sets, also where it was not set before."""
    for name in ("BEDS_DATABASE_URL", "BEDS_DEMO"):
        monkeypatch.setenv(name, "")


def test_a_database_that_is_not_there_is_not_served(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="no database"):
        serve_dashboard(f"sqlite:///{tmp_path / 'nowhere.db'}")


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    url = an_empty_database(tmp_path)

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(BadInput, match=rf"--port: {port} cannot be used"):
            serve_dashboard(url, port)


def test_the_pages_are_found_beside_the_package() -> None:
    assert (pages_folder() / "views" / "round.py").is_file()
