"""Two readings of one page are worth something only while they are independent."""

from __future__ import annotations

import ast
from pathlib import Path

import beds.checking

SHARED_NOUNS = {
    f"beds.domain.{name}" for name in ("accommodation", "clock", "estate", "periods", "referral", "terms")
}


def test_the_checker_imports_the_nouns_and_itself_and_nothing_else_of_ours() -> None:
    imported: set[str] = set()

    for path in Path(beds.checking.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}

    ours = {name for name in imported if name.split(".")[0] in {"beds", "optimiser"}}
    assert {name for name in ours if not name.startswith("beds.checking.")} <= SHARED_NOUNS
    assert not {name for name in imported if name.split(".")[0] in {"numpy", "ortools", "pandas"}}
