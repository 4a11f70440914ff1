"""What a student's function keeps from one call to the next, and whether later results depend on it.

A default argument that a call changes, a variable outside, an attribute of the function itself: what was there at the
beginning is known, so a call can be made once more, with that and with what calls have left. A cache gives the same
results either way and stays. Where they differ all is put back, so that no call and no check depends on those before
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
import types
from itertools import islice, pairwise

import numpy as np

MEMORY = "what a call leaves behind"  # told among the names of switches
MANY = 1_000  # a container that holds more is not looked into
LARGE = 1 << 20  # bytes of all that is kept; more is not watched
TRIES = 12  # calls with something kept on which nothing depended: then it is a cache
LINES = 200_000  # that are run when a call is made again
SOME = 200  # items of what is read one by one
OTHERWISE = 0.97  # times a number that is given: another input of the same kind
PLAIN = (int, float, complex, bool, str, bytes, type(None), np.generic)
ATTRIBUTES = ("LOAD_ATTR", "STORE_ATTR", "LOAD_METHOD")


def functions_in(value, depth=2):
    """The Python functions that a call of ``value`` may run: itself, or those that it is made of."""
    if isinstance(value, types.FunctionType):
        return [value, *functions_in(vars(value).get("__wrapped__"), depth)]
    if isinstance(value, (type, types.ModuleType)) or not callable(value) or not depth:
        return []
    parts = [getattr(value, name, None) for name in ("__func__", "func", "__wrapped__")] + [type(value).__call__]
    parts += list(getattr(value, "__dict__", {}).values())[:MANY]
    return [inner for part in parts for inner in functions_in(part, depth - 1)]


class Memory:
    """What ``function`` and its helpers from the same notebook can keep, as it is when this is made.

    ``call(*args, **kwargs)`` is a call of it; ``remembers`` says afterwards whether one depended on those before it.
    """

    def __init__(self, function):
        self.function, self.remembers, self.tries = function, False, 0
        self.places = [place for place in _places(function) if _written([place[0]()])]
        self.first = _written(self._values()) if self.places else None

    def call(self, *args, **kwargs):
        """What ``function`` returns; what it keeps is put back if a later call would notice."""
        if not self.first or (self.tries == TRIES and not self.remembers):
            return self.function(*args, **kwargs)
        given = Given(args, kwargs)
        result = self.function(*given.args, **given.kwargs)
        if _written(self._values()) != self.first:
            with _not_noticed():
                self._compare(given)
        return result

    def _compare(self, given):
        kept = self._values()
        written = _written(kept)
        if not self.remembers:
            self.remembers = any(self._depends(given, written, other) for other in (_itself, _other, _all_other))
            self.tries += 1
        self._put(pickle.loads(self.first) if self.remembers else kept)

    def _depends(self, given, kept, other):
        """Whether a call with the same inputs, made ``other``, does something else with what is kept than without."""
        tried = [self._tried(given, written, other) for written in (self.first, self.first, kept)]
        return tried[0] is not None and _same(tried[0], tried[1]) and not _same(tried[0], tried[2])

    def _tried(self, given, written, other):
        """``(result, arguments afterwards)``; ``None`` where the call cannot be made again."""
        try:
            args, kwargs = given.again(other)
            self._put(pickle.loads(written))
        except Exception:
            return None
        _same_chance()
        try:
            with _at_most(LINES):
                result = self.function(*args, **kwargs)
                result = list(islice(result, SOME)) if hasattr(type(result), "__next__") else result
        except (Exception, Astray) as error:
            result = type(error).__name__
        return result, args

    def _values(self):
        return [read() for read, _ in self.places]

    def _put(self, values):
        for (_, write), value in zip(self.places, values, strict=True):
            write(value)


class _Little(pickle.Pickler):
    """Writes what is no larger than ``LARGE``, arrays of which only a part is there among what is."""

    def reducer_override(self, value):
        if isinstance(value, np.ndarray) and value.nbytes > LARGE:
            raise ValueError("too large")
        return NotImplemented


class _Room(io.BytesIO):
    """A file that takes no more than ``LARGE`` bytes."""

    def write(self, data):
        if self.tell() + len(data) > LARGE:
            raise ValueError("too large")
        return super().write(data)


def _written(values):
    """Bytes that differ where something in ``values`` has changed; ``None`` where they cannot be copied."""
    room = _Room()
    try:
        _Little(room, pickle.HIGHEST_PROTOCOL).dump(values)
    except Exception:
        return None
    return room.getvalue()


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
        asked, answer = pickle.loads(written)
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
    try:
        one, other = np.asarray(one, float), np.asarray(other, float)
    except (TypeError, ValueError):
        return True
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-9, atol=0, equal_nan=True)


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
def _at_most(lines):
    """Who runs more lines than so many goes astray: a loop may have no end for inputs that nobody meant."""
    before, left = sys.gettrace(), lines

    def count(frame, event, argument):
        nonlocal left
        left -= 1
        if left < 0:
            raise Astray
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
            if name in _bound(one.__code__, "STORE_DEREF") or _can_change(getattr(cell, "cell_contents", None)):
                yield _attribute(cell, "cell_contents")
    for names in {id(one.__globals__): one.__globals__ for one in functions}.values():
        codes = [one.__code__ for one in functions if one.__globals__ is names]
        stored = set().union(*(_bound(code, "STORE_GLOBAL") for code in codes))
        read = set().union(*(_bound(code, "LOAD_GLOBAL") for code in codes))
        for name in sorted(stored | {name for name in read if _can_change(names.get(name))}):
            yield functools.partial(names.get, name, _MISSING), functools.partial(_bind, names, name)


def _own(function):
    """``function`` and the helpers that it may call, as far as the student wrote them."""
    waiting, seen = functions_in(function), set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen or str(one.__globals__.get("__name__")).partition(".")[0] in _LIBRARIES:
            continue
        seen.add(id(one))
        yield one
        found = [one.__globals__.get(name) for name in _bound(one.__code__, "LOAD_GLOBAL")]
        found += [getattr(cell, "cell_contents", None) for cell in one.__closure__ or ()]  # an empty one has none
        for value in found:
            inside = vars(value).values() if isinstance(value, type) else [value]
            waiting += [inner for part in inside for inner in functions_in(part)]


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
    return {one.argval for one, then in pairs if one.opname == "LOAD_GLOBAL" and then.opname in ATTRIBUTES}


def _can_change(value, depth=2):
    """Whether a value is data that can change while its name stays."""
    if isinstance(value, (*PLAIN, type, types.ModuleType)) or functions_in(value) or callable(value):
        return False
    return type(value) is not tuple or (depth > 0 and any(_can_change(item, depth - 1) for item in value[:MANY]))


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
