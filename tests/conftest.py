"""For every test: cycles are looked for less often, in a run that keeps much to look through each time."""

from __future__ import annotations

import gc

gc.set_threshold(100_000, 50, 100)
