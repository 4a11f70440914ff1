"""The files that marks depend on: the checks of the exercises' own chapters, their kit, and what these import."""

import ast
from pathlib import Path

from course_lib.chapters import CHAPTERS, all_chapters, number_of, place_of

LIBRARY = Path(__file__).parents[1]
OF_ALL = {LIBRARY / "__init__.py", LIBRARY / "chapters/__init__.py"}  # a new chapter changes no other one's marks
OF_WORDS = set(LIBRARY.glob("settings/*.py")) | {LIBRARY / "place.py"}  # in which language it is told, and where


def texts_behind(exercises):
    """The paths, as a set. ``look`` and other chapters are not among them: the checks import neither."""
    numbers = {exercise.id[:2] for exercise in exercises}
    own = [f"chapters.{chapter}.checks" for chapter in all_chapters() if number_of(chapter) in numbers]
    models = [module.partition(".")[2] for exercise in exercises for module in exercise.modules]
    kit = [path for path in _all_files("checks") if path.name != "look.py"]
    waiting, found = [*kit, *(path for part in (*own, *models) for path in _all_files(part))], set()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [file for name in _imported(path) for file in _files(name)]
    return found - OF_ALL - OF_WORDS


def name_of(path):
    """What a file is called, wherever the library lies: its place in it, or in the folder of a chapter's own."""
    own = [place_of(chapter).parent for chapter in all_chapters() if path.is_relative_to(place_of(chapter))]
    return path.relative_to(LIBRARY if path.is_relative_to(LIBRARY) else own[0]).as_posix()


def _place(name):
    room, *below = name.split(".")
    own = room == "chapters" and below and below[0] in set(all_chapters()) - set(CHAPTERS)
    return place_of(below[0]).joinpath(*below[1:]) if own else LIBRARY.joinpath(room, *below)


def _all_files(name):
    """Every file of a part of the library, which is one file or a folder."""
    return sorted(_place(name).glob("**/*.py")) or _files(name)


def _files(name):
    """The file that an import of this part of the library loads; none if it is no module but a name in one."""
    paths = _place(name).with_suffix(".py"), _place(name) / "__init__.py"
    return [path for path in paths if path.is_file()]


def _imported(path):
    """What a file imports of the library, wherever in it, without the leading ``course_lib.``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module, *(f"{node.module}.{name}" for name in names)]
        yield from (name.removeprefix("course_lib.") for name in names if name.startswith("course_lib."))
