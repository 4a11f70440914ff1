"""Every public function with every argument replaced by what a tired student might give: a sentence of ours, or right.

The right calls stand in ``calls.py``. What a sentence is: an error raised by a ``raise`` of the library that names an
argument of the call. What is right: what NumPy makes of the argument as a float array.
"""

import ast
import importlib
import inspect
import re
import signal
import traceback
import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

import course_lib
from course_lib.optimizers import SGD
from course_lib.validation import count, hyperparameters, shown
from tests.library import calls
from tests.library.calls import CALLS

pytestmark = pytest.mark.filterwarnings("ignore:the matrix subclass")  # what students give, too
LIBRARY = Path(course_lib.__file__).parent
SECONDS = 5

HOSTILE = {
    "list": lambda given: given.tolist() if isinstance(given, np.ndarray) else [1.0, 2.0],
    "text": lambda given: "abc",
    "text of digits": lambda given: "3",
    "None": lambda given: None,
    "empty": lambda given: np.zeros(0),
    "wrong shape": lambda given: np.ones((2, 7, 3, 1, 2)),
    "other length": lambda given: np.ones(11),
    "2.5": lambda given: 2.5,
    "-1": lambda given: -1,
    "0": lambda given: 0,
    "True": lambda given: True,
    "nan": lambda given: np.nan,
    "inf": lambda given: np.inf,
    "nan inside": lambda given: planted(given, np.nan),
    "inf inside": lambda given: planted(given, np.inf),
    "ragged": lambda given: [[1.0], [2.0, 3.0]],
    "object": lambda given: np.array([object(), None]),
    "complex": lambda given: np.asarray(given) + 1j if is_numbers(given) else 1 + 1j,
    "huge": lambda given: 10**30,
    "too huge to print": lambda given: 10**5000,
    "int array": lambda given: np.asarray(given).astype(int) if is_numbers(given) else np.array([1, 2]),
    "uint8": lambda given: (
        np.abs(given).astype(np.uint8) | np.uint8(200) if is_numbers(given) else np.array([1, 2], np.uint8)
    ),
    "float32": lambda given: np.asarray(given, dtype=np.float32) if is_numbers(given) else np.float32(2.5),
    "0-d": lambda given: np.array(given) if is_numbers(given) and np.ndim(given) == 0 else np.array(1.5),
    "dict": lambda given: {"a": 1},
    "function": lambda given: lambda *anything: None,
    "class": lambda given: dict,
    "two of it": lambda given: [given, given] if is_numbers(given) else [1.0, 2.0],
    "no entries": lambda given: [],
    "matrix": lambda given: np.matrix(given) if is_numbers(given) and np.ndim(given) < 3 else np.matrix([[1.0, 2.0]]),
    "masked": lambda given: np.ma.masked_less(np.arange(3.0), 1),
    "in Fortran's order": lambda given: np.asfortranarray(given) if isinstance(given, np.ndarray) else given,
    "read-only": lambda given: read_only(given),
    "-inf": lambda given: -np.inf,
    "largest": lambda given: 1e308,
    "with a graph": lambda given: Graph(),
}
NUMERIC = {
    "list",
    "two of it",
    "no entries",
    "matrix",
    "in Fortran's order",
    "read-only",
    "largest",
    "empty",
    "wrong shape",
    "other length",
    "2.5",
    "-1",
    "0",
    "True",
    "int array",
    "uint8",
    "float32",
    "0-d",
}
# Patterns of "label argument kind" where an answer that looks odd is right, by reason.
AVERAGES = r"weight_scaling|monte_carlo_average|logistic_loss\(|index_of_loss"
BOUNDED = rf"(\.Tanh|Sigmoid|\.sigmoid|RNN|LSTM|GRU|Network|{AVERAGES})"
RIGHT = (
    rf"{BOUNDED}.* -?inf",  # bounded functions of inf are finite
    r"signal_propagation\.(passed|normal_mean|mean_square_slope|jacobian).* -?inf",  # so are a tanh's moments
    r"(relu|ReLU|softplus|SELU|GELU|ELU).* -inf",  # what they tend to on the left
    r"clip_by_value.* -?inf",  # it cuts inf off, or cuts nothing off
    r"(quadratic|worst_case|bowl|least_squares)\(...\)\.hessian theta (nan|-?inf)",  # it does not depend on theta
    r"autodiff\.objective\(...\)\.hessian theta (nan|-?inf)",  # nor does that of theta^2
    r"schwefel_2_21\.gradient theta -?inf",  # inf is the largest entry
    r"(least_squares|logistic_loss) [xy] (nan|-?inf)",  # nothing is calculated yet
    r"passages x (nan|-?inf)",  # it looks at shapes only
    r"(surfaces|benchmark_functions|penalty\(...\)|deep_linear\(...\)).* complex",  # where a complex step may be taken
    r"optimizers\.\w+\.step theta complex",
    r"autodiff.* theta dict",  # parameters may be a dict of arrays
    # The caller's own function says that it does not fit.
    r"(exact|geometric|monte_carlo)_average x other|weight_scaling x other|NaturalGradient.step theta other",
    r"autodiff.*(gradient|gradient\(...\)) theta two of it",  # parameters may be a list of arrays
    r"clip_by_global_norm gradients ragged",  # a list of gradients of two layers
    r"critical_points n uint8",  # 204 dimensions take their time
    r"(armijo|strong_wolfe) \w+ (nan|-?inf)",  # says found=False, tested in test_not_a_number.py
    r"optimizers\.\w+\.init theta (nan|-?inf)",  # a state of zeros
    r"effective_rate theta (nan|-?inf)|LBFGS\.init",  # SGD has one rate everywhere; an empty state
)
NOT_FINITE = {"nan", "inf", "-inf", "nan inside", "inf inside"}


