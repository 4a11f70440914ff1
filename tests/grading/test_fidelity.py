"""A function behaves the same whether a check holds it or reaches it in another process: same reports, same arrays."""

import inspect
import textwrap

import numpy as np
import pytest

from course_lib.checks import EXERCISES, VISIBLE_SEED
from course_lib.checks.calls import StudentError, leaves_inputs_alone
from course_lib.checks.compare import close
from course_lib.checks.kit import Exercise
from course_lib.grading.process import Limits
from course_lib.grading.session import Session
from tests.grading.handed_in import (
    AHEAD,
    GLIDE,
    PAIR,
    QUICK,
    RIGHT,
    SETUP,
    STUB,
    TOY,
    WRONG_GLIDE,
    points,
)

STEP = "def glide_step(theta, velocity, gradient, learning_rate, momentum):\n"
VARIANTS = {
    "right": GLIDE,
    "wrong": WRONG_GLIDE,
    "stub": STUB,
    "uphill": GLIDE.replace("- learning_rate", "+ learning_rate"),
    "in place": STEP + "    velocity *= momentum\n    velocity -= learning_rate * gradient(theta)\n"
    "    theta += velocity\n    return theta, velocity",
    "in place, other results": STEP + "    theta[0] = 7\n    return theta + velocity, velocity",
    "returns the inputs": STEP + "    return theta, velocity",
    "returns views": STEP + "    return theta[::-1], velocity.reshape(3, 1)[:, 0]",
    "one buffer for all": "buffer = np.zeros(3)\n" + STEP + "    velocity = momentum * velocity - learning_rate * "
    "gradient(theta)\n    buffer[:] = theta + velocity\n    return buffer, velocity",
    "remembers": "old = [0]\n" + STEP + "    old[0] = old[0] + 1\n    return theta * old[0], velocity",
    "None": STEP + "    gradient(theta)",
    "one result": STEP + "    return theta + velocity",
    "a list": STEP + "    v = momentum * velocity - learning_rate * gradient(theta)\n    return [list(theta + v), v]",
    "a dict": STEP + "    return {'theta': theta}",
    "float32": GLIDE.replace("return theta + velocity", "return (theta + velocity).astype(np.float32)"),
    "integers": GLIDE.replace("return theta + velocity", "return (theta + velocity).astype(int)"),
    "wrong shape": GLIDE.replace("return theta + velocity", "return (theta + velocity)[:, None]"),
    "0-d": STEP + "    return theta.sum(), velocity[0]",
    "nan": STEP + "    return theta * np.nan, velocity * np.inf",
    "raises": STEP + "    raise KeyError('velocity')",
    "misspells": STEP + "    return theta + velocty, velocity",
    "divides by zero": STEP + "    return 1 / 0",
    "asks for the wrong thing": STEP + "    return theta, gradient('theta')",
    "asks with too few": STEP + "    return theta, gradient()",
    "asks elsewhere": GLIDE.replace("gradient(theta)", "gradient(theta + momentum * velocity)"),
    "asks twice": GLIDE.replace("gradient(theta)", "(gradient(theta) + gradient(theta)) / 2"),
    "returns the gradient": STEP + "    g = gradient(theta)\n    return g, [g, gradient(theta)][1]",
    "catches": STEP + "    try: gradient('x')\n    except TypeError: pass\n"
    "    velocity = momentum * velocity - learning_rate * gradient(theta)\n    return theta + velocity, velocity",
    "exits": STEP + "    raise SystemExit(3)",
    "calls itself": STEP + "    return glide_step(theta, velocity, gradient, learning_rate, momentum)",
    "a class of its own": "class Pair(tuple): pass\n" + STEP + "    return Pair((theta, velocity))",
    "an array subclass": "class A(np.ndarray):\n    __eq__ = lambda s, o: True\n"
    + STEP
    + "    return theta.view(A), velocity",
    "fewer arguments": "def glide_step(theta, velocity, gradient): return theta, velocity",
    "not a function": "class glide_step:\n    def __init__(self, *given): pass",
    "a limit's name": "class TimeLimit(Exception): pass\n" + STEP + "    raise TimeLimit('give me a mark')",
    "a name like a parent's": "class MemoryLimit(ValueError): pass\n" + STEP + "    raise MemoryLimit('x')",
    "complex": GLIDE.replace("return theta + velocity", "return (theta + velocity) * 1j"),
    "objects": GLIDE.replace("return theta + velocity", "return np.array([None, theta, 3], dtype=object)"),
    "texts": GLIDE.replace("return theta + velocity", "return np.array(['a', 'b', 'c'])"),
    "kept in a default argument": "def glide_step(theta, velocity, gradient, learning_rate, momentum, kept=[]):\n"
    "    kept.append(theta)\n    velocity = momentum * velocity - learning_rate * gradient(kept[0])\n"
    "    return kept[0] + velocity, velocity",
    "the first velocity for ever": GLIDE.replace(
        "    return", "    kept.setdefault('v', velocity)\n    velocity = kept['v']\n    return"
    ).replace("def ", "kept = {}\ndef ", 1),
    "a cache": GLIDE.replace("    return", "    kept.setdefault(momentum, momentum)\n    return").replace(
        "def ", "kept = {}\ndef ", 1
    ),
    "a global": "the_rate = 0.1\n" + GLIDE.replace("- learning_rate", "- the_rate"),
    "asks for the gradient too often": GLIDE.replace("velocity =", "gradient(theta + 1)\n    velocity ="),
    "a lambda": "glide_step = lambda t, v, g, a, m: (t + m * v - a * g(t), m * v - a * g(t))",
}


