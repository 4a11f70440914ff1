"""The public names of the library, read from its modules: what each is called with, and what it says of itself."""

import ast
import functools
import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import NamedTuple


class Name(NamedTuple):
    """A public name: ``call`` is how it is written with its arguments, ``says`` its first sentence."""

    call: str
    says: str


def room(name):
    """``(what the room says of itself, [Name, ...])`` of a module or package of ``course_lib``."""
    module = import_module(f"course_lib.{name}")
    return first_sentence(module.__doc__), [_name(word, getattr(module, word)) for word in public(module)]


def public(module):
    """The names in ``__all__``; where there is none, what the module itself defines and does not hide, in its order."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    words = []
    for node in ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            words.append(node.name)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        words += [target.id for target in targets if isinstance(target, ast.Name) and target.id.isupper()]
    return [word for word in dict.fromkeys(words) if not word.startswith("_")]


def first_sentence(docstring):
    """The first sentence of a docstring on one line, without its full stop; "" where there is none."""
    first = " ".join(inspect.cleandoc(docstring or "").partition("\n\n")[0].split())
    return re.split(r"(?<=[.!?])\s(?=[A-Z(`\"])", first)[0].rstrip(".:")


def _name(word, value):
    if inspect.isclass(value) or inspect.isroutine(value):
        return Name(f"{word}{arguments(value)}", first_sentence(value.__doc__))
    sized = isinstance(value, dict | list | tuple | set | frozenset)
    return Name(word, f"{type(value).__name__} with {len(value)} entries" if sized else type(value).__name__)


class _Shown(str):
    """A default value that is written as the name it has."""

    __repr__ = str.__str__


def _named(default):
    """A default value, written so that it is the same in every run: functions and classes by their names."""
    if isinstance(default, functools.partial):
        settings = ", ".join(f"{name}={value!r}" for name, value in default.keywords.items())
        return _Shown(f"{default.func.__name__}({settings})")
    if hasattr(default, "__name__"):
        return _Shown(default.__name__)
    return _Shown("...") if repr(default) == "<factory>" else default  # of a dataclass: made anew for each


def is_protocol(kind):
    """Whether a class says only what others must have: nobody makes one."""
    return getattr(kind, "_is_protocol", False)


def arguments(function):
    """The arguments as they are typed in a call, ``(theta, learning_rate=0.01)``, without types."""
    if inspect.isclass(function) and (issubclass(function, BaseException | dict) or is_protocol(function)):
        return ""
    signature = inspect.signature(function)
    plain = []
    for one in signature.parameters.values():
        default = one.default if one.default is one.empty else _named(one.default)
        plain.append(one.replace(annotation=one.empty, default=default))
    return str(signature.replace(parameters=plain, return_annotation=signature.empty))
