"""What an answer may use and what not: every exercise against every room of the library, in the notebook's check.

``tests/grading/test_rooms.py`` asks the same of grading.
"""

import ast
import importlib.util
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import course_lib
from course_lib.chapters import parts
from course_lib.checks import EXERCISES, check
from course_lib.checks.fence import Room, fenced
from course_lib.checks.rooms import built_upon, in_words, is_off_limits, taught
from course_lib.floors import FLOORS
from course_lib.off_limits import USES, Forbidden, OffLimits
from course_lib.off_limits import room as room_of
from course_lib.tools.notebook_tools import ROOT
from course_lib.tools.notebook_tools.files import read
from tests.kit.checks.answers import ANSWERS, of_all
from tests.kit.checks.ways import WAYS, sources, ways_to

NUMPY = [id for id, exercise in EXERCISES.items() if exercise.profile == "numpy"]
LAZY = of_all("lazy", "LAZY")
LAZIES = [(id, answer) for id, answers in LAZY.items() for answer in answers]
ROOMS = [f"course_lib.{room}" for floor in FLOORS for room in floor]
INSTALLED = [name for name in ("torch", "sklearn", "scipy.optimize", "scipy.special", "scipy.signal")]


@pytest.fixture(autouse=True)
def own_progress(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))


def modules():
    """Every room of the library, and the packages that are installed of those that hold answers."""
    return ROOMS + [name for name in INSTALLED if importlib.util.find_spec(name.partition(".")[0])]


def notebook(*cells, **names):
    space = {"__name__": "__main__", "np": np, **names}
    for cell in cells:
        exec(compile(cell, "<cell>", "exec"), space)
    return space


def report(id, function, seed=3):
    return EXERCISES[id].run(fenced(function, EXERCISES[id].forbidden), seed)


def reached(id, way, module):
    """What the check says of a right answer that reaches ``module`` in this way, and whether it may."""
    allowed = not is_off_limits(module, EXERCISES[id].forbidden)
    space = notebook(*sources(way, module, not allowed, "right", "answer"), right=ANSWERS[id][0])
    return report(id, space["answer"]), allowed


def judged(id, way, module):
    found, allowed = reached(id, way, module)
    if allowed:
        return found.points == found.max_points
    sentence = f"{room_of(module)} is off limits in this exercise: grading gives 0 for it."
    return found.points == 0 and {result.sentence for result in found.results if result.kind != "NotYet"} == {sentence}


# --- The rule ---------------------------------------------------------------------------------------------------


def test_what_rooms_are_built_upon_is_what_they_import():
    library = Path(course_lib.__file__).parent
    for room, found in built_upon().items():
        place = library / room
        imported = set()
        for path in list(place.rglob("*.py")) or [place.with_suffix(".py")]:
            for node in ast.parse(path.read_text()).body:
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                imported |= {name.split(".")[1] for name in names if name.startswith("course_lib.")}
        assert found == imported - {room}


@pytest.mark.parametrize("chapter", parts("checks").values(), ids=parts("checks"))
def test_the_exercises_of_a_notebook_have_the_same_limits(chapter):
    """One process marks a notebook, so what is off limits for one of its exercises is so for all."""
    assert len({exercise.forbidden for exercise in chapter.CHAPTER if exercise.functions}) == 1


@pytest.mark.parametrize("id", EXERCISES)
def test_nothing_that_is_open_is_built_upon_what_is_off_limits(id):
    forbidden = EXERCISES[id].forbidden
    for room in taught():
        if f"course_lib.{room}" not in forbidden:
            assert not any(f"course_lib.{below}" in forbidden for below in built_upon()[room])
    assert all(f"course_lib.{room}" in forbidden for room in ("checks", "figures", "grading", "off_limits"))


@pytest.mark.parametrize("id", EXERCISES)
def test_the_statement_names_every_room_and_package_that_is_off_limits(id):
    forbidden = EXERCISES[id].forbidden
    for folder in ("solutions", "exercises"):
        (path,) = (ROOT / folder).glob(f"{id[:2]}_*.ipynb")
        about = {"role": "statement", "exercise": id}
        text = "\n".join(cell.source for cell in read(path).cells if cell.metadata.get("course") == about)
        assert " ".join(in_words(forbidden).split()) in " ".join(text.split())
    for room in taught():
        assert (f"`{room}`" in text.rpartition("Off limits")[2]) == (f"course_lib.{room}" in forbidden)


