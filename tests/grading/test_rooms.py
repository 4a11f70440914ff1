"""Every exercise against every room of the library: in grading the same points and words as in the notebook.

``tests/kit/checks/test_rooms.py`` asks for them in the notebook.
"""

from dataclasses import replace

import pytest

from course_lib.chapters import parts
from course_lib.checks import VISIBLE_SEED
from course_lib.checks.rooms import is_off_limits
from course_lib.grading.confinement import best_level
from course_lib.grading.plan import needs
from course_lib.grading.process import Limits
from course_lib.grading.session import Session
from course_lib.off_limits import room
from course_lib.tools.notebook_tools import ROOT
from course_lib.tools.notebook_tools.files import read
from tests.kit.checks.test_rooms import ROOMS, modules
from tests.kit.checks.ways import sources, ways_to

CHAPTERS = [[one for one in module.CHAPTER if one.functions] for module in parts("checks").values()]


def right_answers(exercises):
    """The set-up and solution cells of the exercises' notebook."""
    (path,) = (ROOT / "solutions").glob(f"{exercises[0].id[:2]}_*.ipynb")
    cells = [(cell.metadata.get("course", {}).get("role"), cell.source) for cell in read(path).cells]
    return [source for role, source in cells if role in ("setup", "solution")]


def answers(exercises, share):
    """``[(exercise, module, whether it may be used, top, text of the function answer_i)]``, in one way each."""
    rows = []
    for place, exercise in enumerate(exercises):
        for module in share(modules(), place):
            number = len(rows)
            allowed = not is_off_limits(module, exercise.forbidden)
            way = ways_to(module)[(7 * number + sum(map(ord, exercise.id))) % len(ways_to(module))]
            made = sources(way, module, not allowed, exercise.function, f"answer_{number}")
            # What stands at the top of a notebook is there once for all: these have names of their own.
            top, text = (
                part.replace("above", f"above_{number}").replace("helper", f"helper_{number}") for part in made
            )
            top, text = (
                part.replace("table", f"table_{number}")
                .replace("module", f"found_{number}")
                .replace(f"import_found_{number}", "import_module")
                .replace(f"sys.found_{number}s", "sys.modules")
                for part in (top, text)
            )
            rows.append((exercise, module, allowed, top, text))
    return rows


@pytest.fixture(scope="module", params=CHAPTERS, ids=lambda exercises: exercises[0].id[:2])
def graded(request):
    """``(exercises, zygote)`` of one assignment."""
    if not all(exercise.ready for exercise in request.param):
        pytest.skip("PyTorch is not installed")
    about, exercises = needs(request.param), [replace(exercise, mistakes=[]) for exercise in request.param]
    zygote, reasons = best_level(memory=Limits.of(about["profile"]).memory, **about)
    with zygote:
        if zygote.level == "none":
            pytest.skip(f"no sandbox here: {reasons}")
        yield exercises, zygote


def first(checks):
    """The first check that counts by itself."""
    return next(check for check in checks if not check.supporting)


def session_of(zygote, cells, names):
    limits = replace(Limits.of(zygote.profile), total_seconds=600, cell_seconds=60)
    return Session(zygote, [(f"cell {i}", cell) for i, cell in enumerate(cells, start=1)], names, limits)


def test_every_exercise_and_every_room(graded, share):
    exercises, zygote = graded
    exercises = [replace(exercise, checks=[first(exercise.checks)]) for exercise in exercises]  # all of them cost time
    rows = answers(exercises, share)
    cells = [*right_answers(exercises), *(top for *_, top, _ in rows if top), *(text for *_, text in rows)]
    with session_of(zygote, cells, [f"answer_{number}" for number in range(len(rows))]) as session:
        wrong = []
        for number, (exercise, module, allowed, _, text) in enumerate(rows):
            got = exercise.run(session.function(f"answer_{number}"), VISIBLE_SEED)
            sentence = "" if allowed else f"{room(module)} is off limits in this exercise: grading gives 0 for it."
            said = {result.sentence for result in got.results}
            if got.passed != allowed or said != {sentence}:
                wrong.append((exercise.id, module, text, said))
    assert not wrong, "\n".join(str(part) for part in wrong[0])


def test_answers_that_import_every_open_room_keep_all_points(graded):
    exercises, zygote = graded
    opened = [module for module in ROOMS if not is_off_limits(module, exercises[0].forbidden)]
    lines = "\n    ".join(f"import {module}" for module in opened)
    made = [
        f"def answer_{i}(*arguments):\n    {lines}\n    return {exercise.function}(*arguments)"
        for i, exercise in enumerate(exercises)
    ]
    names = [f"answer_{i}" for i in range(len(made))]
    with session_of(zygote, [*right_answers(exercises), *made], names) as session:
        for name, exercise in zip(names, exercises, strict=True):
            assert exercise.run(session.function(name), VISIBLE_SEED).passed
