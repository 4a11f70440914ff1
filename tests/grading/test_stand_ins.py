"""Stand-ins take part in whatever ordinary code does with what they stand for, and never become an answer."""

import abc
import copy
import dataclasses
import math
import os
import pickle
import sys
import typing

import numpy as np
import pytest

from course_lib.floors import FLOORS, WORKSHOP, below, from_up
from course_lib.grading.standins import Finder, StandIn, described, is_missing, stand_in, within


@pytest.fixture
def s():
    return stand_in("thing", "it is not available in grading")


EXPRESSIONS = """
    s + 1; 1 + s; s - s; 2 * s; s @ s; s / 2; 1 / s; s // 2; s % 3; s ** 2; 2 ** s; -s; +s; ~s; abs(s)
    s & s; 1 | s; s ^ s; s << 1; round(s, 2); s < 1; s >= "3.5"; s == 3; s != 3; s[0]; s[1:, None]; s.a.b.c
    s(1, 2, x=3); s.method()(s)[s]; "text" + s; np.ones(3) + s; np.ones(3) * s; s * np.ones((2, 2)); np.sin(s)
    np.mean(s); np.concatenate([s, s]); np.linspace(s, 1, 3); np.float64(2) * s; sum(s); max(s); next(iter(s))
    list(s)[0]; copy.copy(s); copy.deepcopy([s])[0]; (s if not s else 0); s.x.__class__(1); s.real
"""
LIBRARIES = {"np": np, "copy": copy, "math": math, "os": os}
SAME = [text.strip() for line in EXPRESSIONS.strip().split("\n") for text in line.split("; ")]
VALUES = {
    "len(s)": 0,
    "int(s)": 0,
    "bool(s)": False,
    "str(s)": "",
    "repr(s)": "",
    "f'{s:.3f}{s!r}{s}'": "",
    "'%s' % s": "",
    "'%d' % s": "0",
    "s in s": False,
    "3 in s": False,
    "isinstance(3, s.Axes)": False,
    "isinstance(s, (int, s.Axes))": False,
    "issubclass(int, s)": False,
    "[x for x in s]": [],
    "[*s]": [],
    "list(reversed(s))": [],
    "tuple(map(int, s.split('.')))": (0,),
    "math.floor(s)": 0,
    "range(s)": range(0),
    "os.path.join(s, 'a')": "a",
    "os.fspath(s)": "",
    "s.__version__ >= '3.5'": True,
    "tuple(map(int, s.__version__.split('.')))": (99, 0),
    "hasattr(s, '__array_interface__')": False,
    "{s: 1}[s]": 1,
}


def test_there_is_an_expression_for_each_operator():
    assert len(SAME) > 45


@pytest.mark.parametrize("text", SAME)
def test_what_is_computed_with_one_is_one(s, text):
    assert isinstance(eval(text, {**LIBRARIES, "s": s}), StandIn)


@pytest.mark.parametrize("text", VALUES)
def test_where_a_plain_value_is_needed_there_is_one(s, text):
    assert eval(text, {**LIBRARIES, "s": s}) == VALUES[text]


def test_as_a_number_it_equals_nothing(s):
    for number in (float(s), complex(s), np.asarray(s), np.float64(s), np.array([s, 1.0])[0]):
        assert number != number
    assert [bool(s == other) for other in (s, 0, np.nan)] == [False] * 3


def test_it_is_unpacked_as_often_as_is_wanted(s):
    a, (b, *c), d = s
    (e,) = s
    assert all(isinstance(x, StandIn) for x in (a, b, d, e)) and c == []
    assert [i for i, (_, x) in enumerate(zip(s, s, strict=False))] == []
    for _ in s:
        pytest.fail("a loop finds nothing in it")


def test_it_can_be_changed_entered_and_pickled(s):
    s.x = 3
    s[0] = 1
    s.y.z += 1
    s[0] += 1
    del s[0], s.y
    with s as inside, s.open("x") as other:
        assert isinstance(inside, StandIn) and isinstance(other, StandIn)
    sys.meta_path.insert(0, finder := Finder(()))
    real = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "matplotlib"}
    try:
        assert pickle.loads(pickle.dumps({"a": s}))["a"].anything() is not None
    finally:
        sys.meta_path.remove(finder)
        sys.modules.pop("matplotlib", None)
        sys.modules.update(real)


def test_it_decorates_without_a_trace(s):
    @s
    @s.register
    @s.jit(parallel=True)
    @s.interact(x=(0, 1), y=s.Slider(3))
    def double(x):
        return 2 * x

    @s.dataclass_like
    class Kept:
        pass

    assert double(3) == 6 and isinstance(Kept(), Kept)


def test_classes_derive_from_it(s):
    class Net(s.nn.Module, s.Mixin):
        def __init__(self):
            super().__init__()
            self.layer = s.Linear(3, 3)

        def forward(self, x):
            return self.layer(x)

    class Base(s.Base[int], abc.ABC, typing.Generic[typing.TypeVar("T")], option=3):
        pass

    @dataclasses.dataclass
    class Config(s.Config):
        rate: s.Float = 0.1

    net = Net()
    assert isinstance(net, Net) and isinstance(net(np.ones(3)), StandIn) and not [*net.parameters()]
    assert Config(rate=0.5).rate == 0.5 and isinstance(Base().anything, StandIn)
    with pytest.raises(AttributeError):
        net.__no_such_thing__  # noqa: B018


def test_its_errors_can_be_raised_and_caught(s):
    with pytest.raises(FileNotFoundError):
        try:
            os.stat("no such file")
        except (s.ReadError, s.exceptions.TimeoutError):
            pytest.fail("nothing is of its kind")
    with pytest.raises(Exception, match="x"):
        raise s.HTTPError("x")
    assert issubclass(s.SettingWithCopyWarning, Warning)


def test_it_can_be_awaited(s):
    async def work():
        async with s.session() as session:
            async for _ in session.stream():
                pytest.fail("a loop finds nothing in it")
            return await session.get("x")

    with pytest.raises(StopIteration) as result:
        work().send(None)
    assert isinstance(result.value.value, StandIn)


def test_types_take_it(s):
    assert isinstance(s.Axes | None, StandIn) and isinstance(int | s.Axes, StandIn)
    assert typing.Callable[[s.Axes], s.Figure] and typing.cast(s.Axes, 3) == 3


def test_one_inside_a_result_is_found(s):
    hidden = [(1, [s]), {"a": s}, np.array([1, s], dtype=object), (s.x.y,)]
    assert all(isinstance(within(value), StandIn) for value in hidden)
    assert all(within(value) is None for value in [1, "a", None, (1, [2, {"a": 3}]), np.ones(3)])
    assert described(within(hidden[0])) == "`thing`: it is not available in grading"
    assert is_missing(s.x.y) and not is_missing(stand_in("plt")) and not is_missing(3)


def test_what_stands_on_and_above_the_figures_is_decoration_and_nothing_below():
    rooms = [name for floor in FLOORS for name in floor]
    assert [*below("figures"), *from_up("figures")] == rooms
    kinds = {room: Finder(()).kind(f"course_lib.{room}") for room in rooms}
    shut = {room for room, kind in kinds.items() if kind is not None}
    assert shut == {*from_up("figures"), *WORKSHOP}
    assert "schedules" in below("figures") and {"checks", "chapters"} <= set(from_up("figures"))
    assert below(FLOORS[0][0]) == ()
