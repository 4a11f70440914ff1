"""Exercises, their checks, and the known mistakes that a failed check is compared with.

A check is a function ``(function, rng)`` that calls the student's function on inputs of its own and raises
``Wrong`` (through ``compare.close`` and its like) when something is off. Because a check gets nothing but the
function and a random generator, the same check runs on the student's function in the notebook and on a
stand-in whose calls run in another process.

When a check fails, it is run again, on the same inputs, with each of the exercise's known mistakes: the one
that behaves as the student's function did is named.
"""

import importlib.util
import inspect
import random
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from types import NoneType
from zlib import crc32

import numpy as np

from course_lib.checks.calls import BUILTIN, GraderError, Recorder, Spy, StudentError
from course_lib.checks.compare import Wrong, alike, described
from course_lib.checks.generic import GENERIC
from course_lib.checks.report import LIMITS, CheckResult, Report, show
from course_lib.checks.rooms import off_limits
from course_lib.checks.tensors import is_tensor

NO_TORCH = "Not checked: PyTorch is not installed here (python course.py install --with torch)."
UNNAMED = ("NotWritten", "NotYet", "CheckError", "OffLimits")  # there is no behaviour to compare with known mistakes
OVERRIDING = ("Integer",)  # rounding hides what else was done: zero looks like many a mistake


