"""`dashboard`: the pages, on this machine's own address."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from beds.errors import BadInput

LOCAL = "127.0.0.1"
DEFAULT_PORT = 8501

Port = Annotated[int, typer.Option("--port", metavar="P", min=1, max=65535, help="The port to serve on.")]


def dashboard(port: Port = DEFAULT_PORT) -> None:
    """Serve the dashboard of the database of the settings, on this machine's own address."""
    from beds.settings import load_settings

    serve_dashboard(load_settings().database_url, port)


def serve_dashboard(database_url: str, port: int = DEFAULT_PORT) -> None:
    """Become the dashboard's server: print its address, then run Streamlit in place of this process.

    It listens on this machine only. A live database asks everybody to sign in.

    Raises
    ------
    DatabaseUnavailable
        The database is missing, behind, busy or damaged.
    BadInput
        A setting is not accepted, the port is taken, or the pages are not installed.
    """
    from beds.database import DatabaseKind, database_kind
    from beds.services.estates import live_database
    from beds.settings import load_settings

    app = pages_folder() / "app.py"
    os.environ["BEDS_DATABASE_URL"] = database_url
    # A refusal now is a sentence and an exit code; later it would be a page that nobody asked for.
    with live_database(load_settings()) as engine:
        is_demonstration = database_kind(engine) is DatabaseKind.DEMO
    _require_free(port)
    who = "signed in as a demonstration’s coordinator" if is_demonstration else "sign in with a token"
    typer.echo(f"The dashboard: http://{LOCAL}:{port} ({who}; Ctrl-C ends it)")
    sys.stdout.flush()
    where = ["--server.address", LOCAL, "--server.port", str(port)]
    # Our own interpreter and arguments of ours; no shell is involved.
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(app), *where])  # noqa: S606


def pages_folder() -> Path:
    """Return the folder of the pages: the installed package `dashboard`, beside `beds` in a clone.

    Raises
    ------
    BadInput
        They are not there: the installation is incomplete.
    """
    folder = Path(__file__).resolve().parents[2] / "dashboard"
    if not (folder / "app.py").is_file():
        raise BadInput("the dashboard's pages are missing: install the package again")
    return folder


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        # As the server does: a port that has just been left counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCAL, port))
        except OSError as error:
            raise BadInput(f"--port: {port} cannot be used ({error.strerror}); choose another") from error
