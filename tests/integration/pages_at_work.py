"""Pages on which something is done: buttons pressed, and the database looked at afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from beds.database import connect
from beds.settings import Settings


def pressed(app: AppTest, label: str) -> bool:
    """Return whether there is a button of that label to be pressed."""
    return any(button.label == label for button in app.button)


def press(app: AppTest, label: str) -> AppTest:
    """Press a button, and return the page after it."""
    (button,) = [button for button in app.button if button.label == label]
    after = button.click().run()
    assert not after.exception
    return after


@contextmanager
def engine_of(folder: Path) -> Iterator[Engine]:
    """Give the database of the demonstration in a folder, from another process's side, so to speak."""
    engine = connect(Settings(database_url=f"sqlite:///{folder / 'dashboard.db'}", demo=True))
    try:
        yield engine
    finally:
        engine.dispose()
