"""What a function keeps between calls costs the whole where a later call depends on it, and nothing where none does."""

import numpy as np
import pytest

from course_lib.checks import EXERCISES, VISIBLE_SEED
from course_lib.kept import TRIES, Memory
from tests.kit.checks.answers import ANSWERS

OWN = {"__name__": "notebook", "np": np}
KEEPERS = {
    "a default argument": "def f(x, s=[]):\n    s.append(x)\n    return sum(s)",
    "a variable outside": "v = 0\ndef f(x):\n    global v\n    v = 0.9 * v + x\n    return v",
    "a container outside": "s = {}\ndef f(x):\n    s['v'] = s.get('v', 0) + x\n    return s['v']",
    "its own attribute": "def f(x):\n    f.v = getattr(f, 'v', 0) + x\n    return f.v",
    "what it encloses": "def outer():\n    v = 0\n    def f(x):\n        nonlocal v\n        v += x\n        return v\n"
    "    return f\nf = outer()",
    "a helper's": "s = []\ndef g(x):\n    s.append(x)\n    return s[0]\ndef f(x):\n    return 2 * g(x)",
    "a class": "class S:\n    v = 0\ndef f(x):\n    S.v += x\n    return S.v",
    "beside what has no copy": "def f(x, act=lambda z: z, s=[]):\n    s.append(x)\n    return act(sum(s))",
    "a large array": "v = np.zeros(50_000)\ndef f(x):\n    v[:] = 0.5 * v + x\n    return v[0]",
    "what ends in an error": "v = 0\ndef f(x):\n    global v\n    v += x\n    if v > 2:\n        raise ValueError\n"
    "    return v",
    "an array": "v = np.zeros(1)\ndef f(x):\n    v[0] = 0.5 * v[0] + x\n    return v.copy()",
    "a generator": "rng = np.random.default_rng(0)\ndef f(x):\n    return x + rng.normal()",
    "the first of nearby ones": "s = []\ndef f(x):\n    if not s or abs(s[0] - x) > 0.1:\n"
    "        s[:] = [x, 2 * x]\n    return s[1]",
}
CACHES = {
    "nothing": "def f(x):\n    return x * x",
    "a cache": "s = {}\ndef f(x):\n    if x not in s:\n        s[x] = x * x\n    return s[x]",
    "a library's cache": "import functools\n@functools.lru_cache\ndef f(x):\n    return x * x",
    "a log": "s = []\ndef f(x):\n    s.append(x)\n    return x * x",
    "a counter": "n = 0\ndef f(x):\n    global n\n    n += 1\n    return x * x",
    "a table that takes long": "s = {}\ndef f(x):\n    for i in range(0 if s else 150_000):\n        s[i] = i\n"
    "    return x * x",
    "a log of what has no copy": "s = []\ndef f(x):\n    s.append(lambda: x)\n    return x * x",
    "an empty cell": "def outer():\n    def f(x):\n        return x * x if x else e\n    try:\n        1 / 0\n"
    "    except ZeroDivisionError as e:\n        pass\n    return f\nf = outer()",
    "what answers to no name": "class C:\n    def __getattr__(self, name):\n        raise RuntimeError(name)\n"
    "    def __call__(self):\n        pass\nc = C()\ndef f(x):\n    c\n    return x * x",
    "sums in another order": "s = {}\ndef f(x):\n    n = 7\n    if n not in s:\n"
    "        s[n] = np.cos(np.outer(np.arange(n), np.arange(n)))[:, 1]\n    return x * x + 0 * (s[n] @ np.ones(n))",
    "what has no copy": "import threading\ns = threading.Lock()\ndef f(x):\n    with s:\n        return x * x",
}


def made(source):
    names = dict(OWN)
    exec(source, names)
    return Memory(names["f"])


def called(memory):
    return [memory.call(x) for x in (1.0, 2.0, 2.0)]


@pytest.mark.parametrize("source", KEEPERS.values(), ids=KEEPERS)
def test_what_a_later_call_depends_on_is_seen_and_put_back(source):
    memory = made(source)
    found = called(memory)
    assert memory.remembers
    assert found[1] == found[2] == made(source).call(2.0)


@pytest.mark.parametrize("source", CACHES.values(), ids=CACHES)
def test_what_no_call_depends_on_stays(source):
    memory = made(source)
    assert called(memory) == [1.0, 4.0, 4.0]
    assert not memory.remembers


def test_a_cache_is_left_alone_after_some_calls():
    memory = made(CACHES["a cache"])
    for x in range(TRIES):
        memory.call(float(x))
    kept = memory.function.__globals__["s"]
    memory.call(99.0)
    assert memory.tries == TRIES
    assert memory.function.__globals__["s"] is kept and {TRIES - 1.0, 99.0} <= set(kept)


@pytest.mark.parametrize("buffer", ["buffer = np.zeros(1)\ndef f(x):", "def f(x, buffer=np.zeros(1)):"])
def test_a_result_that_the_next_call_overwrites_still_is(buffer):
    memory = made(f"{buffer}\n    buffer[:] = x\n    return buffer")
    first = memory.call(1.0)
    assert first == 1
    assert memory.call(2.0) is first and first == 2 and not memory.remembers


def test_a_result_in_what_is_not_looked_after_stays_what_it_was():
    memory = made(
        "class W:\n    pass\nW.out = np.zeros(3)\nn = 0\ndef g(w):\n    return w.out\ndef f(x):\n"
        "    global n\n    n += 1\n    g(W)[:] = x * x\n    return g(W)"
    )
    assert memory.call(np.full(3, 2.0)).tolist() == [4.0, 4.0, 4.0]


def test_what_a_call_did_not_change_stays_the_object_that_it_was():
    memory = made(
        "hook = []\nshown = {'hook': hook}\ns = []\ndef f(x):\n    shown\n    hook\n    s.append(x)\n    return s[0]"
    )
    names = memory.function.__globals__
    called(memory)
    assert memory.remembers and names["shown"]["hook"] is names["hook"]


def test_functions_among_the_arguments_are_not_asked_again():
    source = "s = []\ndef f(gradient, x):\n    s.append(x)\n    return s[0] - 0.1 * gradient(s[0])"
    memory, asked = made(source), []
    for x in (1.0, 2.0):
        memory.call(lambda point: asked.append(point) or 2 * point, x)
    assert memory.remembers and asked == [1.0, 2.0]


def test_a_call_that_would_not_end_is_given_up():
    memory = made("s = []\ndef f(n):\n    s.append(n)\n    while n != 8:\n        n = n // 2 * 2\n    return n")
    assert memory.call(8) == 8 and not memory.remembers


def test_chance_goes_on_as_if_nothing_had_been_tried():
    np.random.seed(3)
    expected = np.random.random()
    np.random.seed(3)
    assert called(made(KEEPERS["a default argument"])) and np.random.random() == expected


def first_kept(answer):
    """``answer``, which gives the same result as at the first call for ever."""
    results = []

    def function(*given):
        results.append(answer(*given))
        return results[0]

    return function


def logged(answer):
    """``answer``, which notes what came out."""
    results = []

    def function(*given):
        results.append(answer(*given))
        return results[-1]

    return function


@pytest.mark.parametrize("id", EXERCISES)
def test_in_every_exercise(id):
    exercise, answer = EXERCISES[id], ANSWERS[id][0]
    report = exercise.run(first_kept(answer), VISIBLE_SEED, named=False)
    assert report.points <= sum(check.points for check in exercise.checks if not check.whole)
    assert exercise.run(logged(answer), VISIBLE_SEED, named=False).passed