def at_home(source, name):
    """The function as a notebook has it."""
    space = {"np": np}
    exec(source, space)
    return space[name]


def without_places(report):
    """A report's dict, but for the lines of code, which are counted from the cell in one and from the file in other."""
    rows = report.as_dict()
    return {**rows, "results": [{**row, "line": ""} for row in rows["results"]]}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_grader_s_report_is_the_notebook_s(zygote, variant):
    source, exercise = VARIANTS[variant], TOY[0]
    with Session(zygote, [("cell 1", source)], [exercise.function], QUICK) as session:
        function = at_home(source, exercise.function)
        for seed in (VISIBLE_SEED, 5):
            there = exercise.run(session.function(exercise.function), seed)
            here = exercise.run(function, seed)
            assert without_places(there) == without_places(here)


@pytest.mark.parametrize("exercise, answer", [(TOY[1], AHEAD), (TOY[2], PAIR)])
def test_right_answers_pass_in_both_places(zygote, exercise, answer):
    with Session(zygote, [("cell 1", answer)], [exercise.function], QUICK) as session:
        assert exercise.run(session.function(exercise.function), 7).passed
    assert exercise.run(at_home(answer, exercise.function), 7).passed


listed = Exercise("99-3", "Sums", "sums")


@listed.check("The sum of a list", points=1, hint="sum()")
def _(sums, rng):
    close(sums([1.0, 2.0, 3.0], {"a": rng.normal()}), 6.0)


@listed.check("The list stays", points=1, hint="do not append", supporting=True)
def _(sums, rng):
    for _ in range(2):
        leaves_inputs_alone(sums, [1.0, np.ones(2)], {"a": [1.0]}, other=([1.0], {"a": [2.0]}))


LISTS = {
    "right": "def sums(a, b): return sum(x.sum() if hasattr(x, 'sum') else x for x in a)",
    "appends": "def sums(a, b):\n    s = sum(np.sum(x) for x in a)\n    a.append(3)\n    return s",
    "pops": "def sums(a, b):\n    s = 0\n    while a: s += np.sum(a.pop())\n    return s",
    "an array in a list": "def sums(a, b):\n    s = sum(map(np.sum, a))\n    if len(a) == 2: a[1][0] = 9\n    return s",
    "a dict": "def sums(a, b):\n    b['x'] = 1\n    return sum(np.sum(x) for x in a)",
    "a list in a dict": "def sums(a, b):\n    b['a'] = 0\n    return sum(np.sum(x) for x in a)",
    "and raises": "def sums(a, b):\n    a.clear()\n    raise ValueError(str(a))",
}


