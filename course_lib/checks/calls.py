"""Calling the student's function: fresh copies in, plain copies out, and a record of every call."""

import builtins
import inspect
import linecache
import traceback
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np

from course_lib.checks.compare import Wrong, alike, numbers, plain
from course_lib.checks.tensors import is_tensor, tensor_bytes
from course_lib.kept import MEMORY, Memory
from course_lib.settings.language import later, tr
from course_lib.switches import Left, Switches, of

BUILTIN = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
)
LIBRARY = str(Path(__file__).parents[1])
MAX_PARTS = 100_000  # of a result, or so deep; as on the line to the grader
MAX_DEPTH = 20
MAX_BYTES = 32 << 20
MAX_ASKED = 100_000  # numbers in what a function of the check is asked for


class StudentError(Exception):
    """What a call of the student's function raised.

    Attributes:
        kind: the name of a built-in exception; ``"NotWritten"`` for ``NotImplementedError``; in grading also
            ``"TimeLimit"``, ``"MemoryLimit"``, ``"TooLarge"``, ``"Died"``.
        message: its text.
        line: number and text of the student's own line where it arose, or "".
    """

    def __init__(self, kind, message="", line=""):
        super().__init__(f"{kind}: {message}" if message else kind)
        self.kind, self.message, self.line = kind, message, line


class GraderError(Exception):
    """The machinery failed, not the student: ``Exercise.run`` lets it through, so that it never costs a mark."""


@dataclass
class Call:
    """One call: what was given, what came out (or the error), and the indices of arguments that it changed.

    ``state``: of the models and optimizers that were given, after the call.
    """

    given: tuple
    result: object = None
    error: StudentError | None = None
    changed: tuple = ()
    raw: object = None
    state: object = ()

    def like(self, other):
        """Whether two functions behaved the same in this call."""
        if self.error or other.error:
            return bool(self.error and other.error) and self.error.args == other.error.args
        same = self.changed == other.changed and alike(self.result, other.result)
        return same and alike(self.state, other.state)


def of_python(value):
    """NumPy's numbers as Python's, also in tuples and lists: an answer may print them, or make fractions of them."""
    if isinstance(value, np.generic):
        return value.item()
    return type(value)(map(of_python, value)) if type(value) in (tuple, list) else value


def unchanged(given, handed):
    """Whether an argument that may be changed (an array, a tensor, a list, a dict) still is as it was given."""
    if type(given) in (list, tuple):
        return len(given) == len(handed) and all(map(unchanged, given, handed))
    if type(given) is dict:
        return given.keys() == handed.keys() and all(unchanged(given[key], handed[key]) for key in given)
    if isinstance(given, np.ndarray):
        return np.array_equal(given, handed, equal_nan=given.dtype.kind in "fc")
    if is_tensor(given):
        return alike(given, handed)
    return True if not isinstance(given, (bool, int, float, str)) else given == handed or given != given


def own_line(function, error):
    """Number and text of the line in the student's code where ``error`` arose, "" if there is none."""
    own = getattr(getattr(inspect.unwrap(function), "__code__", None), "co_filename", None)
    frames = traceback.extract_tb(error.__traceback__)
    frames = [frame for frame in frames if frame.filename == own] or [
        frame for frame in frames if not frame.filename.startswith(LIBRARY)
    ]
    if not frames:
        return ""
    text = linecache.getline(frames[-1].filename, frames[-1].lineno).strip()
    return tr("line {number}", number=frames[-1].lineno) + (f": {text}" if text else "")


def raised(function, error):
    """``error`` as a ``StudentError``; a class that is not built in counts as the built-in one it derives from."""
    own = type(error)
    try:
        message = str(error)
    except Exception:  # its text is the student's to make
        message = ""
    kind = next(parent for parent in own.__mro__ if vars(builtins).get(parent.__name__) is parent)
    return StudentError(
        kind.__name__, message if own is kind else f"{own.__name__}: {message}", own_line(function, error)
    )


def kind_of_unwritten(message):
    """What a ``NotImplementedError`` tells: PyTorch raises it, too, for types that an operation does not take."""
    return "NotImplementedError" if "not implemented for" in message else "NotWritten"


def refuse_too_large(value, max_parts=MAX_PARTS, max_bytes=MAX_BYTES):
    """Raise ``StudentError`` if ``value`` has more parts, or is larger or deeper, than what crosses to the grader."""
    level, parts, size = [value], 0, 0
    for _ in range(MAX_DEPTH):
        parts, size = parts + len(level), size + sum(map(_bytes, level))
        if parts > max_parts or size > max_bytes:
            break
        level = list(islice(chain.from_iterable(map(_inside, level)), max_parts + 1))
        if not level:
            return
    raise StudentError("TooLarge", later("What came out is too large or too deeply nested to be compared."))


def _inside(value):
    if isinstance(value, dict):
        return chain(dict.keys(value), dict.values(value))
    kinds = [kind for kind in (tuple, list) if isinstance(value, kind)]
    return kinds[0].__iter__(value) if kinds else ()


def _bytes(value):
    if isinstance(value, np.ndarray):
        return np.ndarray.view(value, np.ndarray).nbytes
    return tensor_bytes(value) if is_tensor(value) else 0


