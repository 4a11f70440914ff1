"""What a student's function keeps from one call to the next, and whether later results depend on it.

A default argument that a call changes, a variable outside, an attribute of the function itself: what was there at the
beginning is known, so a call can be made once more, with that and with what calls have left. If that makes no
difference it is a cache, and stays. If it does, all is put back, so that no call and no check depends on those before
it, and it is told, as of a switch (``course_lib.switches``). Tried where the call is made: in the notebook's process,
in grading in the student's own.
"""

import contextlib
import copy
import dis
import functools
import io
import pickle
import random
import sys
import time
import types
from collections import deque
from itertools import islice, pairwise

import numpy as np

MEMORY = "what a call leaves behind"  # told among the names of switches
MANY = 1_000  # a container that holds more is not looked into
LARGE = 1 << 20  # bytes of what is kept in one place; more is not watched
TRIES = 60  # calls with something kept on which nothing depended: then it is a cache
SECONDS = 0.1  # of the processor, of a call that is made again; what takes longer is not
LINES = 200_000  # that are run when a call is made again
SOME = 200  # items of what is read one by one
OTHERWISE = 0.97  # times a number that is given: another input of the same kind
CHANGING = (list, dict, set, deque, bytearray, np.ndarray, np.random.Generator, np.random.RandomState, random.Random)
PLAIN = (int, float, complex, bool, str, bytes, type(None), np.generic)
NAMES = ("LOAD_GLOBAL", "LOAD_DEREF")
ATTRIBUTES = ("LOAD_ATTR", "STORE_ATTR", "LOAD_METHOD")


def functions_in(value, depth=2):
    """The Python functions that a call of ``value`` may run: itself, or those that it is made of."""
    if isinstance(value, types.FunctionType):
        return [value, *functions_in(vars(value).get("__wrapped__"), depth)]
    if isinstance(value, (type, types.ModuleType)) or not callable(value) or not depth:
        return []
    parts = [_part(value, name) for name in ("__func__", "func", "__wrapped__")] + [type(value).__call__]
    parts += list((_part(value, "__dict__") or {}).values())[:MANY]
    return [inner for part in parts for inner in functions_in(part, depth - 1)]


def _part(value, name):
    try:
        return getattr(value, name, None)
    except Exception:  # whatever its own __getattr__ raises
        return None


class Memory:
    """What ``function`` and its helpers in the notebook can keep, as it is when this is made.

    ``call(*args, **kwargs)`` is a call of it; ``remembers`` says afterwards whether one depended on those before it.
    """

    def __init__(self, function):
        self.function, self.remembers, self.tries = function, False, 0
        self.places, self.first = [], []
        for place in _found(function):
            if (written := _written(place[0]())) is not None:
                self.places.append(place)
                self.first.append(written)

    def call(self, *args, **kwargs):
        """What ``function`` returns; what it keeps is put back if a later call would notice."""
        if not self.places or (self.tries == TRIES and not self.remembers):
            return self.function(*args, **kwargs)
        given, began = Given(args, kwargs), time.process_time()
        try:
            result = self.function(*given.args, **given.kwargs)
        except Exception:
            self._judge(given, time.process_time() - began)
            raise
        with _untouched(result):
            self._judge(given, time.process_time() - began)
        return result

    def _judge(self, given, seconds):
        """Find out whether what this call has left matters, if it has left anything."""
        there = [read() for read, _ in self.places]
        now = list(map(_written, there))
        changed = {i for i, (one, first) in enumerate(zip(now, self.first, strict=True)) if one != first}
        if not changed or None in now or (seconds > SECONDS and not self.remembers):
            return
        try:
            if not self.remembers:
                self.tries += 1
                with _not_noticed():
                    self.remembers = any(self._depends(given, now, other, seconds) for other in WAYS)
        finally:
            for i, (_, write) in enumerate(self.places):
                write(_read(self.first[i]) if self.remembers and i in changed else there[i])

    def _depends(self, given, now, other, seconds):
        """Whether a call with the same inputs, made ``other``, does something else with what is kept than without."""
        tried = [self._tried(given, written, other, seconds) for written in (self.first, self.first, now)]
        if any(one is None for one in tried):
            return False
        try:
            return _same(tried[0], tried[1]) and not _same(tried[0], tried[2])
        except Exception:  # of a type that knows no comparison
            return False

    def _tried(self, given, written, other, seconds):
        """``(result, arguments afterwards)``; ``None`` where the call cannot be made again, or does not end."""
        try:
            args, kwargs = given.again(other)
            for (_, write), one in zip(self.places, written, strict=True):
                write(_read(one))
        except Exception:
            return None
        _same_chance()
        try:
            with _at_most(LINES, max(SECONDS / 2, 2 * seconds)):
                result = self.function(*args, **kwargs)
                result = list(islice(result, SOME)) if hasattr(type(result), "__next__") else result
        except Endless:
            return None
        except (Exception, Astray) as error:
            if type(error).__name__ == "StudentError":  # it took too long
                return None
            result = type(error).__name__
        return result, args


