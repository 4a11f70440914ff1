"""Answers that no check expects: values of every kind in the place of a result, and functions that misbehave.

``PARTS`` bend a right result part by part and keep its form, so that a check gets as far as it can; ``WHOLE`` answer
with something else altogether. Nothing in them computes what an exercise asks for.
"""

import numpy as np

LARGEST = 1.7e308


class Agreeing(np.ndarray):
    """Says yes to every comparison and takes part in no arithmetic."""

    def __eq__(self, other):
        return True

    def __array__(self, *args, **kwargs):
        raise AssertionError("asked the student's object")

    __array_ufunc__ = __abs__ = __sub__ = __len__ = __bool__ = None


class StandIn:
    """Pretends to be a number, an array and a sequence, and fails at each."""

    shape, dtype, ndim, size = (3,), float, 1, 3

    def _fail(self, *args):
        raise AttributeError("this object pretends")

    __array__ = __float__ = __len__ = __iter__ = __getitem__ = __sub__ = __rsub__ = __eq__ = __bool__ = _fail
    __hash__ = None


def constant(value, dtype=float):
    return lambda part: np.full(np.shape(part), value, dtype)


def objects(part):
    made = np.empty(np.shape(part), dtype=object)
    made.fill(None)
    return made


PARTS = {
    "zeros": constant(0.0),
    "ones": constant(1.0),
    "1e308": constant(1e308),
    "-1e308": constant(-1e308),
    "the largest": constant(LARGEST),
    "1e154": constant(1e154),
    "1e60": constant(1e60),
    "1e40": constant(1e40),
    "1e16": constant(1e16),
    "1e-16": constant(1e-16),
    "1e-154": constant(1e-154),
    "1e-308": constant(1e-308),
    "nan": constant(np.nan),
    "inf": constant(np.inf),
    "-inf": constant(-np.inf),
    "large of either sign": lambda part: np.resize([1e308, -1e308], np.shape(part)),
    "nan among zeros": lambda part: np.resize([np.nan, 0.0], np.shape(part)),
    "a mask": lambda part: np.asarray(part, dtype=float) > 0,
    "all True": constant(True, bool),
    "complex": constant(1j, complex),
    "float16": constant(6e4, np.float16),
    "longdouble": lambda part: np.full(np.shape(part), np.finfo(np.longdouble).max),
    "whole numbers": constant(2**62, np.int64),
    "uint8": constant(255, np.uint8),
    "dates": lambda part: np.full(np.shape(part), np.datetime64("2024-01-01")),
    "objects": objects,
    "texts": constant("1.0", "U3"),
    "bytes": constant(b"1", "S1"),
    "records": lambda part: np.zeros(np.shape(part), [("a", float)]),
    "an empty view": lambda part: np.atleast_1d(np.zeros(np.shape(part)))[:0],
    "0-d": lambda part: np.array(0.25),
    "an axis more": lambda part: np.zeros(np.shape(part))[None],
    "flat": lambda part: np.zeros(np.size(part) + 1),
    "a huge view": lambda part: np.broadcast_to(0.0, (1 << 40, 1 << 20)),
    "agrees with everything": lambda part: np.zeros(np.shape(part)).view(Agreeing),
    "masked": lambda part: np.ma.masked_array(np.zeros(np.shape(part)), mask=True),
    "a matrix": lambda part: np.atleast_2d(np.zeros(np.shape(part))).view(np.matrix) if np.ndim(part) < 3 else None,
    "read-only": lambda part: np.broadcast_to(0.0, np.shape(part)),
    "backwards in memory": lambda part: np.zeros(np.shape(part), ">f8"),
    "lists of zeros": lambda part: np.zeros(np.shape(part)).tolist(),
    "lists of None": lambda part: objects(part).tolist(),
    "ragged lists": lambda part: [[0.0], [0.0, 1.0]],
    "an empty list": lambda part: [],
    "a number of many digits": lambda part: 10**400,
    "True": lambda part: True,
    "a class": lambda part: float,
    "a function": lambda part: abs,
    "a set": lambda part: {0.0},
    "a stand-in": lambda part: StandIn(),
    "stand-ins in a list": lambda part: [StandIn(), StandIn()],
    "text": lambda part: "0.0",
    "None": lambda part: None,
    "a dict": lambda part: {"y": 0.0},
}


def bent(answer, how):
    """``answer`` with every part of its result passed through ``how``; what a list of batches holds is a part, too."""

    def function(*arguments):
        return _through(answer(*arguments), how)

    return function


def _through(result, how):
    if isinstance(result, (tuple, list)):
        return type(result)(_through(part, how) for part in result)
    return how(result)


def endless(*arguments):
    return endless(*arguments)


def doubled(depth, twice=True):
    value = [0.0]
    for _ in range(depth):
        value = [value, value] if twice else [value]
    return value


def itself():
    value = []
    value.append(value)
    return value


def of_callbacks(*arguments):
    """What the check's own functions say, asked at the other arguments; else the arguments."""
    arrays = [value for value in arguments if isinstance(value, (np.ndarray, float, int))]
    said = []
    for ask in filter(callable, arguments):
        try:
            said.append(ask(arrays[0]))
        except Exception:
            said.append(None)
    return tuple(said) if said else arguments


def demanding(size):
    """Asks every function of the check for, or at, something far too large."""

    def function(*arguments):
        for ask in filter(callable, arguments):
            ask(size)
        return None

    return function


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def raises(error):
    def function(*arguments):
        raise error

    return function


WHOLE = {
    "nothing": lambda *arguments: None,
    "the arguments": lambda *arguments: arguments,
    "the first argument": lambda *arguments: arguments[0],
    "the last argument": lambda *arguments: arguments[-1],
    "the callbacks' answers": of_callbacks,
    "text": lambda *arguments: "0.0",
    "a dict": lambda *arguments: {1: arguments},
    "a generator": lambda *arguments: (x for x in arguments),
    "a stand-in": lambda *arguments: StandIn(),
    "stand-ins": lambda *arguments: (StandIn(),) * 4,
    "an exception": lambda *arguments: ValueError("returned, not raised"),
    "a module": lambda *arguments: np,
    "one list twice, forty times": lambda *arguments: doubled(40),
    "lists a thousand deep": lambda *arguments: doubled(5000, twice=False),
    "a list that holds itself": lambda *arguments: itself(),
    "a million numbers": lambda *arguments: [0.0] * 1_000_000,
    "half a gigabyte": lambda *arguments: np.broadcast_to(0.0, (1 << 13, 1 << 13)),
    "calls itself for ever": endless,
    "asks for a billion": demanding(10**9),
    "asks for a huge shape": demanding((10**5, 10**5)),
    "asks at a huge point": demanding(np.broadcast_to(0.0, (1 << 20, 1 << 10))),
    "asks for many digits": demanding(10**400),
    "asks for less than nothing": demanding(-1),
    "asks for nan": demanding(np.nan),
    "asks for inf": demanding(np.inf),
    "asks for True": demanding(True),
    "asks for text": demanding("ten"),
    "asks for an object": demanding(StandIn()),
    "asks with two arguments": lambda *arguments: [ask(1, 2) for ask in arguments if callable(ask)] and None,
    "raises without a text": raises(Unprintable()),
    "raises a class of its own": raises(type("CheckError", (Exception,), {})("forged")),
    "stops iteration": raises(StopIteration()),
    "leaves": raises(SystemExit(0)),
    "out of memory": raises(MemoryError()),
}
