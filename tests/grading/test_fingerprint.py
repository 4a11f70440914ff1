"""Marks are made anew when the assignment's own checks or their kit change, and for no other chapter's sake."""

import pytest

from course_lib.chapters import CHAPTERS, number_of, part
from course_lib.checks import EXERCISES
from course_lib.grading import texts
from course_lib.grading.plan import fingerprint
from course_lib.grading.texts import LIBRARY, texts_behind

WITH_CHECKS = [chapter for chapter in CHAPTERS if part(chapter, "checks")]
FILES = sorted(path.relative_to(LIBRARY).as_posix() for path in LIBRARY.rglob("*.py"))


def exercises(chapter):
    return [exercise for id, exercise in EXERCISES.items() if id.startswith(number_of(chapter))]


def covered(chapter):
    return {path.relative_to(LIBRARY).as_posix() for path in texts_behind(exercises(chapter))}


@pytest.mark.parametrize("chapter", WITH_CHECKS)
def test_the_own_checks_and_the_kit_are_covered_and_nothing_of_a_chapter_but_its_checks(chapter):
    found = covered(chapter)
    own = [name for name in FILES if name.startswith((f"chapters/{chapter}/checks/", f"chapters/{chapter}/checks."))]
    kit = [name for name in FILES if name.startswith("checks/") and name != "checks/look.py"]
    assert own and set(own) <= found and set(kit) <= found
    assert {name for name in found if name.startswith("chapters/")} == set(own)
    assert not [name for name in found if name.startswith(("figures/", "widgets/", "claims/")) or "look" in name]


@pytest.mark.parametrize("chapter", WITH_CHECKS)
def test_what_the_checks_import_is_covered_even_inside_functions(chapter):
    assert {"checks/torch_side.py", "off_limits.py", "floors.py"} <= covered(chapter)  # the first is imported late


class Changed(type(LIBRARY)):
    """A path whose file reads as if a line had been added."""

    def read_bytes(self):
        return super().read_bytes() + b"# a line more\n"


@pytest.mark.parametrize("chapter", ["ch00_start", "ch03_momentum", "ch10_cnn_training"])
def test_a_line_more_changes_the_fingerprint_just_where_it_is_covered(chapter, monkeypatch):
    before, paths = fingerprint(exercises(chapter)), texts_behind(exercises(chapter))
    others = [name for name in FILES if LIBRARY / name not in paths]
    for name in (*(path.relative_to(LIBRARY).as_posix() for path in paths), *others[::50]):
        changed = {Changed(path) if path == LIBRARY / name else path for path in paths}
        monkeypatch.setattr("course_lib.grading.plan.texts_behind", lambda exercises, changed=changed: changed)
        assert (fingerprint(exercises(chapter)) != before) == (LIBRARY / name in paths), name


def test_a_module_that_the_checks_come_to_import_is_covered_from_then_on(tmp_path, monkeypatch):
    for name, text in {
        "chapters/ch03_momentum/checks/__init__.py": "from course_lib.chapters.ch03_momentum.checks.a import x",
        "chapters/ch03_momentum/checks/a.py": "def x():\n    from course_lib import run\n    import course_lib.deep.er",
        "chapters/ch03_momentum/look.py": "",
        "checks/kit.py": "import numpy",
        "checks/look.py": "from course_lib.figures import show",
        "deep/__init__.py": "",
        "deep/er.py": "from course_lib.deep.est import y",
        "deep/est.py": "y = 1",
        "figures/show.py": "",
        "run.py": "",
        "surfaces.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(texts, "LIBRARY", tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in texts_behind(exercises("ch03_momentum"))}
    own = {"chapters/ch03_momentum/checks/__init__.py", "chapters/ch03_momentum/checks/a.py"}
    assert found == {*own, "checks/kit.py", "run.py", "deep/er.py", "deep/est.py"}


def test_what_an_answer_may_not_use_is_part_of_it(monkeypatch):
    before = fingerprint(exercises("ch03_momentum"))
    monkeypatch.setattr("course_lib.checks.kit.off_limits", lambda topics, profile: ("course_lib.optimizers",))
    assert fingerprint(exercises("ch03_momentum")) != before
