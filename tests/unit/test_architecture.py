"""The house stays as it was built: who imports whom, what is loaded when, sizes, names, words.

Read from the source with `ast`, so that a breach is found whether or not anything runs it. There are no
exceptions.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.csv_folders import good_tables, write_tables

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("beds", "optimiser", "dashboard")
TOP_LEVEL = {*PACKAGES, "data", "tests", "pyproject.toml", "README.md", "LICENSE"}
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 400, 60
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc"}
TEXT = {".py", ".md", ".toml", ".csv", ".json", ".css", ".cfg", ".txt", ".yml", ".yaml", ""}
DOORS = ("streamlit", "fastapi", "typer", "rich")
TABLES = ("sqlmodel", "sqlalchemy", "alembic")
NEEDS = {
    "accepts_sharing",
    "acceptable_site_genders",
    "cross_border",
    "excluded_areas",
    "language_required",
    "min_security_level",
    "needs_step_free",
    "risk_to_others",
    "services_required",
    "max_age_girls",
    "max_age_boys",
}
"""What the rules turn on."""


@dataclass(frozen=True)
class Import:
    """One imported module: at the top of its file, or inside a function, or for types only."""

    module: str
    at_the_top: bool


@cache
def tree_of(path: Path) -> ast.Module:
    """Return a file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def modules(*folders: str) -> list[Path]:
    """Return the Python files of some folders of the project."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def within(path: Path) -> str:
    """Return a path as it is seen from the top of the project."""
    return path.relative_to(ROOT).as_posix()


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    """Return what a file imports, a name imported from a package counting as a module of it."""
    return tuple(_imports(tree_of(path), at_the_top=True))


def _imports(node: ast.AST, *, at_the_top: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        deeper = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or (
            isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        )
        if isinstance(child, ast.Import):
            yield from (Import(name.name, at_the_top) for name in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports name the whole module"
            yield from (Import(f"{child.module}.{name.name}", at_the_top) for name in child.names)
        else:
            yield from _imports(child, at_the_top=at_the_top and not deeper)


def is_of(module: str, packages: tuple[str, ...]) -> bool:
    """Return whether a module is one of some packages or within one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def breaches(folder: str, forbidden: tuple[str, ...], *, allowed: tuple[str, ...] = ()) -> list[str]:
    """Return who in a folder imports what it must not."""
    return [
        f"{within(path)} imports {one.module}"
        for path in modules(folder)
        for one in imports_of(path)
        if is_of(one.module, forbidden) and not is_of(one.module, allowed)
    ]


def test_the_optimiser_knows_arrays_and_solvers_and_nothing_of_the_service() -> None:
    known = (
        *("optimiser", "numpy", "pandas", "ortools", "highspy", "scipy", "statsmodels"),
        *("dask", "distributed"),
        *sys.stdlib_module_names,
    )

    strangers = {
        f"{within(path)} imports {one.module}"
        for path in modules("optimiser")
        for one in imports_of(path)
        if not is_of(one.module, known)
    }

    assert strangers == set()


def test_the_domain_knows_nothing_else_of_ours() -> None:
    assert breaches("beds/domain", PACKAGES, allowed=("beds.domain",)) == []


def test_only_the_records_of_the_domain_know_tables() -> None:
    plain = [path for path in modules("beds/domain") if "records" not in path.parts]
    known = ("beds.domain", "numpy", *sys.stdlib_module_names)

    strangers = [
        f"{within(path)} imports {one.module}"
        for path in plain
        for one in imports_of(path)
        if not is_of(one.module, known) or is_of(one.module, ("beds.domain.records",))
    ]

    assert strangers == []


def test_the_checker_shares_no_code_with_what_it_judges() -> None:
    compiled = ("eligibility", "availability", "households", "mismatch", "next_free")
    judged = tuple(f"beds.domain.{module}" for module in compiled)

    assert breaches("beds/checking", (*judged, "beds.services", "optimiser", "numpy")) == []


def test_the_commands_and_the_services_are_doors_and_no_others() -> None:
    assert (
        breaches("beds/services", (*DOORS, "beds.cli", "beds.commands", "beds.terminal", "dashboard")) == []
    )
    assert breaches("beds/domain", DOORS) == []
    assert breaches("beds/importing", (*DOORS, *TABLES, "beds.services", "beds.store", "optimiser")) == []
    assert breaches("beds/store", (*DOORS, "beds.services", "beds.commands", "optimiser")) == []
    assert breaches("beds/checking", (*DOORS, *TABLES, "beds.store", "beds.database")) == []


def test_the_dashboard_knows_services_and_words_only() -> None:
    allowed = ("beds.services", "beds.domain.terms", "beds.roles", "beds.errors", "beds.wording")

    assert breaches("dashboard", ("beds", "optimiser", *TABLES), allowed=allowed) == []


def test_nothing_of_ours_depends_on_a_test() -> None:
    assert [breach for package in PACKAGES for breach in breaches(package, ("tests", "pytest"))] == []


def test_a_command_loads_what_it_needs_when_it_runs() -> None:
    """`beds --help` answers at once: at its top, a command imports no arrays, no tables and no solver."""
    light = ("beds.commands", "beds.errors", "beds.interrupts", "typer", *sys.stdlib_module_names)

    heavy = [
        f"{within(path)} imports {one.module}"
        for path in [ROOT / "beds/cli.py", *modules("beds/commands")]
        for one in imports_of(path)
        if one.at_the_top and not is_of(one.module, light)
    ]

    assert heavy == []


