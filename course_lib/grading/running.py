"""The cells of a notebook at work in the student's process: one statement after the other.

A statement that raises, or takes too long, is left out with a note, and the others count. What it would have assigned
is a stand-in from then on, so that one cause has one note. A statement that misses a name is tried once more after the
last cell: notebooks are not always run from top to bottom.
"""

import __future__

import ast
import inspect
import signal
import sys
import time

from course_lib.grading.cells import AUTOMAGIC, JUPYTER, assigned, statements
from course_lib.grading.standins import is_closed, is_missing, stand_in
from course_lib.off_limits import OffLimits, room

FUTURE = [getattr(__future__, name) for name in __future__.all_feature_names]
# Kinds of notes, beside the names of exceptions:
OFF_LIMITS, TOO_LONG, UNAVAILABLE, UNDECORATED = "OffLimits", "TooLong", "Unavailable", "Undecorated"
QUICKLY = 0.25  # processor seconds that every statement has
AGAIN = 0.5  # seconds after which a statement that caught its interruption is interrupted again


class TooLong(BaseException):
    """A statement has used up its time."""


class Notebook:
    """One student's namespace, and the statements that run in it.

    Args:
        namespace: of the module ``__main__``.
        told: ``error -> (name of a built-in exception, text)``.
        announce: called as ``announce(cell, number, statement)`` before each statement that runs.
    """

    def __init__(self, namespace, told, announce):
        self.namespace, self.told, self.announce = namespace, told, announce
        self.flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self.notes, self.waiting, self.missed = [], [], set()

    def cell(self, name, source, skipped, seconds):
        """Run a cell; ``skipped``: numbers of statements to leave out, ``seconds``: for each of the others.

        Returns notes: dicts with ``cell``, ``number`` (of the statement), ``line``, ``last``, ``place``, ``kind``,
        ``message``.
        """
        self.notes = []
        for number, statement in enumerate(statements(source)):
            if number in skipped:
                self._stand_in(name, statement)
            elif statement.tree is None:
                self._note(name, number, statement, statement.kind, statement.message, statement.place)
            else:
                self._try((name, number, statement), seconds, last=False)
        return self.notes

    def rest(self, seconds):
        """Try once more what missed a name that may be there by now; returns notes."""
        self.notes, waiting, self.waiting = [], self.waiting, []
        for row, before in waiting:
            names = assigned(row[2].tree)
            if not names or any(self.namespace.get(name) is before.get(name) for name in names):
                self._try(row, seconds, last=True)
        return self.notes

    def _try(self, row, seconds, last):
        name, number, statement = row
        self.announce(name, number, statement)
        error = self._error_of(name, statement.tree, seconds)
        if error is None:
            error = off_limits(statement.tree)
            if error is None or error.room in self.missed:
                return
        if isinstance(error, NameError) and not last:
            self.waiting.append((row, {key: self.namespace.get(key) for key in assigned(statement.tree)}))
        elif isinstance(error, ImportError) and isinstance(statement.tree, (ast.Import, ast.ImportFrom)):
            self._import(row, seconds)
        elif (bare := without_decorators(statement.tree)) and self._error_of(name, bare, seconds) is None:
            self._note(*row, UNDECORATED, ": ".join(filter(None, self.told(error))), place(error, row))
        elif self._follows(statement.tree, error):
            self._stand_in(name, statement)
        else:
            self._note_error(row, error)

    def _follows(self, tree, error):
        """Whether an error has a cause that has its note: a name that is missed, or has a stand-in for a value."""
        if getattr(error, "room", getattr(error, "name", None)) in self.missed:
            return True
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        return not isinstance(error, TooLong) and any(is_missing(self.namespace.get(name)) for name in names)

    def _note_error(self, row, error):
        kind, message = self.told(error)
        if isinstance(error, TooLong):
            kind, message = TOO_LONG, ""
        if isinstance(error, OffLimits):
            self.missed.add(error.room)
            kind, message = OFF_LIMITS, error.room
        if isinstance(error, NameError):
            self.missed.add(error.name)
            text = ast.unparse(row[2].tree) if isinstance(row[2].tree, ast.Expr) else ""
            if error.name in AUTOMAGIC and text.split(" ")[0] == error.name:
                kind, message = JUPYTER, text
        self._note(*row, kind, message, place(error, row))

    def _import(self, row, seconds):
        """Import name by name: what cannot be had is a stand-in."""
        cell, _, statement = row
        missing = []
        for alias in statement.tree.names:
            tree = type(statement.tree)(**{**vars(statement.tree), "names": [alias]})
            error = self._error_of(cell, tree, seconds)
            if error is None:
                continue
            module = getattr(tree, "module", None) or alias.name
            self._stand_in(cell, statement, assigned(tree), module)
            if isinstance(error, ModuleNotFoundError):
                missing.append(module)
            else:
                self._note(*row, *self.told(error), statement.line)
        if missing:
            self._note(*row, UNAVAILABLE, ", ".join(dict.fromkeys(missing)), statement.line)

    def _note(self, cell, number, statement, kind, message, place):
        self._stand_in(cell, statement)
        found = {"cell": cell, "number": number, "line": statement.line, "last": statement.last}
        self.notes.append(found | {"place": place, "kind": kind, "message": message[:500]})

    def _stand_in(self, cell, statement, names=(), module=""):
        """Let what a statement would have assigned be stand-ins, but for names that have a value."""
        why = "it is not available in grading" if module else f"it was left out ({cell}, line {statement.line})"
        for name in names or statement.names or (assigned(statement.tree) if statement.tree else ()):
            self.namespace.setdefault(name, stand_in(module or name, why))

    # --- One statement -----------------------------------------------------------------------------------

    def _error_of(self, cell, tree, seconds):
        """Run one statement; what it raised, ``None`` if nothing."""
        try:
            code = compile(ast.Module([tree], []), cell, "exec", self.flags, dont_inherit=True)
            self.flags |= sum(feature.compiler_flag & code.co_flags & ~self.flags for feature in FUTURE)
            with Timer(seconds):
                result = eval(code, self.namespace)
                if code.co_flags & inspect.CO_COROUTINE:
                    awaited(result)
        except BaseException as error:
            return error
        return None


