"""What stands in for modules that hold the answer, in a notebook's check and in grading alike.

They can be imported, named and passed on, so that a set-up cell with many imports does not fail because of one. Using
what is in them raises ``OffLimits``.
"""


class OffLimits(Exception):
    """The answer to an exercise was about to be taken from what holds it; ``room``: which that is."""

    def __init__(self, room):
        super().__init__(f"{room} is off limits in this exercise: grading gives 0 for it.")
        self.room = room


def room(name):
    """The part of a module's name that says where it belongs: ``course_lib.layers``, ``torch``."""
    return ".".join(name.split(".")[: 2 if name.startswith("course_lib.") else 1])


def refuse(name):
    """Raise ``OffLimits`` with the one sentence about ``name``."""
    raise OffLimits(room(name))


class Forbidden:
    """Stands in for something that is off limits: has any attribute, and refuses every use."""

    def __init__(self, name="it"):
        self.__name__ = self.__qualname__ = name

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Forbidden(f"{self.__name__}.{name}")

    def __instancecheck__(self, value):
        return False

    __subclasscheck__ = __instancecheck__

    def __mro_entries__(self, bases):
        """A class derived from it can be defined, and not be used."""
        return (type("OffLimitsBase", (), {"__new__": lambda *args, **kwargs: refuse(self.__name__)}),)

    def __repr__(self):
        return f"<{self.__name__}: off limits>"


def _refusing(self, *args, **kwargs):
    refuse(self.__name__)


BINARY = [
    "add",
    "sub",
    "mul",
    "matmul",
    "truediv",
    "floordiv",
    "mod",
    "divmod",
    "pow",
    "and",
    "or",
    "xor",
    "lshift",
    "rshift",
]
USES = [f"__{side}{name}__" for name in BINARY for side in ("", "r", "i")]
USES += [
    "__call__",
    "__getitem__",
    "__setitem__",
    "__delitem__",
    "__contains__",
    "__iter__",
    "__len__",
    "__enter__",
    "__exit__",
    "__array__",
    "__neg__",
    "__pos__",
    "__abs__",
    "__invert__",
    "__bool__",
    "__int__",
    "__float__",
    "__index__",
    "__lt__",
    "__le__",
    "__gt__",
    "__ge__",
]
for use in USES:
    setattr(Forbidden, use, _refusing)