@pytest.mark.parametrize("variant", LISTS)
def test_changed_lists_and_dicts_are_seen_in_both_places(zygote, variant):
    with Session(zygote, [("cell 1", LISTS[variant])], ["sums"], QUICK) as session:
        there = listed.run(session.function("sums"), 3)
    here = listed.run(at_home(LISTS[variant], "sums"), 3)
    assert without_places(there) == without_places(here)
    assert here.points == {"right": 2, "and raises": 0}.get(variant, 1), here


@pytest.fixture
def there(zygote):
    """``there(source)``: the function ``f`` of a cell, in a child."""
    sessions = []

    def there(source):
        sessions.append(Session(zygote, [("cell 1", textwrap.dedent(source))], ["f"], QUICK))
        sessions[-1].revive()
        return sessions[-1].function("f")

    yield there
    for session in sessions:
        session.end_child()


PLAIN = [
    *(None, True, 7, -(2**70), 1.5, float("inf"), 1 + 2j, "text with é and \n", (), [], {}),
    *((1, [2.0, (3,)]), {"a": {"b": 1}, 2: None}, np.float64(3.5), np.int64(4), np.bool_(True), np.float32(0.1)),
    *(
        np.arange(6.0).reshape(2, 3),
        np.arange(6.0).reshape(2, 3).T,
        np.zeros((0, 3)),
        np.array(5.0),
        np.array([1 + 2j]),
    ),
    *(np.arange(3, dtype=np.uint8), np.array([True, False]), np.arange(3.0)[::-1], np.arange(4, dtype=">i4")),
]


def same(one, other):
    if isinstance(one, np.ndarray):
        equal = isinstance(other, np.ndarray) and one.shape == other.shape and np.array_equal(one, other)
        return equal and one.dtype == other.dtype.newbyteorder(one.dtype.byteorder)
    if isinstance(one, (tuple, list)):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: f"{type(value).__name__}-{str(value)[:20]!r}")
def test_plain_values_go_there_and_back_unchanged(there, value):
    assert same(value, there("def f(x): return x")(value))
    assert there("def f(x): return type(x).__name__")(value) == type(value).__name__


def test_an_argument_that_is_returned_is_the_same_array(there):
    a = np.arange(3.0)
    assert there("def f(a): return a")(a) is a
    assert there("def f(a): return (a, [a])")(a)[1][0] is a


def test_a_view_that_is_returned_shares_memory(there):
    a = np.arange(6.0)
    view = there("def f(a): return a.reshape(2, 3)[:, ::-2]")(a)
    assert np.shares_memory(view, a)
    assert same(view, a.reshape(2, 3)[:, ::-2])


def test_the_same_array_twice_is_one_array(there):
    a = np.zeros(2)
    assert there("def f(a, b):\n    a[0] = 1\n    return b[0]")(a, a) == 1


def test_changes_made_there_are_seen_here_even_after_an_exception(there):
    a, b = np.zeros(3), np.zeros((2, 2))
    with pytest.raises(StudentError):
        there("def f(a, b):\n    a[1] = 5\n    b += 1\n    raise ValueError")(a, b.T)
    assert a.tolist() == [0, 5, 0] and b.tolist() == [[1, 1], [1, 1]]


def test_changes_made_here_are_seen_there(there):
    a, b = np.ones(2), np.ones(2)
    sums = there("def f(a): return lambda b: [float(a.sum()), float(b.sum())]")(a)
    a += 1
    assert sums(b) == [4.0, 2.0]


def test_changes_are_seen_in_the_middle_of_a_call(there):
    a, seen = np.zeros(2), []
    there("def f(a, tell):\n    a[0] = 3\n    tell(a)\n    return a")(a, lambda x: seen.append((x is a, x[0])))
    assert seen == [(True, 3.0)]


def test_a_result_that_is_overwritten_later_changes_here_too(there):
    f = there("buffer = np.zeros(2)\ndef f(x):\n    buffer[:] = x\n    return buffer")
    first = f(1.0)
    second = f(2.0)
    assert first is second and first.tolist() == [2, 2]


def test_read_only_arrays_are_read_only_there(there):
    a = np.zeros(2)
    a.flags.writeable = False
    with pytest.raises(StudentError) as caught:
        there("def f(a): a[0] = 1")(a)
    assert caught.value.kind == "ValueError" and "read-only" in caught.value.message


