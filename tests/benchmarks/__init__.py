"""How fast and how large: measured, never asserted. `pytest tests/benchmarks --override-ini addopts=`."""