@contextlib.contextmanager
def _untouched(result):
    """Arrays in a result hold afterwards what they hold now: a call made again may write into them."""
    arrays = [one for one in (result if isinstance(result, (tuple, list)) else [result]) if isinstance(one, np.ndarray)]
    arrays = [one for one in arrays if one.nbytes <= LARGE and one.flags.writeable]
    copies = [one.copy() for one in arrays]
    try:
        yield
    finally:
        for array, copied in zip(arrays, copies, strict=True):
            array[...] = copied


_KNOWN: dict = {}  # functions, types and modules by their ids: they are not copied, whatever holds them
AS_THEY_ARE = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)


class _Little(pickle.Pickler):
    """Writes what is no larger than ``LARGE``; a view counts with its own size, not with that of what it looks into."""

    def persistent_id(self, value):
        if not isinstance(value, AS_THEY_ARE):
            return None
        _KNOWN[id(value)] = value
        return id(value)

    def reducer_override(self, value):
        if isinstance(value, np.ndarray) and value.nbytes > LARGE:
            raise ValueError("too large")
        return NotImplemented


class _Back(pickle.Unpickler):
    def persistent_load(self, key):
        return _KNOWN[key]


class _Room(io.BytesIO):
    """A file that takes no more than ``LARGE`` bytes."""

    def write(self, data):
        if self.tell() + memoryview(data).nbytes > LARGE:
            raise ValueError("too large")
        return super().write(data)


def _written(value):
    """Bytes that differ where something in ``value`` has changed; ``None`` where it cannot be copied."""
    room = _Room()
    try:
        _Little(room, pickle.HIGHEST_PROTOCOL).dump(value)
    except Exception:
        return None
    return room.getvalue()


def _read(written):
    return _Back(io.BytesIO(written)).load()


class Given:
    """Arguments of a call, to be given again. Functions among them note what they told, and tell it again.

    Attributes:
        args, kwargs: what to call the function with the first time.
    """

    def __init__(self, args, kwargs):
        self.taped, self.found = [], None
        if all(map(_can_be_copied, (*args, *kwargs.values()))):
            with contextlib.suppress(Exception):  # at once: a model and its optimizer share what they are made of
                self.found = copy.deepcopy(([None if _is_asked(value) else value for value in args], kwargs))
        self.args = tuple(map(self._handed, range(len(args)), args)) if self.found else args
        self.kwargs = kwargs

    def _handed(self, place, value):
        if not _is_asked(value):
            return value
        told = []
        self.taped.append((place, told))
        return _taped(value, told)

    def again(self, other):
        """``(args, kwargs)`` once more, each made ``other``, and what their functions tell."""
        if self.found is None:
            raise ValueError("cannot be given again")
        args, kwargs = copy.deepcopy(self.found)
        args = list(map(other, args))
        for place, told in self.taped:
            args[place] = _telling(told, other)
        return args, kwargs


class Endless(BaseException):
    """A call that is made again takes far longer than the first did."""


class Astray(BaseException):
    """A call that is made again does what the first did not; no ``except Exception`` of a student's holds it up."""


def _is_asked(value):
    """Whether a value is a function of the check's."""
    return callable(value) and not isinstance(value, type) and not hasattr(value, "state_dict")


def _can_be_copied(value, deep=False):
    """Whether a copy of a value is nothing that a check counts: no function inside of something else."""
    if isinstance(value, (list, tuple)):
        return all(_can_be_copied(item, True) for item in value)
    if isinstance(value, dict):
        return all(_can_be_copied(item, True) for item in value.values())
    if isinstance(value, (*PLAIN, np.ndarray, np.random.Generator)) or hasattr(value, "detach"):
        return True
    return hasattr(value, "state_dict") or (_is_asked(value) and not deep)