def test_a_cache_travels_as_a_handle(there):
    f = there("class Cache:\n    x = 5\ndef f(c=None): return Cache() if c is None else c.x")
    cache = f()
    assert type(cache).__name__ == "Cache" and not hasattr(cache, "x")
    assert f(cache) == 5


def test_functions_and_generators_come_back_to_life(there):
    counter = there("def f(n):\n    def inner(x): return x * n\n    return inner")(3)
    assert counter(np.arange(3)).tolist() == [0, 3, 6]
    assert list(there("def f(n):\n    yield from range(n)")(4)) == [0, 1, 2, 3]


def test_a_callable_that_comes_back_is_itself(there):
    def gradient(x):
        return x

    assert there("def f(g): return g")(gradient) is gradient
    assert there("def f(g, h): return g is h")(gradient, gradient) is True


def test_a_random_generator_draws_the_same_numbers_there(there):
    f = there("def f(rng): return rng.normal(size=3)")
    rng = np.random.default_rng(3)
    expected = np.random.default_rng(3)
    assert same(f(rng), expected.normal(size=3))
    assert same(f(rng), expected.normal(size=3))


def test_keyword_arguments_arrive(there):
    assert there("def f(a, *, b=1): return a - b")(5, b=2) == 3


def test_the_function_may_call_what_calls_the_function(there):
    f = there("def f(n, again): return 1 if n == 0 else n * again(n - 1)")

    def again(n):
        return f(n, again)

    assert f(5, again) == 120
    with pytest.raises(StudentError):
        f(1000, again)


def test_errors_say_where_in_the_notebook(there):
    with pytest.raises(StudentError) as caught:
        there("def f(x):\n    y = x\n    return y / 0")(1)
    assert caught.value.kind == "ZeroDivisionError"
    assert caught.value.line == "cell 1, line 3: return y / 0"


def test_what_asks_for_chance_gets_the_same_every_time(there):
    source = "import random, os\ndef f(): return (np.random.default_rng().random(), np.random.rand(), random.random())"
    assert there(source)() == there(source)()


def test_a_thousand_calls_leave_nothing_behind(there):
    f = there("def f(a): return a + 1, [a]")
    for _ in range(1000):
        f(np.ones(100))
    (session,) = [cell.cell_contents for cell in f.__closure__ if isinstance(cell.cell_contents, Session)]
    session.line.send({"op": "names", "names": []})
    assert len(session.line.shared.held) < 10
    assert len(session.line.shared.known) < 10 and len(session.line.shared.numbers) < 10


def test_an_exercise_of_one_s_own_is_graded_without_touching_the_grader(zygote):
    own = Exercise("99-1", "Clip", "clip_by_norm")

    @own.check("Long vectors are cut to the norm", points=2, hint="Divide by the norm.")
    def _(clip_by_norm, rng):
        vector = rng.normal(size=4) * 10
        assert np.isclose(np.linalg.norm(clip_by_norm(vector, 1.0)), 1)
        leaves_inputs_alone(clip_by_norm, vector, 1.0, other=(2 * vector, 1.0))

    source = "def clip_by_norm(v, n): return v / np.linalg.norm(v) * n"
    with Session(zygote, [("cell 1", source)], ["clip_by_norm"], Limits()) as session:
        assert own.run(session.function("clip_by_norm"), 3).passed


def test_checks_take_functions_of_plain_arrays_only():
    """Parameters that could not cross the line would be an author's mistake: none of the exercises has any."""
    for exercise in EXERCISES.values():
        for mistake in exercise.mistakes:
            assert inspect.signature(mistake.function).parameters, exercise.id


def test_the_standard_library_can_be_imported_in_grading_too(mark):
    modules = "glob html timeit queue uuid asyncio fileinput multiprocessing xml.dom"
    imports = [f"import {module}" for module in modules.split()]
    row = mark(*RIGHT, *imports, "from numpy import *")
    assert (row["points"], row["notes"]) == (row["max_points"], [])


def test_long_doubles_count_in_grading_too(mark):
    line = "    theta, velocity = np.longdouble(theta), np.longdouble(velocity)\n    velocity ="
    longer = AHEAD.replace("    velocity =", line)
    assert points(mark(SETUP, longer))["90-2"] == TOY[1].points
