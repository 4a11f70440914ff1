"""What student code finds in place of what grading has no use for, has not got, or must not give.

A notebook imports figures, widgets and ``check`` in its set-up cell and calls them after its exercises: in grading
they are there and do nothing. So does what is not installed for grading, and what a line would have assigned that was
left out: one line that cannot run takes nothing with it. A module that holds the answer can be imported too; using
what is in it raises ``OffLimits``. A stand-in takes part in whatever ordinary code does, but never becomes an answer.
"""

import contextlib
import dis
import importlib.abc
import importlib.machinery
import sys
import types

import numpy as np

from course_lib.floors import WORKSHOP, from_up
from course_lib.off_limits import Forbidden, refuse

PLOTTING = frozenset({"matplotlib", "mpl_toolkits", "pylab", "seaborn", "plotly", "bokeh", "altair"})
JUPYTER = frozenset({"IPython", "ipywidgets", "anywidget", "ipykernel", "nbformat", "traitlets", "tqdm"})
SHUT = frozenset((*from_up("figures"), *WORKSHOP))  # rooms of course_lib
IDLE = "figures, widgets and tools do nothing in grading"
NEWEST = "99.0"  # as a version: new enough for every comparison


def operator(*_):
    """A method that gives the stand-in itself, whatever is done to it."""
    return lambda self, *args, **kwargs: self


def gives(value):
    return lambda self, *args, **kwargs: value


class StandIn:
    """Can be called, computed with, compared, indexed, entered, iterated, awaited and derived from, and does nothing.

    Attributes:
        __name__: what it stands for.
        why_: why that is not there.
    """

    def __init__(self, *args, **kwargs):
        pass

    def __init_subclass__(cls, **kwargs):
        pass

    def __getattr__(self, name):
        if name == "__version__":
            return NEWEST
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        whole = f"{vars(self).get('__name__', type(self).__name__)}.{name}"
        if name.endswith(("Error", "Exception", "Warning")):
            return exception(name)
        return stand_in(whole, vars(self).get("why_", ""), Workshop if isinstance(self, Workshop) else StandIn)

    def __call__(self, *args, **kwargs):
        function = len(args) == 1 and isinstance(args[0], (types.FunctionType, type))
        is_error = function and isinstance(args[0], type) and issubclass(args[0], BaseException)
        return args[0] if function and not is_error else self  # a decorator gives back what it decorates

    def __iter__(self):
        """As many stand-ins as ``a, b = ...`` wants; none for a loop; one for ``next``."""
        wanted = _unpacking(sys._getframe(1))
        return _Once(self) if wanted is None else iter([self] * wanted)

    def __mro_entries__(self, bases):
        first = next(base for base in bases if isinstance(base, StandIn))
        derived = any(isinstance(base, type) and issubclass(base, StandIn) for base in bases)
        return () if derived or first is not self else (StandIn,)

    def __array__(self, dtype=None, copy=None):
        return np.array(np.nan).astype(dtype or float)  # equal to nothing

    def __array_ufunc__(self, *args, **kwargs):
        return self

    __array_function__ = __array_ufunc__

    def __reduce__(self):
        return __import__, ("matplotlib",)  # any stand-in is as good as another

    def __await__(self):
        yield from ()
        return self

    async def __aenter__(self):
        return self

    async def __anext__(self):
        raise StopAsyncIteration

    async def __aexit__(self, *_):
        return False

    __hash__ = object.__hash__
    __enter__ = __getitem__ = __copy__ = __deepcopy__ = __aiter__ = operator()
    __setitem__ = __delitem__ = __delattr__ = gives(None)
    __exit__ = __bool__ = __contains__ = __instancecheck__ = __subclasscheck__ = gives(False)
    __repr__ = __str__ = __format__ = __fspath__ = gives("")
    __len__ = __int__ = __index__ = __length_hint__ = gives(0)
    __float__, __complex__, __bytes__ = gives(float("nan")), gives(complex("nan")), gives(b"")
    __reversed__ = gives(())
    __neg__ = __pos__ = __abs__ = __invert__ = __round__ = operator()
    __trunc__ = __floor__ = __ceil__ = gives(0)
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = operator()
    __add__ = __sub__ = __mul__ = __matmul__ = __truediv__ = __floordiv__ = __mod__ = __pow__ = operator()
    __radd__ = __rsub__ = __rmul__ = __rmatmul__ = __rtruediv__ = __rfloordiv__ = __rmod__ = __rpow__ = operator()
    __lshift__ = __rshift__ = __and__ = __or__ = __xor__ = __rand__ = __ror__ = __rxor__ = operator()
    __rlshift__ = __rrshift__ = operator()

    def __divmod__(self, other):
        return self, self

    __rdivmod__ = __divmod__