def off_limits(tree):
    """``OffLimits`` if a statement imports a package, not a room of the library, of which nothing can be used."""
    if not isinstance(tree, (ast.Import, ast.ImportFrom)):
        return None
    names = [getattr(tree, "module", None) or alias.name for alias in tree.names]
    rooms = [room(name) for name in names if is_closed(sys.modules.get(name)) and not name.startswith("course_lib")]
    return OffLimits(rooms[0]) if rooms else None


def place(error, row):
    """The line of the statement in ``row`` where ``error`` arose."""
    name, _, statement = row
    if isinstance(error, SyntaxError) and error.filename == name:
        return error.lineno or statement.line
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != name:
        trace = trace.tb_next
    return trace.tb_lineno if trace is not None else statement.line


def without_decorators(tree):
    """A function or class as it stands, without what is around it; ``None`` for other statements."""
    if not isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return None
    if isinstance(tree, ast.ClassDef):
        return type(tree)(**{**vars(tree), "decorator_list": []}) if tree.decorator_list else None
    given = tree.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    for argument in filter(None, every):
        argument.annotation = None
    return type(tree)(**{**vars(tree), "decorator_list": [], "returns": None})


class Timer:
    """Interrupts a statement when it has used its processor time, where the system can do that."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __enter__(self):
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_PROF, self.seconds, AGAIN)

    def __exit__(self, *_):
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_PROF, 0)


def interrupt(_, frame):
    """At the timer's signal: end the statement of the student's, if one is at work."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("cell "):
            raise TooLong
        frame = frame.f_back


def no_waiting():
    """From here on nobody sleeps, and statements can be interrupted."""
    time.sleep = lambda seconds: None
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, interrupt)


def awaited(coroutine):
    """The result of a coroutine, in a loop that waits for nothing: its clock jumps to the next event."""
    import asyncio
    import selectors

    class Clock(selectors.BaseSelector):
        ahead = 0.0
        register = unregister = get_map = lambda self, *_: None

        def select(self, timeout=None):
            if timeout is None:
                raise RuntimeError("This waits for something that never comes.")
            Clock.ahead += timeout
            return []

    class Loop(asyncio.selector_events.BaseSelectorEventLoop):
        _make_self_pipe = _close_self_pipe = _write_to_self = lambda self: None

        def time(self):
            return Clock.ahead

    loop = Loop(Clock())
    asyncio.set_event_loop(loop)
    return loop.run_until_complete(coroutine)