def _taped(function, told):
    def ask(*args, **kwargs):
        answer = function(*args, **kwargs)
        told.append(_written((args, answer)))
        return answer

    with contextlib.suppress(AttributeError):
        functools.update_wrapper(ask, function)
    return ask


def _telling(told, other):
    """Tells what was ``told``, made ``other``, in its order, where it stays itself as long as the same is asked."""
    rest = iter(told)

    def ask(*args, **kwargs):
        written = next(rest, None)
        if written is None:
            raise Astray
        asked, answer = _read(written)
        if other is _itself and not _same(asked, args):
            raise Astray
        return other(answer, True)

    return ask


def _itself(value, told=False):
    return value


def _other(value, told=False):
    """Data of the same form, a little smaller, or the other way round if a function ``told`` it; other chance."""
    if isinstance(value, np.random.Generator):
        return np.random.default_rng(77)
    if type(value) in (list, tuple):
        return type(value)(_other(item, told) for item in value)
    if type(value) is dict:
        return {key: _other(item, told) for key, item in value.items()}
    if told and isinstance(value, np.ndarray) and value.ndim:
        return value.ravel()[::-1].reshape(value.shape)
    return OTHERWISE * value if _is_data(value) or (told and isinstance(value, float)) else value


def _all_other(value, told=False):
    """As ``_other``; numbers, too, are a little smaller, whole ones that count something larger by one."""
    if type(value) is int and value > 1:
        return value + 1
    return OTHERWISE * value if isinstance(value, float) else _other(value, told)


WAYS = (_itself, _other, _all_other)


def _is_data(value):
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "f"
    return hasattr(value, "is_floating_point") and value.is_floating_point() and not value.requires_grad


def _same(one, other):
    """Whether two results are the same to rounding; of what holds no numbers, or too many, nothing is asked."""
    if hasattr(one, "state_dict") and hasattr(other, "state_dict"):
        return _same(_state(one), _state(other))
    if hasattr(one, "detach") and hasattr(other, "detach"):
        return _same(one.detach().numpy(), other.detach().numpy())
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, str) or isinstance(other, str):
        return type(one) is type(other) and one == other
    if any(isinstance(each, np.ndarray) and each.nbytes > LARGE for each in (one, other)):
        return True
    one, other = np.asarray(one), np.asarray(other)
    if not {one.dtype.kind, other.dtype.kind} <= set("biufc"):
        return True
    if one.shape != other.shape or not one.size:
        return one.shape == other.shape
    digits = max(np.finfo(each.dtype).eps if each.dtype.kind in "fc" else 0.0 for each in (one, other))
    most = max(1e-9, 100 * digits)
    size = np.max(np.abs(one), initial=0.0, where=np.isfinite(one))
    return np.allclose(one, other, rtol=most, atol=max(most * size, 1e-12), equal_nan=True)


def _state(value):
    gradients = [getattr(parameter, "grad", None) for parameter in getattr(value, "parameters", list)()]
    return [value.state_dict(), [gradient for gradient in gradients if gradient is not None]]


@contextlib.contextmanager
def _not_noticed():
    """Chance goes on afterwards as if nobody had tried anything."""
    torch = sys.modules.get("torch")
    states = np.random.get_state(), random.getstate(), torch and torch.get_rng_state()
    try:
        yield
    finally:
        np.random.set_state(states[0])
        random.setstate(states[1])
        if torch:
            torch.set_rng_state(states[2])


@contextlib.contextmanager
def _at_most(lines, seconds):
    """Raise ``Endless`` after so much: a loop may have no end for inputs that nobody meant."""
    before, left, end = sys.gettrace(), lines, time.process_time() + seconds

    def count(frame, event, argument):
        nonlocal left
        left -= 1
        if left < 0 or time.process_time() > end:
            raise Endless
        return count

    sys.settrace(count)
    try:
        yield
    finally:
        sys.settrace(before)


def _same_chance():
    np.random.seed(0)
    random.seed(0)
    if torch := sys.modules.get("torch"):
        torch.default_generator.manual_seed(0)


# --- Where something can be kept -------------------------------------------------------------------------------------


