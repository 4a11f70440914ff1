"""What student code finds in place of modules that grading has no use for, or that hold the answer.

A notebook imports figures, widgets and ``check`` in its set-up cell and calls them after its exercises: in grading
they are there and do nothing. A module that holds the answer can be imported too (a set-up cell with many imports
must not fail because of one); using what is in it raises ``OffLimits``.
"""

import contextlib
import dis
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import types

from course_lib.floors import from_up
from course_lib.off_limits import Forbidden, refuse

PLOTTING = frozenset({"matplotlib", "mpl_toolkits", "pylab", "seaborn", "plotly", "bokeh", "altair"})
JUPYTER = frozenset({"IPython", "ipywidgets", "anywidget", "ipykernel", "nbformat", "traitlets", "tqdm"})
OFFICE = frozenset((*from_up("figures"), "floors", "off_limits"))  # rooms of course_lib


class Harmless:
    """Can be called, indexed, unpacked and entered, and does nothing."""

    def __init__(self, name="stand-in"):
        self.__name__ = self.__qualname__ = name

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Harmless(name)

    def __call__(self, *args, **kwargs):
        return args[0] if len(args) == 1 and isinstance(args[0], types.FunctionType) else self  # a decorator

    def __getitem__(self, key):
        return self

    def __setitem__(self, key, value):
        pass

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)

    def __iter__(self):
        """As many stand-ins as ``a, b = ...`` wants; none for a loop."""
        frame = sys._getframe(1)
        code, at = frame.f_code.co_code, frame.f_lasti
        return iter([self] * (code[at + 1] if code[at] == dis.opmap["UNPACK_SEQUENCE"] else 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def __bool__(self):
        return False

    def __repr__(self):
        return ""


class Workshop(Harmless):
    """What draws, checks or runs the course: cells may call it, and nothing happens; an answer may not."""

    answering = False  # whether a function is asked for its answer

    @classmethod
    @contextlib.contextmanager
    def closed(cls):
        """While an answer runs."""
        before, cls.answering = cls.answering, True
        try:
            yield
        finally:
            cls.answering = before

    def _use(name):
        def use(self, *args, **kwargs):
            return refuse(self.__name__) if Workshop.answering else getattr(Harmless, name)(self, *args, **kwargs)

        return use

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Workshop(f"{self.__name__}.{name}")

    __call__, __getitem__, __enter__ = map(_use, ("__call__", "__getitem__", "__enter__"))


def _progress(iterable=(), *args, **kwargs):
    return iterable


class StandInModule(types.ModuleType):
    """A module any name can be imported from."""

    def __init__(self, name, kind):
        super().__init__(name)
        self.__path__, self.__all__, self._kind = [], [], kind

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if name in ("tqdm", "trange"):
            return _progress if name == "tqdm" else range
        return self._kind(f"{self.__name__}.{name}")


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers imports of what is decoration or off limits; refuses whatever else of course_lib is not loaded.

    Args:
        forbidden: module names; what lies below them is meant too.
    """

    def __init__(self, forbidden):
        self.forbidden = tuple(forbidden)

    def kind(self, name):
        top, _, rest = name.partition(".")
        if top == "course_lib" and rest.split(".")[0] in OFFICE:
            return Workshop
        if any(name == module or name.startswith(module + ".") for module in self.forbidden):
            return Forbidden
        return Harmless if top in PLOTTING | JUPYTER else None

    def take_away(self):
        """Put stand-ins in place of forbidden modules that are loaded already, as far as imports can reach them."""
        for name in [name for name in sys.modules if self.kind(name) is Forbidden]:
            sys.modules[name] = module = StandInModule(name, Forbidden)
            parent, _, last = name.rpartition(".")
            if parent in sys.modules:
                setattr(sys.modules[parent], last, module)

    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if self.kind(name) else None

    def create_module(self, spec):
        return StandInModule(spec.name, self.kind(spec.name))

    def exec_module(self, module):
        pass


class Shelf(importlib.abc.MetaPathFinder):
    """Finds modules by their place: in the sandbox files can be read, but the folders that hold them not listed.

    Args:
        paths: files and folders that may be read.
    """

    def __init__(self, paths):
        self.files = {}
        for path in paths:
            name, suffix = os.path.splitext(os.path.basename(path))
            start = os.path.join(path, "__init__.py")
            if suffix == ".py":
                self.files[name] = path
            elif not suffix and os.path.isfile(start):
                self.files[name] = start

    def find_spec(self, name, path=None, target=None):
        """The place of a module at the top, ``None`` for all others."""
        file = self.files.get(name)
        return importlib.util.spec_from_file_location(name, file) if file else None