class Recorder:
    """Stands in for a function: hands it copies, takes plain copies back, and keeps a list of the calls.

    Whatever the function raises becomes a ``StudentError``. A function that changes its arguments changes
    copies, which the record shows and the check's own arrays survive. A stand-in for a function in another
    process must therefore write changes back into the arrays that it was given.
    """

    profile = "numpy"
    spoiled = False  # whether a call left something so that no check could go on with it

    def __init__(self, function, watched=True):
        """``watched``: whether what the function keeps between calls is looked after, as a learner's is."""
        self.function = function
        self.memory = Memory(function) if watched else None
        self.calls, self.left = [], set()

    def __call__(self, *given):
        given = tuple(map(of_python, given))
        handed = self.hand(given)
        call = Call(given)
        self.calls.append(call)
        try:
            call.raw = self.invoke(handed)
            refuse_too_large(call.raw)
            call.result = plain(call.raw)
        except (GraderError, KeyboardInterrupt):
            raise
        except StudentError as error:
            call.error = error
        except NotImplementedError as error:
            told = raised(self.function, error)
            written = kind_of_unwritten(told.message) != "NotWritten"
            call.error = told if written else StudentError("NotWritten", told.message)
        except (Exception, SystemExit) as error:
            call.error = raised(self.function, error)
        self.note(call)
        if call.error:
            raise call.error
        call.changed = tuple(i for i in range(len(given)) if not unchanged(given[i], handed[i]))
        return plain(call.result)

    def hand(self, given):
        """What the function gets in place of ``given``."""
        return tuple(plain(argument) for argument in given)

    def invoke(self, arguments):
        """Call the function; what it leaves set for the whole program is put back, and its name kept in ``left``."""
        switches = Switches(of(self.profile))
        try:
            raw = self.memory.call(*arguments) if self.memory else self.function(*arguments)
        finally:
            self.left.update(switches.put_back())
        if self.memory and self.memory.remembers:
            self.left.add(MEMORY)
        if isinstance(raw, Left):
            self.left.update(raw.names)
            return raw.value
        return raw

    def note(self, call):
        """Keep what a call has left behind."""


class Spy:
    """A callable argument that remembers, in ``asked``, every point at which it was called.

    >>> gradient = Spy(lambda theta: 3 * theta)
    >>> gradient(np.array([1.0, 2.0]))
    array([3., 6.])
    >>> gradient.asked
    [array([1., 2.])]
    """

    def __init__(self, function):
        self.function = function
        self.asked = []

    def __call__(self, point):
        self.asked.append(point_asked(point))
        return np.array(self.function(self.asked[-1].copy()))


def point_asked(point):
    """A copy of what a student's function asks a function of the check for, as an array of float64.

    Raises ``TypeError`` for what is not made of numbers and ``ValueError`` for far too many of them: the answer is
    made where the check runs, which in grading is the grader itself.
    """
    try:
        refuse_too_large(point, MAX_ASKED, 8 * MAX_ASKED)
        return numbers(point, later("the point")).astype(float)
    except StudentError:
        raise ValueError(
            tr("This function was asked for more than {count} numbers: no answer needs them.", count=MAX_ASKED)
        ) from None
    except Wrong as wrong:
        raise TypeError(f"{tr('This function needs an array.')} {wrong.sentence}") from None


def bounded(size):
    """How many numbers a student's function asks for: ``size`` is their count or their shape. Errors as above."""
    sides = point_asked(size)
    if sides.ndim > 1 or not np.all(np.isfinite(sides)) or np.any(sides != np.floor(sides)) or np.any(sides < 0):
        raise ValueError(tr("A size is a whole number, 0 or larger, or several of them."))
    if sides.size > MAX_DEPTH or (count := np.prod(sides)) > MAX_ASKED:
        raise ValueError(
            tr("This function was asked for more than {count} numbers: no answer needs them.", count=MAX_ASKED)
        )
    return int(count)


def refuse_changes(call, result):
    """Raise ``Wrong`` if ``call`` has changed something that it was given."""
    if call.changed:
        given = call.given[call.changed[0]]
        name = type(given).__name__.lower()
        what = tr("an array") if isinstance(given, np.ndarray) else tr("a {type}", type=name)
        raise Wrong(tr("The function changes {what} that it was given.", what=what), "Changed", got=result)


def leaves_inputs_alone(function, *given, other, repeatable=True):
    """Raise ``Wrong`` if a call changes an array that it was given, or if calls influence each other.

    Args:
        function: what a check gets as its first argument.
        given: arguments of the call.
        other: a tuple with different arguments; the first call is repeated after a call with these.
        repeatable: whether equal arguments must give equal results; not so where a function may draw at random.
    """
    first = function(*given)
    for part in first if isinstance(first, (tuple, list)) else (first,):
        numbers(part)
    refuse_changes(function.calls[-1], first)
    one = function.calls[-1]
    function(*other)
    if not alike(plain(one.raw), one.result):
        raise Wrong(tr("A second call overwrites the array that the first call returned."), "Shared")
    if repeatable and not alike(function(*given), first):
        raise Wrong(tr("The same inputs give another result the second time."), "Remembers")
