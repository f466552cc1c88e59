"""The program as a process: even while its first modules load, Ctrl-C ends it without a stack trace."""

import signal
import sys

from beds.interrupts import INTERRUPTED, note_interrupts, was_interrupted


def main() -> None:
    """Run the `beds` command and leave the process with its exit code."""
    note_interrupts()
    try:
        from beds.cli import app

        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except ImportError:
        if was_interrupted():
            sys.exit(INTERRUPTED)
        raise
    finally:
        # the answer is given: what the interpreter does now is not worth interrupting, or complaining about
        signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    main()