# --- Every exercise and every room --------------------------------------------------------------------------------


@pytest.mark.parametrize("id", EXERCISES)
def test_every_exercise_and_every_room(id, share):
    if not EXERCISES[id].ready:
        pytest.skip("PyTorch is not installed")
    found = modules()
    ways = [ways_to(module)[(number + sum(map(ord, id))) % len(ways_to(module))] for number, module in enumerate(found)]
    tried = share(zip(found, ways, strict=True), list(EXERCISES).index(id))
    assert [(module, way) for module, way in tried if not judged(id, way, module)] == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("id", ["00-1", "07-2"])
def test_every_way_to_every_room(id, way, share):
    found = [module for module in modules() if way in ways_to(module)]
    found = share(found, list(WAYS).index(way) + list(EXERCISES).index(id))
    assert [module for module in found if not judged(id, way, module)] == []


@pytest.mark.parametrize("id", NUMPY)
def test_an_answer_that_imports_from_every_open_room_keeps_its_points(id):
    forbidden = EXERCISES[id].forbidden
    lines = "\n    ".join(f"import {module}" for module in ROOMS if not is_off_limits(module, forbidden))
    space = notebook(f"def answer(*arguments):\n    {lines}\n    return right(*arguments)", right=ANSWERS[id][0])
    assert report(id, space["answer"]).passed


def test_every_function_to_write_in_numpy_has_answers_that_the_library_gives_or_says_that_it_gives_none():
    missing = [id for id in NUMPY if EXERCISES[id].kind == "write" and id not in LAZY]
    assert missing == [], 'lazy.py beside the answers of the chapter says which function of the library, or "id": ()'


@pytest.mark.filterwarnings("ignore:delta_grad == 0.0:UserWarning")  # SciPy's
@pytest.mark.parametrize(("id", "answer"), LAZIES, ids=[f"{id} {answer.__name__}" for id, answer in LAZIES])
def test_an_answer_that_the_library_gives_is_right_and_earns_nothing(id, answer):
    for package in ("torch", "scipy"):
        if package in answer.__name__ or (package == "scipy" and id == "04-5"):
            pytest.importorskip(package)
    alone = EXERCISES[id].run(answer, 3)
    assert alone.points > alone.max_points / 4, str(alone)
    found = check(id, answer)
    assert found.points == 0 and not found.passed
    assert all("is off limits in this exercise" in result.sentence for result in found.results)
    assert "off limits" in str(found) and "off limits" not in str(alone)


# --- The fence ----------------------------------------------------------------------------------------------------


def momentum_step(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta)
    return theta + velocity, velocity


@pytest.mark.parametrize(
    "unused",
    [
        "from course_lib.optimizers import Adam, OPTIMIZERS\nrace = Adam(0.1)\nbest = {'adam': race, 'rate': 0.1}",
        "import course_lib.optimizers as optimizers\nfrom course_lib.figures.show import show",
        "from course_lib.checks import check",
        "def spare(x):\n    from course_lib.optimizers import SGD\n    return SGD(x)",
    ],
)
def test_what_a_notebook_uses_for_its_figures_does_no_harm(unused):
    space = notebook(unused, right=momentum_step)
    before = dict(space)
    space |= notebook(unused, "def answer(*arguments):\n    return right(*arguments)", right=momentum_step)
    assert check("03-1", space["answer"]).passed
    assert before.keys() <= space.keys()


def test_what_is_held_beside_something_off_limits_can_be_used():
    table = "from course_lib.optimizers import Adam\ntable = {'adam': Adam, 'rate': 1.0}"
    body = "def answer(*arguments):\n    table['rate'] * 2\n    return right(*arguments)"
    assert report("03-1", notebook(table, body, right=momentum_step)["answer"]).passed


