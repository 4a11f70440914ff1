"""The library stands on its floors: imports point downwards only."""

import ast
from pathlib import Path

import pytest

from course_lib.floors import FLOORS

LIBRARY = Path(__file__).parents[1] / "course_lib"
FILES = sorted(path for path in LIBRARY.rglob("*.py") if path != LIBRARY / "__init__.py")
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}


def room(path):
    """The name in FLOORS that a file belongs to: its own, or its package's."""
    return path.relative_to(LIBRARY).parts[0].removesuffix(".py")


def imported_rooms(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write the whole module name, not a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("course_lib."))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_every_file_has_a_floor_and_imports_only_from_lower_ones(path):
    own = room(path)
    assert own in FLOOR, f"{own} has no row in course_lib/floors.py"
    for other in imported_rooms(path):
        if other in ("__version__", own):
            continue
        assert FLOOR[other] < FLOOR[own], f"{own} (floor {FLOOR[own]}) imports {other} (floor {FLOOR[other]})"


def test_the_floors_name_only_files_that_exist():
    missing = [name for name in FLOOR if not ((LIBRARY / name).is_dir() or (LIBRARY / f"{name}.py").is_file())]
    assert not missing