def _found(function):
    """``_places``; none where they cannot be told."""
    try:
        return list(_places(function))
    except Exception:
        return []


def _places(function):
    """``(read, write)`` of each value that calls of ``function`` can change."""
    functions = list(_own(function))
    asked = set().union(*(_with_attributes(one.__code__) for one in functions))
    for one in functions:
        for name in ("__defaults__", "__kwdefaults__"):
            if _can_change(getattr(one, name)):
                yield _attribute(one, name)
        if one.__name__ in asked:
            yield functools.partial(dict, vars(one)), functools.partial(_refill, vars(one))
        for name, cell in zip(one.__code__.co_freevars, one.__closure__ or (), strict=True):
            stored = name in _bound(one.__code__, "STORE_DEREF")
            if _contents(cell) is not _MISSING and (stored or _can_change(_contents(cell), one)):
                yield _attribute(cell, "cell_contents")
    for names in {id(one.__globals__): one.__globals__ for one in functions}.values():
        mine = [one for one in functions if one.__globals__ is names]
        stored = set().union(*(_bound(one.__code__, "STORE_GLOBAL") for one in mine))
        read = set().union(*(_bound(one.__code__, "LOAD_GLOBAL") for one in mine))
        for name in sorted(stored | {name for name in read if _can_change(names.get(name), mine[0])}):
            yield functools.partial(names.get, name, _MISSING), functools.partial(_bind, names, name)
        for own in [names[name] for name in sorted(read & asked) if _is_own_class(names.get(name), mine[0])]:
            data = [name for name, value in vars(own).items() if _is_kept_in_a_class(name, value)]
            yield from (_attribute(own, name) for name in data)


def _own(function):
    """``function`` and the helpers of its notebook that it may call."""
    waiting = [one for one in functions_in(function) if not _is_library(one)]
    rooms, seen = {id(one.__globals__) for one in waiting}, set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen or id(one.__globals__) not in rooms:
            continue
        seen.add(id(one))
        yield one
        found = [one.__globals__.get(name) for name in _bound(one.__code__, "LOAD_GLOBAL")]
        for value in (*found, *map(_contents, one.__closure__ or ())):
            inside = vars(value).values() if _is_own_class(value, one) else [value]
            waiting += [inner for part in inside for inner in functions_in(part)]


def _is_library(function):
    return str(function.__globals__.get("__name__")).partition(".")[0] in _LIBRARIES


def _is_own_class(value, function):
    return isinstance(value, type) and value.__module__ == function.__globals__.get("__name__")


def _is_kept_in_a_class(name, value):
    data = isinstance(value, PLAIN) or _can_change(value)
    return data and not name.startswith("__")


def _contents(cell):
    try:
        return cell.cell_contents
    except ValueError:  # it is empty
        return _MISSING


def _attribute(owner, name):
    return functools.partial(getattr, owner, name, _MISSING), functools.partial(setattr, owner, name)


def _instructions(code):
    """The instructions of code and of the functions inside it."""
    yield from dis.get_instructions(code)
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _instructions(inner)


@functools.lru_cache(1_000)
def _bound(code, operation):
    """The names with which code does something."""
    return {one.argval for one in _instructions(code) if one.opname == operation}


@functools.lru_cache(1_000)
def _with_attributes(code):
    """The names outside of which code uses attributes."""
    pairs = pairwise(_instructions(code))
    return {one.argval for one, then in pairs if one.opname in NAMES and then.opname in ATTRIBUTES}


def _can_change(value, function=None):
    """Whether a value is data that can change while its name stays, or an object of the ``function``'s notebook."""
    if type(value) is tuple:
        return any(_can_change(item, function) for item in value[:MANY])
    if isinstance(value, CHANGING) or hasattr(type(value), "detach"):
        return True
    return function is not None and _is_own_class(type(value), function) and not callable(value)


class _Missing:
    """In place of what has no value yet; it is the same one after a copy."""

    def __reduce__(self):
        return "_MISSING"


_MISSING = _Missing()
_LIBRARIES = {"course_lib", "numpy", "torch", *sys.stdlib_module_names} - {"__main__"}


def _bind(names, name, value):
    if value is _MISSING:
        names.pop(name, None)
    else:
        names[name] = value


def _refill(attributes, values):
    attributes.clear()
    attributes.update(values)