def loaded_by(*arguments: str) -> set[str]:
    """Return the top-level packages that a process of its own has loaded once a command has run."""
    program = (
        "import sys\n"
        "from beds.cli import app\n"
        "try:\n"
        "    app(sys.argv[1:])\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        "finally:\n"
        "    print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_help_loads_no_arrays_no_tables_and_no_solver() -> None:
    heavy = {"numpy", "pandas", "ortools", "highspy", "sqlmodel", "sqlalchemy", "streamlit", "pydantic"}

    assert loaded_by("--help") & heavy == set()


def test_a_round_on_a_folder_loads_no_tables_and_no_frames(tmp_path: Path) -> None:
    folder = write_tables(tmp_path, good_tables())

    loaded = loaded_by("allocate", "--from", str(folder), "--as-at", "2026-03-03T12:00:00+00:00")

    assert {"numpy", "highspy"} <= loaded
    assert loaded & {"pandas", "sqlmodel", "sqlalchemy", "alembic", "streamlit", "openpyxl"} == set()


def test_the_top_level_has_the_agreed_names_and_no_others() -> None:
    names = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}

    assert names - TOP_LEVEL <= {"dist", "__pycache__"}


@pytest.mark.parametrize("path", modules(*PACKAGES, "tests"), ids=within)
def test_a_file_is_short_and_says_what_it_is_about(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= MOST_LINES
    assert not text.strip() or ast.get_docstring(tree_of(path))
    assert not VAGUE_NAMES & {path.stem, *path.relative_to(ROOT).parts[:-1]}


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=within)
def test_a_function_is_short_and_does_not_print(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MOST_LINES_OF_A_FUNCTION, node.name
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print"


@pytest.mark.parametrize("path", modules("optimiser", "beds/domain"), ids=within)
def test_whatever_is_public_in_the_rules_and_the_solver_is_described(path: Path) -> None:
    assert list(_undescribed(tree_of(path))) == []


def _undescribed(node: ast.Module | ast.ClassDef) -> Iterator[str]:
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.ClassDef) and not child.name.startswith("_"):
            if not ast.get_docstring(child):
                yield child.name
            if isinstance(child, ast.ClassDef):
                yield from _undescribed(child)


@pytest.mark.parametrize(
    "path", modules("beds/services", "beds/commands", "optimiser", "dashboard"), ids=within
)
def test_what_the_rules_turn_on_is_read_by_the_rules_alone(path: Path) -> None:
    read = {node.attr for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute)}

    assert read & NEEDS == set()


def test_the_two_countries_are_data() -> None:
    """Nation is compared where its rows are looked up, where it is read in, and where people are invented."""
    forked = [
        within(path)
        for path in modules(
            "beds/domain", "beds/services", "beds/store", "beds/commands", "optimiser", "dashboard"
        )
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Compare)
        and re.search(r"\bNation\.[A-Z]|['\"](England|Scotland)['\"]", ast.unparse(node))
    ]

    assert forked == []


def project_files() -> Iterator[Path]:
    """Yield the text files of the project: what is agreed to be in it, and the dot-files that go with it."""
    for name in sorted(TOP_LEVEL | {".ci", ".gitignore", ".gitattributes"}):
        top = ROOT / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and path.suffix in TEXT and "__pycache__" not in path.parts:
                yield path


def test_no_address_of_a_package_registry_and_no_folder_of_a_machine_is_in_the_project() -> None:
    registry = r"pypi\.(org|python)|pythonhosted\.org|registry\.(npmjs|yarnpkg)|conda\.anaconda|index[-_]url"
    machine = r"(?<![\w.~}])/(home|root|Users|work)/\w"
    unwanted = re.compile(f"{registry}|{machine}")

    found = [within(path) for path in project_files() if unwanted.search(path.read_text(encoding="utf-8"))]

    assert found == []


def test_no_test_is_skipped_and_none_of_ours_is_mocked() -> None:
    unwanted = re.compile(r"\b(mark\.(skip|skipif|xfail)|pytest\.(skip|xfail)|unittest\.mock|mocker)\b")

    skipped = [within(path) for path in modules("tests") if unwanted.search(_code(path))]

    assert skipped == []


def _code(path: Path) -> str:
    """Return a file's code without its texts."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.unparse(tree)


def test_the_dependencies_are_these_each_with_a_range_and_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    stated = tomllib.loads(text)["project"]["dependencies"]

    assert {re.split(r"[\[<>=~!]", dependency)[0] for dependency in stated} == {
        "ortools",
        "highspy",
        "numpy",
        "pandas",
        "sqlmodel",
        "alembic",
        "cryptography",
        "pydantic-settings",
        "typer",
        "rich",
        "openpyxl",
        "pyarrow",
        "tzdata",
        "fastapi",
        "uvicorn",
        "streamlit",
        "altair",
        "statsmodels",
        "scipy",
    }
    for dependency in stated:
        assert ">=" in dependency
        assert re.search(rf'# .+\n    "{re.escape(dependency)}"', text), (
            f"{dependency}: a reason in the line above"
        )


def test_every_package_that_is_imported_is_a_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    # Dask spreads replications over several machines; without it the processes of this one do.
    stated = [*project["dependencies"], *project["optional-dependencies"]["dask"], "distributed>=0"]
    names = {re.split(r"[\[<>=~!]", dependency)[0].replace("-", "_") for dependency in stated}
    brought_by_those = {
        "sqlalchemy": "sqlmodel",
        "pydantic": "sqlmodel",
        "starlette": "fastapi",
        "anyio": "fastapi",
    }
    ours = {*PACKAGES, *sys.stdlib_module_names}

    imported = {one.module.partition(".")[0] for path in modules(*PACKAGES) for one in imports_of(path)}

    assert {brought_by_those.get(name, name) for name in imported - ours} <= names