def is_numbers(value):
    return isinstance(value, np.ndarray | float | int) and not isinstance(value, bool)


def as_bytes(given):
    """Whole numbers near 200 of the type of images, whose sums and squares overflow it."""
    return np.abs(given).astype(np.uint8) | np.uint8(200)


def read_only(given):
    """A copy that cannot be written to, of an array."""
    if isinstance(given, np.ndarray):
        given = given.copy()
        given.flags.writeable = False
    return given


class Graph:
    """Refuses to become an array in words of its own, as a tensor of PyTorch that wants a gradient does."""

    def __array__(self, *_, **__):
        raise RuntimeError("detach it first")


def planted(given, value):
    """``given`` with its last entry replaced."""
    array = np.array(given, dtype=float) if is_numbers(given) else np.zeros(3)
    array.reshape(-1)[-1:] = value
    return array


class Hangs(Exception):
    pass


def out_of_time(*_):
    raise Hangs


@lru_cache
def raises(path):
    """Line ranges of the ``raise`` statements of a file."""
    tree = ast.parse(Path(path).read_text())
    return [(node.lineno, node.end_lineno) for node in ast.walk(tree) if isinstance(node, ast.Raise)]


def is_sentence(error, names):
    """Whether one of our ``raise`` statements made the error, and it names an argument."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    ours = Path(last.filename).is_relative_to(LIBRARY) and any(
        first <= last.lineno <= end for first, end in raises(last.filename)
    )
    named = any(re.search(rf"\b{re.escape(name)}\b", str(error)) for name in names)
    return isinstance(error, ValueError | TypeError) and ours and named and len(str(error)) < 500


def outcome(function, arguments):
    """``(result, error)`` of a call that may take a few seconds and no more."""
    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(SECONDS)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return function(**arguments), None
    except Exception as error:
        return None, error
    finally:
        signal.alarm(0)


def leaves(result):
    """All arrays in a result."""
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, list | tuple):
        for part in result:
            yield from leaves(part)
    elif isinstance(result, np.ndarray | float | int | np.generic) and np.asarray(result).dtype.kind in "fiub":
        yield np.asarray(result, dtype=float)
    elif hasattr(result, "__dict__"):
        yield from leaves(vars(result))


def all_arrays(result):
    """The arrays of a result, complex ones too."""
    return (
        [result] if isinstance(result, np.ndarray | np.generic) else result if isinstance(result, list | tuple) else []
    )


def may_be_left_out(function, argument):
    """Whether ``None`` stands for "left out"."""
    parameter = inspect.signature(function).parameters.get(argument)
    return parameter is None or parameter.default is None


def same(one, other, tolerance):
    one, other = list(leaves(one)), list(leaves(other))
    return len(one) == len(other) and all(
        a.shape == b.shape and np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)
        for a, b in zip(one, other, strict=True)
    )


def unchanged(before, after):
    return all(
        np.array_equal(before[name], after[name], equal_nan=before[name].dtype.kind == "f")
        for name in before
        if isinstance(before[name], np.ndarray) and before[name].dtype.kind != "O"
    )


def verdict(label, argument, kind):
    """An empty text if the call ends as it should, else what is wrong with it."""
    function, arguments = CALLS[label]()
    if any(re.search(pattern, f"{label} {argument} {kind}") for pattern in RIGHT):
        return ""
    if kind == "function" and (arguments[argument] is None or callable(arguments[argument])):
        return ""  # it can be called; what it returns is its own affair
    hostile = HOSTILE[kind](arguments[argument])
    if hostile is arguments[argument]:
        return ""  # of this kind there is nothing else to give
    arguments[argument] = hostile
    before = {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in arguments.items()}
    result, error = outcome(function, arguments)
    if not unchanged(before, arguments):
        return "an input was changed"
    if isinstance(error, Hangs):
        return f"no answer after {SECONDS} s"
    if error is not None:
        if is_sentence(error, ["theta", *arguments, getattr(function, "__name__", "")]):
            return ""
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"raw: {type(error).__name__}: {str(error)[:100]} ({Path(last.filename).name}:{last.lineno})"
    if kind in NOT_FINITE:
        plain = all(np.isfinite(leaf).all() for leaf in leaves(result)) and list(leaves(result))
        return f"a finite answer: {shown(result)}" if plain else ""
    if kind in NUMERIC:
        function, arguments = CALLS[label]()
        arguments[argument] = np.asarray(hostile, dtype=float)
        wanted, error = outcome(function, arguments)
        tolerance = 1e-4 if kind == "float32" else 1e-12
        return "" if error is not None or same(result, wanted, tolerance) else "another answer than for floats"
    if kind == "complex" and any(np.iscomplexobj(part) for part in all_arrays(result)):
        return ""  # what a complex step needs
    if kind == "None" and may_be_left_out(function, argument):
        return ""  # it says "left out"
    return f"accepted: {shown(result)}"


def arguments_of(label):
    return list(CALLS[label]()[1])


@pytest.mark.parametrize("label", CALLS)
def test_a_sentence_or_a_right_answer(label):
    wrong = [
        f"{argument} = {kind}: {found}"
        for argument in arguments_of(label)
        for kind in HOSTILE
        if (found := verdict(label, argument, kind))
    ]
    assert not wrong, "\n".join(["", *wrong])


# --- Every public name is called ---------------------------------------------------------------------------

ROOMS = (
    *("objective", "stochastic", "noise_ball", "convergence", "schedules", "finite_differences", "gradcheck"),
    *("initializers", "shrinkage", "dropout_ensemble", "network", "run", "signal_propagation", "surfaces"),
    *("autodiff", "layers", "optimizers", "landscape", "data"),
)
# Base classes, records of what was found, tests for what is there, files on the disk or the network.
NOT_CALLED = {
    *(
        "Layer",
        "Loss",
        "Optimizer",
        "halving",  # a schedule of t, with nothing to set
        "NoisyObjective",
        "FiniteSum",
        "MiniBatch",
        "DerivedObjective",
        "no_hessian",
        "plain",
        "Activation",
        "central_differences",
        "in_words",
    ),
    *("Surface", "Surfaces", "GradientCheck", "StepCurve", "Trajectory", "History", "Prediction", "Signals"),
    *("Basins", "CriticalPoint", "NewtonCensus", "Slice", "Dataset", "Scaling", "Splits", "DataNotFound"),
    *("mnist", "mnist5000", "fashion_mnist", "cifar10", "available_pictures", "default_picture"),
    *("breast_cancer", "diabetes", "digits", "iris", "wine"),
}


def public_names(room):
    known = getattr(calls, room, None)
    module = known if inspect.ismodule(known) else importlib.import_module(f"course_lib.{room}")
    names = getattr(module, "__all__", None) or [
        name for name, thing in vars(module).items() if getattr(thing, "__module__", "") == module.__name__
    ]
    return {name for name in names if callable(getattr(module, name)) and not name.startswith("_")}


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_has_a_call(room):
    called = {label.split(".")[1].split("(")[0].split(" ")[0] for label in CALLS if label.startswith(f"{room}.")}
    assert public_names(room) - NOT_CALLED <= called


@pytest.mark.parametrize("label", CALLS)
def test_the_call_is_right(label):
    assert outcome(*CALLS[label]())[1] is None


def test_the_checker_sees_a_raw_error_a_hang_an_input_that_changes_and_a_nameless_sentence(monkeypatch):
    def raw(theta):
        return theta + np.ones(3)

    def changes(theta):
        theta += 1
        return theta

    def blind(theta):
        return np.where(np.isnan(theta), 0.0, theta)

    def hangs(theta):
        while theta is not None:
            pass

    monkeypatch.setattr("tests.library.test_hostile_input.SECONDS", 1)
    for planted_fault, kind, found in (
        (raw, "text", "raw"),
        (changes, "float32", "changed"),
        (blind, "nan inside", "finite answer"),
        (hangs, "2.5", "no answer"),
        (lambda theta: theta * 2, "uint8", "another answer"),
        (lambda theta: 1.0, "dict", "accepted"),
        (lambda theta: hyperparameters(SGD(), learning_rate=lambda *_: count("other", theta)), "text", "raw"),
    ):
        monkeypatch.setitem(CALLS, "planted", lambda f=planted_fault: (f, {"theta": np.ones(3)}))
        assert found in verdict("planted", "theta", kind)
