"""In a notebook everything has been imported and lies about: while an answer runs, what is off limits is fenced off.

In grading an answer finds stand-ins in place of what is off limits (``course_lib.off_limits``). Here the same stand-ins
take its place for as long as the student's function runs, wherever the function could find it: among the modules, in
the notebook's names, in closures and defaults. So both say the same, and what is imported for a figure and not used by
the answer does no harm.
"""

import contextlib
import functools
import importlib.abc
import importlib.machinery
import sys
import threading
import types
import weakref

import numpy as np

from course_lib.checks.rooms import is_off_limits
from course_lib.kept import MANY, functions_in
from course_lib.off_limits import Forbidden

LIBRARIES = {"course_lib", "numpy", *sys.stdlib_module_names} - {"__main__"}
ORDINARY = (int, float, bool, str, bytes, complex, type(None), np.ndarray, np.float64)


def fenced(function, forbidden):
    """``function`` as an answer that finds stand-ins in place of ``forbidden`` modules and of all that is from them."""
    fence = Fence(function, forbidden)
    called = fence.in_place_of(function)

    @functools.wraps(function)
    def answer(*arguments):
        with fence:
            return called(*arguments)

    return answer


keeps_out = functools.lru_cache(100_000)(is_off_limits)  # thousands of names, asked for at every check


class Room(types.ModuleType):
    """Stands in for a module; other threads, and whoever kept it, find the real one."""

    __path__ = __all__ = ()  # type: ignore[assignment]  # none of them is ever changed
    _real = None

    def __init__(self, name, fence, real=None):
        """``fence``: a weak reference, so that two thousand rooms are gone when their fence is, not some time later."""
        super().__init__(name)
        self._fence = fence
        if real is not None:
            self._real = real

    def __getattr__(self, name):
        fence = self._fence()
        if self._real is not None and not (fence and fence.is_up()):
            return getattr(self._real, name)
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Forbidden(f"{self.__name__}.{name}")


class Fence(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """A context in which the student's ``function`` finds nothing of the modules in ``forbidden``."""

    def __init__(self, function, forbidden):
        self.forbidden, self.thread, self.imported = frozenset(forbidden), threading.get_ident(), []
        self.answering = False
        self.modules = {name: module for name, module in list(sys.modules.items()) if self.keeps_out(name)}
        self.rooms = {name: Room(name, weakref.ref(self), module) for name, module in self.modules.items()}
        self.places = []  # (write, what is there, its stand-in)
        for name, module in self.modules.items():
            parent, _, last = name.rpartition(".")
            if parent not in self.modules and vars(sys.modules.get(parent, types)).get(last) is module:
                self._note_name(vars(sys.modules[parent]), last, module, self.rooms[name])
        self._look_into(function)

    def is_up(self):
        """Whether an answer runs, and it is its thread that asks."""
        return self.answering and threading.get_ident() == self.thread

    def __enter__(self):
        self.answering = True
        sys.modules.update(self.rooms)
        sys.meta_path.insert(0, self)
        for write, _, stand_in in self.places:
            write(stand_in)

    def __exit__(self, *error):
        self.answering = False
        for write, real, _ in self.places:
            write(real)
        sys.meta_path.remove(self)
        while self.imported:
            name = self.imported.pop()
            sys.modules.pop(name, None)
            parent, _, last = name.rpartition(".")
            if parent in sys.modules:
                vars(sys.modules[parent]).pop(last, None)
        sys.modules.update(self.modules)

    def keeps_out(self, name):
        """Whether a module's name is off limits."""
        return keeps_out(name, self.forbidden)

    # --- Modules that are not loaded yet -----------------------------------------------------------------

    def find_spec(self, name, path=None, target=None):
        if not self.is_up() or not self.keeps_out(name):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        self.imported.append(spec.name)
        return Room(spec.name, weakref.ref(self))

    def exec_module(self, module):
        pass

    # --- What the function could reach by a name ----------------------------------------------------------

    def in_place_of(self, value, depth=2):
        """A stand-in for what is, or holds, something off limits; else ``value`` itself."""
        if type(value) in ORDINARY:
            return value
        if type(value) in (list, tuple, set, frozenset) and depth and len(value) <= MANY:
            made = [self.in_place_of(item, depth - 1) for item in value]
            return type(value)(made) if any(new is not old for new, old in zip(made, value, strict=True)) else value
        if type(value) is dict and depth and len(value) <= MANY:
            made = {key: self.in_place_of(item, depth - 1) for key, item in value.items()}
            return made if any(made[key] is not value[key] for key in made) else value
        name = next(filter(self.keeps_out, origins(value)), None)
        return value if name is None else Forbidden(name)

    def _note(self, write, real):
        stand_in = self.in_place_of(real)
        if stand_in is not real:
            self.places.append((write, real, stand_in))

    def _note_name(self, names, name, real, stand_in):
        def write(value):
            if any(names.get(name) is ours for ours in (real, stand_in)):  # unless the function bound it anew
                names[name] = value

        self.places.append((write, real, stand_in))

    def _look_into(self, function):
        """Note every place where ``function``, or a helper from the same notebook, finds what is off limits."""
        waiting, seen = functions_in(function), set()
        while waiting:
            function = waiting.pop()
            names = function.__globals__
            if id(function) in seen or str(names.get("__name__")).partition(".")[0] in LIBRARIES:
                continue
            seen.add(id(function))
            for cell in function.__closure__ or ():
                with contextlib.suppress(ValueError):  # an empty cell
                    self._note(functools.partial(setattr, cell, "cell_contents"), cell.cell_contents)
                    waiting += functions_in(cell.cell_contents)
            for name in ("__defaults__", "__kwdefaults__"):
                self._note(functools.partial(setattr, function, name), getattr(function, name))
            if id(names) in seen:
                continue
            seen.add(id(names))
            for name, value in list(names.items()):
                stand_in = self.in_place_of(value)
                if stand_in is not value:
                    self._note_name(names, name, value, stand_in)
                elif callable(value):  # functions of other places have names of their own
                    waiting += [inner for inner in functions_in(value) if inner.__globals__ is names]


def origins(value, deep=True):
    """Names of the modules from which a value is, told without running anything of its own."""
    if isinstance(value, types.ModuleType):
        return [str(vars(value).get("__name__"))]
    if isinstance(value, types.FunctionType):
        name = str(value.__globals__.get("__name__"))
        wrapped = vars(value).get("__wrapped__") if name in sys.stdlib_module_names else None  # as by contextmanager
        return [name] if wrapped is None else [name, *origins(wrapped)]
    if isinstance(value, types.MethodType):
        return origins(value.__func__, False) + origins(value.__self__, False)
    if isinstance(value, types.BuiltinFunctionType):
        return [str(value.__module__), *origins(value.__self__, False)]
    if isinstance(value, functools.partial):
        return [name for part in (value.func, *value.args, *value.keywords.values()) for name in origins(part, False)]
    kind = value if isinstance(value, type) else type(value)
    found = [str(vars(base).get("__module__")) for base in type.mro(kind)[:-1]]
    inside = getattr(value, "__dict__", {}) if deep else {}
    return found + [name for part in list(inside.values())[:MANY] for name in origins(part, False)]
