"""Which tests concern an exercise, claim, chapter, optimizer or live figure. Standard library only: see ``commands``.

>>> tests_of("C-03-5")[0]
'tests/kit/claims'
"""

import re

from course_lib.place import LIBRARY

BANKS = ("test_banks", "test_look", "test_rooms")
OF_ALL_EXERCISES = "has_a_look or its_notebook_cells"  # short tests of what every exercise needs


def tests_of(what, root=LIBRARY):
    """The arguments of pytest for what concerns ``what``.

    Args:
        what: "03-5", "C-03-5", "03" or the name of a class or function.
        root: the course's folder.

    Raises ``ValueError`` with a sentence where nothing has that name.
    """
    if found := re.fullmatch(r"(C-)?(\d\d)(-\d+)?", what):
        claim, number, one = found.groups()
        chapter = _chapter(number, root)
        if claim:
            return ["tests/kit/claims", *_files(f"chapters/{chapter}", "test_claim", root), "-k", what]
        return _exercise(what, chapter, root) if one else _whole_chapter(number, chapter, root)
    return _by_name(what, root)


def _chapter(number, root):
    found = [path.name for path in (root / "course_lib/chapters").glob(f"ch{number}_*")]
    if not found:
        raise ValueError(f"There is no chapter {number}.")
    return found[0]


def _files(folder, start, root):
    return [path.relative_to(root).as_posix() for path in sorted((root / "tests" / folder).glob(f"{start}*.py"))]


def _exercise(id, chapter, root):
    paths = [f"tests/kit/checks/{name}.py" for name in BANKS]
    return [*paths, "tests/tools/test_notebooks.py", "-k", f"{id} or {chapter[2:]} or {OF_ALL_EXERCISES}"]


def _whole_chapter(number, chapter, root):
    """Its own tests, those of the kits for the parts that it has, and what goes over every chapter."""
    has = {path.stem for path in (root / "course_lib/chapters" / chapter).iterdir()}
    kits = [f"tests/kit/{name}" for name in ("checks", "claims", "figures", "widgets") if name in has]
    own = [f"tests/chapters/{chapter}"] if (root / "tests/chapters" / chapter).is_dir() else []
    tools = [f"tests/tools/test_{name}.py" for name in ("floors", "readme", "notebooks")]
    words = f"{chapter} or {chapter[2:]} or {number}- or test_floors or test_readme or links or questions"
    return [*own, *kits, *tools, "-m", "not browser", "-k", words]


def _by_name(name, root):
    """Tests whose text has the name, and those that go over everything, cut down to it."""
    if not re.fullmatch(r"[A-Za-z_]\w*", name):
        raise ValueError(f"{name!r} is no exercise (03-5), claim (C-03-5), chapter (03), class or function.")
    pattern = re.compile(rf"^(class|def) {name}\b", re.M)
    home = next((path for path in sorted((root / "course_lib").rglob("*.py")) if pattern.search(_text(path))), None)
    if home is None:
        raise ValueError(f"There is no class or function {name} in course_lib.")
    place = home.relative_to(root / "course_lib").parts
    word = re.compile(rf"\b{name}\b")
    files = [path for path in sorted((root / "tests").rglob("test_*.py")) if word.search(_text(path))]
    mentioned = [path.relative_to(root).as_posix() for path in files if "browser" not in path.name + path.parent.name]
    if place[0] == "optimizers":
        every = ["tests/library/optimizers/test_every_optimizer.py", "tests/tools/test_docstrings.py"]
        own = [path for path in mentioned if path.startswith("tests/library/optimizers/test_")]
        return [*dict.fromkeys([*every, *own]), "-k", f"{name} or {home.stem} or test_docstrings"]
    if place[0] == "chapters" and "widgets" in place[-1] + place[-2]:
        return ["tests/kit/widgets", *mentioned, "-m", "not browser", "-k", f"{name} or {place[1]}"]
    return mentioned or [f"tests/{place[0]}"]


def _text(path):
    return path.read_text(encoding="utf-8")
