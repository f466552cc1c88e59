"""An independent verification of a round against `allocation.md`, record by record.

It shares no code with the compiled rules or the optimiser, on purpose.
"""

from beds.checking.result import check_result

__all__ = ["check_result"]