@dataclass(frozen=True)
class Check:
    """One thing that a right answer does.

    Attributes:
        title: a sentence that is true of a right answer.
        points: what it earns.
        hints: from gentle to plain.
        run: ``(function, rng)``; raises ``Wrong``.
        supporting: counts only when a check that is not supporting passes too. For properties that an
            empty answer has as well, such as leaving its inputs alone.
    """

    title: str
    points: float
    hints: tuple
    run: Callable
    supporting: bool = False


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer.

    Attributes:
        name: a few words.
        fails: titles of exactly the checks that it fails.
        says: what to tell the student.
        function: the wrong answer itself.
    """

    name: str
    fails: tuple
    says: str
    function: Callable


@dataclass
class _Trial:
    """One check, run on one function: its calls, and the ``Wrong`` or error that ended it."""

    calls: list
    error: Exception | None

    def like(self, other, same):
        return len(self.calls) == len(other.calls) and same(self.calls, other.calls)


def same_calls(calls, others):
    """Whether two functions behaved the same, call by call."""
    return all(mine.like(theirs) for mine, theirs in zip(calls, others, strict=True))


@contextmanager
def _chance_kept():
    """The global generators of NumPy and Python go on afterwards as if nobody had drawn from them."""
    before = np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        np.random.set_state(before[0])
        random.setstate(before[1])


def _same_chance(seed):
    """Let the global generators of NumPy and Python begin at the same place in every trial.

    An answer that draws from them in place of ``rng`` then behaves the same in every run, and gets the same name.
    """
    np.random.seed(seed % 2**32)
    random.seed(seed)


def _try(check, function, seed, profile="numpy", learners=True):
    """Run ``check`` on ``function`` with inputs that depend on the seed and the check's title only.

    ``learners``: whether the function is a learner's, not one of the known mistakes.
    """
    if profile == "torch":
        from course_lib.checks.torch_side import trial

        recording = trial(function, seed, check.title, learners)
    else:
        recording = nullcontext(Recorder(function))
    with recording as recorder:
        _same_chance(seed)
        try:
            check.run(recorder, np.random.default_rng([seed, crc32(check.title.encode())]))
        except GraderError:
            raise
        except Exception as error:
            if recorder.spoiled and not isinstance(error, (Wrong, StudentError)):
                error = Wrong("After the call the model or optimizer has parts of another shape or type.", "Spoiled")
            return _Trial(recorder.calls, error)
        return _Trial(recorder.calls, None)


@dataclass
class Exercise:
    """What a student is asked to write, how it is checked, and how it goes wrong.

    Attributes:
        id: ``"03-2"``.
        title: a few words.
        function: name of the function that the student writes.
        points: sum of the points of its checks.
        topics: what it is about, of ``rooms.HOLDERS``: that says which modules the answer may not use. All exercises of
            a notebook have the same, since one process marks it.
        profile: ``"torch"`` if the function is given tensors, models or optimizers, or makes them. Such an exercise is
            checked and graded where PyTorch is installed, and said to be unchecked elsewhere.
        modules: of the library, if the checks pass models of classes that are defined there (never in ``checks``).
        checks, mistakes: filled by the decorators ``check`` and ``mistake``.
        same: ``(calls, other calls) -> bool``, when two functions behaved the same; for functions that draw
            random numbers, which may do so in any order (``checks.draws``).
    """

    id: str
    title: str
    function: str
    points: float
    topics: tuple = ()
    profile: str = "numpy"
    modules: tuple = ()
    checks: list = field(default_factory=list)
    mistakes: list = field(default_factory=list)
    same: Callable = same_calls

    def check(
        self, title: str, points: float = 1, hint: str | tuple[str, ...] = "", supporting: bool = False
    ) -> Callable[[Callable], Callable]:
        """Decorate ``(function, rng)`` as a check; ``hint`` is one text or several, from gentle to plain."""
        hints = (hint,) if isinstance(hint, str) else tuple(hint)

        def add(run):
            self.checks.append(Check(title, points, hints, run, supporting))
            return run

        return add

    def mistake(self, name: str, fails: str | tuple[str, ...], says: str) -> Callable[[Callable], Callable]:
        """Decorate a known wrong answer; ``fails``: the title (or titles) of the checks that it fails."""

        def add(function):
            self.mistakes.append(Mistake(name, (fails,) if isinstance(fails, str) else tuple(fails), says, function))
            return function

        return add

    @property
    def forbidden(self) -> tuple[str, ...]:
        """The modules that the answer may not use, because they hold it."""
        return off_limits(self.topics, self.profile)

    @property
    def ready(self) -> bool:
        """Whether what its checks need is installed here."""
        return self.profile != "torch" or importlib.util.find_spec("torch") is not None

    def run(self, function: Callable, seed: int) -> Report:
        """Run every check on ``function`` and return a ``Report``.

        Args:
            function: the student's, or a stand-in that takes and returns plain data, raises ``StudentError``,
                and writes changes that the student's function made back into the arrays it was given.
            seed: whole number >= 0; the same seed draws the same inputs.

        Nothing that the student's function does gets out as an exception, but for ``KeyboardInterrupt``;
        ``GraderError`` passes through.
        """
        if not self.ready:
            return Report(self.id, self.title, tuple(_without_torch(check) for check in self.checks))
        with np.errstate(all="ignore"), _chance_kept():
            return self._run(function, seed)

    def _run(self, function, seed):
        trials = [self._tried(check, function, seed) for check in self.checks]
        earned = any(
            trial.error is None for check, trial in zip(self.checks, trials, strict=True) if not check.supporting
        )
        names = _Names(self, trials, seed, function)
        results = []
        for check, trial in zip(self.checks, trials, strict=True):
            if trial.error is None and check.supporting and not earned:
                trial.error = Wrong("This counts as soon as another check passes.", "NotYet")
            results.append(self._result(check, trial, names))
        return Report(self.id, self.title, tuple(results))

    def _tried(self, check, function, seed):
        """A ``_Trial``; what the check could not compute with is a wrong answer, if the check itself is in order."""
        trial = _try(check, function, seed, self.profile)
        if isinstance(trial.error, (Wrong, StudentError, NoneType)) or not trial.calls:
            return trial
        if self._in_order(check, seed):
            result = trial.calls[-1].result
            trial.error = Wrong(f"What came out cannot be compared: {described(result)}.", "NotNumbers", got=result)
        return trial

    def _in_order(self, check, seed):
        """Whether the check lets an answer pass that is right in it: one of the known mistakes that fail others."""
        right = [mistake.function for mistake in self.mistakes if check.title not in mistake.fails]
        return any(_try(check, function, seed, self.profile, learners=False).error is None for function in right)

    def _result(self, check, trial, names):
        if trial.error is None:
            return CheckResult(check.title, check.points, check.points, True)
        kind, shown = _kind_and_numbers(trial.error)
        mistake, says = names.of(check, trial, kind)
        if kind not in UNNAMED and trial.calls:
            shown["given"] = self._given(trial.calls[-1].given)
        hint = check.hints[0] if kind not in UNNAMED else ""
        return CheckResult(check.title, 0, check.points, False, kind, mistake=mistake, says=says, hint=hint, **shown)

    def _given(self, arguments):
        names = _parameters(self)
        names += [f"argument {i + 1}" for i in range(len(names), len(arguments))]
        return "\n".join(f"{name} = {show(value)}" for name, value in zip(names, arguments, strict=False))


def _without_torch(check):
    return CheckResult(check.title, 0, check.points, False, "NotChecked", NO_TORCH)


def _parameters(exercise):
    """The names of the function's arguments, as its mistakes have them."""
    return list(inspect.signature(exercise.mistakes[0].function).parameters) if exercise.mistakes else []


def _kind_and_numbers(error):
    """``(kind, fields of CheckResult)`` of what ended a check."""
    if isinstance(error, Wrong):
        got, expected = (show(value) if value is not None else "" for value in (error.got, error.expected))
        return error.kind, {"sentence": error.sentence, "got": got, "expected": expected}
    if isinstance(error, StudentError):
        if error.kind == "NotWritten":
            return error.kind, {"sentence": "Not written yet."}
        if error.kind in LIMITS:
            return error.kind, {"sentence": error.message or "The call did not return."}
        told = f"{error.kind}: {error.message}" if error.message else error.kind
        kind = error.kind if error.kind in BUILTIN else "Exception"
        if kind == "Exception" and error.message.startswith("OffLimits: "):
            return "OffLimits", {"sentence": error.message.removeprefix("OffLimits: "), "line": error.line}
        return kind, {"sentence": f"The function raised {told}", "line": error.line}
    sentence = f"This check itself failed ({type(error).__name__}: {error}): please tell whoever runs the course."
    return "CheckError", {"sentence": sentence}