@pytest.mark.parametrize(
    "function",
    [
        "Adam(0.1).step",
        "partial(Momentum, 0.1)",
        "partial(through, Momentum)",
        "type('Own', (Adam,), {})()",
        "type('Own', (), {'__call__': lambda self, *given: Adam(0.1)})()",
        "type('Own', (), {'step': lambda self, *given: Adam(0.1)})().step",
        "np.vectorize(lambda *given: Adam(0.1))",
        "contextmanager(Adam)",
        "wraps(right)(lambda *given: Adam(0.1))",
        "wraps(Adam.step)(lambda *given: Adam(0.1))",
        "decorated(lambda *given: Adam(0.1))",
    ],
)
def test_whatever_kind_of_function_uses_the_library_is_told_so(function):
    space = notebook(
        "from functools import partial, wraps\nfrom contextlib import contextmanager",
        "from course_lib.optimizers import Adam, Momentum",
        "def through(function, *given):\n    return function(*given)",
        "def decorated(function):\n    return wraps(function)(lambda *given: function(*given))",
        right=momentum_step,
    )
    found = report("03-1", eval(function, space))
    assert found.points == 0
    assert any("course_lib.optimizers is off limits" in result.sentence for result in found.results), str(found)


def test_everything_is_put_back_also_after_an_error():
    from course_lib import optimizers

    def wrong(*arguments):
        import course_lib.optimizers

        tensorflow = __import__("tensorflow")  # installed or not
        return course_lib.optimizers.SGD(tensorflow.constant(1))

    before, names, path = dict(sys.modules), dict(vars(course_lib)), list(sys.meta_path)
    assert report("03-1", wrong).points == 0
    assert sys.modules == before and vars(course_lib) == names and sys.meta_path == path
    assert sys.modules["course_lib.optimizers"] is optimizers
    assert not any(isinstance(module, Room) for module in sys.modules.values())
    assert optimizers.SGD(0.1)


def test_a_name_that_the_function_binds_anew_keeps_its_new_value():
    top = "from course_lib.optimizers import Adam as kept"
    body = "def answer(*arguments):\n    global kept\n    kept = 7\n    return right(*arguments)"
    space = notebook(top, body, right=momentum_step)
    assert report("03-1", space["answer"]).passed
    assert space["kept"] == 7


def test_other_threads_find_the_library_while_an_answer_runs():
    import course_lib.optimizers

    assert course_lib.optimizers
    seen = []

    def other():
        from course_lib.optimizers import SGD

        seen.append(SGD(0.1))

    def answer(*arguments):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        return momentum_step(*arguments)

    assert report("03-1", answer).passed and len(seen) > 3


def test_who_kept_a_stand_in_for_a_module_finds_the_module_later():
    import course_lib.optimizers

    kept = []

    def answer(*arguments):
        import course_lib.optimizers as module

        kept.append(module)
        return momentum_step(*arguments)

    assert report("03-1", answer).passed
    assert kept[0].SGD is course_lib.optimizers.SGD


def test_a_fence_costs_a_check_less_than_50_ms():
    space = notebook(
        "def answer(*arguments):\n    return right(*arguments)",
        right=momentum_step,
        **{f"name_{i}": list(range(i % 50)) for i in range(3000)},
    )
    seconds = []
    for _ in range(5):
        start = time.process_time()
        fence = fenced(space["answer"], EXERCISES["03-1"].forbidden)
        for _ in range(40):
            fence(np.ones(2), np.ones(2), np.copy, 0.1, 0.9)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.05


@pytest.mark.parametrize("use", USES)
def test_every_use_of_a_stand_in_is_refused(use):
    with pytest.raises(OffLimits, match=r"course_lib\.layers is off limits in this exercise"):
        getattr(Forbidden("course_lib.layers.linear.Linear"), use)(1)


def test_a_class_of_ones_own_below_a_stand_in_can_be_defined_and_not_used():
    class Own(Forbidden("torch.nn.Module")):
        pass

    with pytest.raises(OffLimits, match="torch is off limits"):
        Own(3)


def test_a_student_who_catches_the_refusal_is_on_their_own():
    def answer(*arguments):
        try:
            import torch

            return torch.ones(2)
        except Exception:
            return momentum_step(*arguments)

    assert report("03-1", answer).passed


def test_a_hidden_report_says_no_more_than_that_something_is_off_limits():
    def answer(*arguments):
        raise type("OffLimits", (Exception,), {})(f"the secret is {arguments}")

    hidden = EXERCISES["03-1"].run(answer, 3).as_dict(hidden=True)
    assert {row["sentence"] for row in hidden["results"]} == {"The function uses what is off limits."}