class _Once:
    """Over a stand-in: a loop finds nothing in it, ``next`` and ``list`` find one."""

    def __init__(self, value):
        self.values = [value]

    def __iter__(self):
        return self

    def __next__(self):
        frame = sys._getframe(1)
        if self.values and dis.opname[frame.f_code.co_code[frame.f_lasti]].startswith(("CALL", "PRECALL")):
            return self.values.pop()
        raise StopIteration


def _unpacking(frame):
    """How many values the line in ``frame`` unpacks, ``None`` if it does not."""
    code, at = frame.f_code.co_code, frame.f_lasti
    if code[at] == dis.opmap["UNPACK_SEQUENCE"]:
        return code[at + 1]
    if code[at] == dis.opmap["UNPACK_EX"]:
        return code[at + 1] + (code[at - 1] if code[at - 2] == dis.opmap["EXTENDED_ARG"] else 0)
    return None


class Bar(StandIn):
    """A progress bar: gives out what it was given."""

    def __init__(self, iterable=(), *args, **kwargs):
        self.iterable = iterable

    def __iter__(self):
        return iter(self.iterable)

    def __len__(self):
        return len(self.iterable)


class Bars(StandIn):
    """``tqdm`` itself."""

    def __call__(self, *args, **kwargs):
        return (Bar if self.__name__.endswith("tqdm") else lambda *given, **_: Bar(range(*given)))(*args, **kwargs)


class Workshop(StandIn):
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
            return refuse(self.__name__) if Workshop.answering else getattr(StandIn, name)(self, *args, **kwargs)

        return use

    __call__, __getitem__, __enter__ = map(_use, ("__call__", "__getitem__", "__enter__"))  # type: ignore[arg-type]


def stand_in(name, why="", kind=StandIn):
    """What stands for ``name``; ``why``: the reason that it is not there."""
    if kind is Forbidden:
        return Forbidden(name)
    made = object.__new__(kind)
    vars(made).update(__name__=name, __qualname__=name, why_=why)
    return made


def exception(name):
    """A class that can be caught and raised, for one that is not there."""
    return type(name, (Warning if name.endswith("Warning") else Exception,), {})


def is_one(value):
    """Whether a value stands for something else."""
    return isinstance(value, (StandIn, StandInModule, Forbidden))


def within(value, depth=3):
    """The first stand-in in a value that a function returned, ``None`` if there is none."""
    if is_one(value):
        return value
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.ravel()[:1000].tolist()
    parts = value.values() if type(value) is dict else value if isinstance(value, (tuple, list)) else ()
    found = (within(part, depth - 1) for part in list(parts)[:1000]) if depth else ()
    return next((part for part in found if part is not None), None)


def described(found):
    """What a stand-in stands for, and why it is one."""
    facts = vars(found)
    return f"`{facts.get('__name__', type(found).__name__)}`: {facts.get('why_') or IDLE}"


def is_missing(value):
    """Whether a value stands for what should have been there: not a figure, not a widget."""
    return isinstance(value, (StandIn, StandInModule)) and bool(vars(value).get("why_"))


class StandInModule(types.ModuleType):
    """A module any name can be imported from."""

    def __init__(self, name, kind, why=""):
        super().__init__(name)
        self.__path__, self.__all__, self._kind, self.why_ = [], [], kind, why

    def __getattr__(self, name):
        if name == "__version__":
            return NEWEST
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if self.__name__.startswith("tqdm") and name in ("tqdm", "trange", "tqdm_notebook", "tnrange"):
            return stand_in("tqdm" if name.startswith("tqdm") else "trange", kind=Bars)
        whole = stand_in(self.__name__, self.why_, self._kind)
        return getattr(whole, name)


def is_closed(module):
    """Whether a module is one of which nothing can be used."""
    return isinstance(module, StandInModule) and module._kind is Forbidden


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers imports of what is decoration or off limits.

    Args:
        forbidden: module names; what lies below them is meant too.
    """

    def __init__(self, forbidden):
        self.forbidden = tuple(forbidden)

    def kind(self, name):
        top, _, rest = name.partition(".")
        if top == "course_lib" and rest.split(".")[0] in SHUT:
            return Workshop
        if any(name == module or name.startswith(module + ".") for module in self.forbidden):
            return Forbidden
        return StandIn if top in PLOTTING | JUPYTER else None

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