class _Names:
    """Finds the mistake that a failed check looks like; runs a known mistake only when something failed."""

    def __init__(self, exercise, trials, seed, function):
        self.exercise, self.trials, self.seed, self.function = exercise, trials, seed, function
        self.known, self.without_effect = {}, None

    def _alike(self, mistake, check, trial):
        """Whether the student's function behaved like ``mistake`` in ``check``."""
        key = (mistake.name, check.title)
        if key not in self.known:
            theirs = _try(check, mistake.function, self.seed, self.exercise.profile, learners=False)
            self.known[key] = trial.like(theirs, self.exercise.same)
        return self.known[key]

    def _count_alike(self, mistake):
        pairs = zip(self.exercise.checks, self.trials, strict=True)
        return sum(self._alike(mistake, check, trial) for check, trial in pairs)

    def _fits(self, mistake):
        """Whether it is alike in every check that the mistake fails: in one alone other answers may look like it."""
        pairs = zip(self.exercise.checks, self.trials, strict=True)
        return all(self._alike(mistake, check, trial) for check, trial in pairs if check.title in mistake.fails)

    def remembers(self, check, trial):
        """Whether the same check, run once more, finds the student's function doing something else."""
        return not trial.like(_try(check, self.function, self.seed, self.exercise.profile), self.exercise.same)

    def ignored(self):
        """The first number or array among the arguments that changes nothing in any check, though it does in most of
        the known mistakes (each is right but for one thing); "" if there is none."""
        if self.without_effect is None:
            first = [trial.calls[0] for trial in self.trials if trial.calls and not trial.calls[0].error]
            names = _parameters(self.exercise)
            width = min([len(names), *(len(call.given) for call in first)]) if first else 0
            found = (i for i in range(width) if all(self._no_effect(call, i) for call in first))
            given = [call.given for call in first]
            self.without_effect = next((names[i] for i in found if self._matters(given, i)), "")
        return self.without_effect

    def _matters(self, arguments, place):
        """Whether most known mistakes notice an argument: a bias that no penalty touches has no effect by right."""
        quiet = Check("", 0, (), lambda function, rng: [function(*given) for given in arguments])
        trials = [(mistake.function, _try(quiet, mistake.function, self.seed)) for mistake in self.exercise.mistakes]
        noticed = sum(
            not all(self._no_effect(call, place, function) for call in trial.calls)
            for function, trial in trials
            if not trial.error
        )
        return 2 * noticed > len(trials)

    def _no_effect(self, call, place, function=None):
        """Whether other values of one argument, of either sign, give the same result and ask its functions at the same
        points, or there are none to be tried."""
        value = call.given[place]
        if not isinstance(value, float) and not (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
            return False
        if np.all(value == 0):
            return True
        return all(self._same_result(call, place, value * factor, function) for factor in (0.83, -0.83))

    def _same_result(self, call, place, value, function):
        given = (*call.given[:place], value, *call.given[place + 1 :])
        one, other = (_traced(function or self.function, arguments, self.seed) for arguments in (call.given, given))
        return one is not None and other is not None and alike(one, other)

    def of(self, check, trial, kind):
        """``(name, says)`` of the mistake that fits this check and most of the others; generic ones last."""
        if kind in UNNAMED + OVERRIDING:
            return GENERIC.get(kind, ("", ""))
        listed = [mistake for mistake in self.exercise.mistakes if check.title in mistake.fails]
        fitting = [mistake for mistake in listed if self._alike(mistake, check, trial) and self._fits(mistake)]
        if fitting:
            best = fitting[0] if len(fitting) == 1 else max(fitting, key=self._count_alike)
            return best.name, best.says
        if kind == "Value" and trial.calls and _same_as_given(trial.calls[-1]):
            return GENERIC["Same"]
        if kind == "Value" and self.remembers(check, trial):
            return GENERIC["Remembers"]
        if kind == "Value" and (ignored := self.ignored()):
            name, says = GENERIC["Ignored"]
            return name, f"{ignored} has no effect on what comes out, in no check. {says}"
        return GENERIC.get(kind, ("", ""))


def _traced(function, given, seed):
    """``[result, points at which the functions among the arguments were asked]`` of one call, None if it failed."""
    spies = [value for value in given if isinstance(value, Spy)]
    before = [len(spy.asked) for spy in spies]
    trial = _try(Check("", 0, (), lambda run, rng: run(*given)), function, seed)
    if trial.error:
        return None
    return [trial.calls[0].result, [spy.asked[n:] for spy, n in zip(spies, before, strict=True)]]


def _same_as_given(call):
    """Whether each result has the values of one of the arrays that were given."""
    results = call.result if isinstance(call.result, (tuple, list)) else (call.result,)
    arrays = [value for value in call.given if isinstance(value, (np.ndarray, float)) or is_tensor(value)]
    same = all(any(alike(result, array) for array in arrays) for result in results)
    return bool(arrays) and len(results) > 0 and same
