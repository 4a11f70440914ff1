"""Exercises, their checks, and the known mistakes that a failed check is compared with.

A check is a function ``(function, rng)`` that calls the student's function on inputs of its own and raises
``Wrong`` (through ``compare.close`` and its like) when something is off. Because a check gets nothing but the
function and a random generator, the same check runs on the student's function in the notebook and on a
stand-in whose calls run in another process.

When a check fails, the answer and each of the exercise's known mistakes are run on two draws of inputs, the notebook's
own and one more (``naming``): the mistake that behaves as the answer does is named.
"""

import importlib.util
import random
import warnings
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import NoneType
from zlib import crc32

import numpy as np

from course_lib.checks.calls import BUILTIN, GraderError, Recorder, StudentError
from course_lib.checks.compare import NOTHING, Wrong, described
from course_lib.checks.naming import UNNAMED, Names, parameters
from course_lib.checks.report import LIMITS, CheckResult, Report, cut, show
from course_lib.checks.rooms import off_limits
from course_lib.kept import MEMORY
from course_lib.settings.language import language, later, tr
from course_lib.switches import named

NO_TORCH = later("Not checked: PyTorch is not installed here (python course.py install --with torch).")
KINDS = (
    "write",
    *map(later, ("derive", "predict", "debug", "tune", "explain")),
)  # what is asked of a student; see ``kinds``
AT_HAND = 1000  # trials of known mistakes: what the exercises of a chapter need
FOUND = 3  # points of what a student has to find, for one of what is printed and typed: docs/decisions.md


@dataclass(frozen=True)
class Check:
    """One thing that a right answer does.

    Attributes:
        title: a sentence that is true of a right answer.
        points: what it earns (``Exercise.check`` has multiplied it).
        hints: from gentle to plain.
        run: ``(function, rng)``; raises ``Wrong``.
        supporting: counts only when a check that is not supporting passes too. For properties that an
            empty answer has as well.
        aside: supporting, and no part of the whole: a result may be right all the same, such as one whose function
            wrote into its inputs.
        whole: asks for everything but what stands aside (``checks.whole``).
        draws: checks with the same text here get the same inputs; "": inputs of its own.
    """

    title: str
    points: float
    hints: tuple
    run: Callable
    supporting: bool = False
    aside: bool = False
    whole: bool = False
    draws: str = ""

    @property
    def chance(self):
        """The text that, with the seed, makes its inputs."""
        return self.draws or self.title


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer.

    Attributes:
        name: a few words.
        fails: titles of exactly the checks that it fails, but for that of the whole, which no mistake passes that
            fails another (``Exercise.failed_by``).
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
    left: set = field(default_factory=set)

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


@contextmanager
def _quietly():
    """NumPy's warnings about numbers stay unsaid: a wrong answer makes them, the bank's own among these."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def _same_chance(seed):
    """Let the global generators of NumPy and Python begin at the same place in every trial.

    An answer that draws from them in place of ``rng`` then behaves the same in every run, and gets the same name.
    """
    np.random.seed(seed % 2**32)
    random.seed(seed)


def _try(check, function, seed, profile="numpy", learners=True):
    """Run ``check`` on ``function`` with inputs that depend on the seed and the check's title (or ``draws``) only.

    ``learners``: whether the function is a learner's, not one of the known mistakes.
    """
    if profile == "torch":
        from course_lib.checks.torch_side import trial

        recording = trial(function, seed, check.chance, learners)
    else:
        recording = nullcontext(Recorder(function, learners))
    with recording as recorder:
        _same_chance(seed)
        try:
            check.run(recorder, np.random.default_rng([seed, crc32(check.chance.encode())]))
        except GraderError:
            raise
        except Exception as error:
            if recorder.spoiled and not isinstance(error, (Wrong, StudentError)):
                error = Wrong(
                    tr("After the call the model or optimizer has parts of another shape or type."), "Spoiled"
                )
            return _Trial(recorder.calls, error, recorder.left)
        return _Trial(recorder.calls, None, recorder.left)


@lru_cache(AT_HAND)
def _try_known(check, mistake, seed, profile, language):
    """As ``_try``, of a known mistake: it does the same every time, and says it in the same ``language``."""
    return _try(check, mistake, seed, profile, learners=False)


@dataclass
class Exercise:
    """What a student is asked to write, how it is checked, and how it goes wrong.

    Attributes:
        id: ``"03-2"``.
        title: a few words.
        function: name of the function that the student writes.
        topics: what it is about, of ``rooms.HOLDERS``: that says which modules the answer may not use. All exercises of
            a notebook have the same, since one process marks it.
        profile: ``"torch"`` if the function is given tensors, models or optimizers, or makes them. Such an exercise is
            checked and graded where PyTorch is installed, and said to be unchecked elsewhere.
        modules: of the library, if the checks pass models of classes that are defined there (never in ``checks``).
        checks, mistakes: filled by the decorators ``check`` and ``mistake``.
        reference: a right answer, filled by ``checks.whole``.
        same: ``(calls, other calls) -> bool``, when two functions behaved the same: for random numbers in any order
            (``statistics.same_draws``), for predictions (``kinds.nearly``).
        kind: one of ``KINDS``.
    """

    id: str
    title: str
    function: str
    topics: tuple = ()
    profile: str = "numpy"
    modules: tuple = ()
    checks: list = field(default_factory=list)
    mistakes: list = field(default_factory=list)
    same: Callable = same_calls
    reference: Callable | None = None
    kind: str = "write"

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"There is no kind of exercise {self.kind!r}; there are {', '.join(KINDS)}.")

    def check(
        self,
        title: str,
        points: float = 1,
        hint: str | tuple[str, ...] = "",
        supporting: bool = False,
        aside: bool = False,
        whole: bool = False,
        draws: str = "",
    ) -> Callable[[Callable], Callable]:
        """Decorate ``(function, rng)`` as a check; ``hint`` is one text or several, from gentle to plain.

        ``points`` count as they stand in an exercise of the kind "write", and ``FOUND`` times in all others. The check
        of the whole carries as many as all others together, whatever is said here.
        """
        hints = (hint,) if isinstance(hint, str) else tuple(hint)
        points = points if self.kind == "write" else FOUND * points

        def add(run):
            self.checks.append(Check(title, points, hints, run, supporting or aside, aside, whole, draws))
            others = sum(check.points for check in self.checks if not check.whole)
            self.checks[:] = [replace(check, points=others) if check.whole else check for check in self.checks]
            return run

        return add

    @property
    def points(self) -> float:
        """Points to be had: those of its checks."""
        return sum(check.points for check in self.checks)

    def mistake(self, name: str, fails: str | tuple[str, ...], says: str) -> Callable[[Callable], Callable]:
        """Decorate a known wrong answer; ``fails``: the title (or titles) of the checks that it fails.

        A name may be given again, to the same misconception in other clothes (another constant, in two results): what
        it ``says`` is the same, what it fails need not be.
        """

        def add(function):
            if any(one.name == name and one.says != says for one in self.mistakes):
                raise ValueError(f"{self.id}: of the mistake {name!r} two different things are said.")
            self.mistakes.append(Mistake(name, (fails,) if isinstance(fails, str) else tuple(fails), says, function))
            return function

        return add

    def failed_by(self, mistake: Mistake) -> set[str]:
        """Titles of all checks that a known mistake fails, that of the whole among them."""
        own = [check for check in self.checks if check.title in mistake.fails]
        whole = [check.title for check in self.checks if check.whole and not all(one.aside for one in own)]
        return {*mistake.fails, *whole}

    @property
    def functions(self) -> tuple[str, ...]:
        """Names of all functions that the student writes."""
        return (self.function,)

    def joined(self, functions: list[Callable]) -> Callable:
        """What its checks are run on, made of these ``functions``."""
        return functions[0]

    @property
    def forbidden(self) -> tuple[str, ...]:
        """The modules that the answer may not use, because they hold it."""
        return off_limits(self.topics, self.profile)

    @property
    def ready(self) -> bool:
        """Whether what its checks need is installed here."""
        return self.profile != "torch" or importlib.util.find_spec("torch") is not None

    def run(self, function: Callable, seed: int, named: bool = True) -> Report:
        """Run every check on ``function`` and return a ``Report``.

        Args:
            function: the student's, or a stand-in that takes and returns plain data, raises ``StudentError``,
                and writes changes that the student's function made back into the arrays it was given.
            seed: whole number >= 0; the same seed draws the same inputs.
            named: whether it is found out what a wrong answer looks like, for which it is run some times more.

        Nothing that the student's function does gets out as an exception, but for ``KeyboardInterrupt``;
        ``GraderError`` passes through.
        """
        if not self.ready:
            return Report(self.id, self.title, tuple(_without_torch(check) for check in self.checks), kind=self.kind)
        with _quietly(), _chance_kept():
            return self._try_all(function, seed, named)

    def _run_once_more(self, check, function, seed, learners):
        if learners:
            return _try(check, function, seed, self.profile)
        return _try_known(check, function, seed, self.profile, language())

    def _try_all(self, function, seed, named):
        trials = self._trials(function, seed)
        found = [_kind_and_numbers(trial.error) if trial.error else ("", {}) for trial in trials]
        names = Names(self, function, self._trials, self._run_once_more, {seed: trials})
        named = names.of_all([kind for kind, _ in found]) if named else [NOTHING] * len(found)
        rows = zip(self.checks, trials, found, named, strict=True)
        notes = _left_for_good(trials, self.profile)
        return Report(self.id, self.title, tuple(self._result(*row) for row in rows), notes, kind=self.kind)

    def _trials(self, function, seed):
        """Of all checks, in their order; what supports others has failed where it stands alone."""
        trials = [self._tried(check, function, seed) for check in self.checks]
        earned = any(
            trial.error is None for check, trial in zip(self.checks, trials, strict=True) if not check.supporting
        )
        for check, trial in zip(self.checks, trials, strict=True):
            if trial.error is None and check.supporting and not earned:
                trial.error = Wrong(tr("This counts as soon as another check passes."), "NotYet")
            if trial.error is None and check is self._dearest():
                trial.error = _left_set(trial.left, self.profile)
        return trials

    def _dearest(self):
        """The check of the whole, or what earns most where there is none."""
        return max(self.checks, key=lambda check: (check.whole, check.points))

    def _tried(self, check, function, seed):
        """A ``_Trial``; what the check could not compute with is a wrong answer, if the check itself is in order."""
        trial = _try(check, function, seed, self.profile)
        if isinstance(trial.error, (Wrong, StudentError, NoneType)) or not trial.calls:
            return trial
        if self._in_order(check, seed):
            result = trial.calls[-1].result
            told = tr("What came out cannot be compared: {what}.", what=described(result))
            trial.error = Wrong(told, "NotNumbers", got=result)
        return trial

    def _in_order(self, check, seed):
        """Whether the check lets an answer pass that is right in it: the reference, or a mistake that fails others."""
        right = [mistake.function for mistake in self.mistakes if check.title not in self.failed_by(mistake)]
        right = [self.reference, *right] if self.reference else right
        return any(_try(check, function, seed, self.profile, learners=False).error is None for function in right)

    def _result(self, check, trial, found, named):
        if trial.error is None:
            return CheckResult(check.title, check.points, check.points, True)
        (kind, shown), (mistake, says) = found, named
        if kind not in UNNAMED and trial.calls:
            shown["given"] = self._given(trial.calls[getattr(trial.error, "call", -1)].given)
        hint = check.hints[0] if kind not in UNNAMED else ""
        return CheckResult(check.title, 0, check.points, False, kind, mistake=mistake, says=says, hint=hint, **shown)

    def _given(self, arguments):
        names = parameters(self)
        names += [tr("argument {number}", number=i + 1) for i in range(len(names), len(arguments))]
        return "\n".join(f"{name} = {cut(show(value), 3)}" for name, value in zip(names, arguments, strict=False))


def _left_set(names, profile):
    """The ``Wrong`` of a call that left something on which later results depend; else ``None``."""
    counting = [row.name for row in named(names, profile) if row.counts]
    if MEMORY in names:
        told = tr("What one call leaves behind, outside of its arguments and results, changes what a later call does.")
        return Wrong(told, "Kept")
    if not counting:
        return None
    what = ", ".join(counting)
    return Wrong(tr("What {what} sets is not after the call what it was before.", what=what), "Switched")


def _left_for_good(trials, profile):
    """What is said of each switch that a call has left changed."""
    rows = named({name for trial in trials for name in trial.left}, profile)
    return tuple(_told_of(row) for row in rows)


def _told_of(row):
    told = tr("What {what} sets holds for all that comes after the call, too; here it was put back.", what=row.name)
    return f"{told} {tr('For some lines only: {code}', code=row.instead)}" if row.instead else told


def _without_torch(check):
    return CheckResult(check.title, 0, check.points, False, "NotChecked", tr(NO_TORCH))


def _kind_and_numbers(error):
    """``(kind, fields of CheckResult)`` of what ended a check."""
    if isinstance(error, Wrong):
        got, expected = (show(value) if value is not None else "" for value in (error.got, error.expected))
        return error.kind, {"sentence": error.sentence, "got": got, "expected": expected}
    if isinstance(error, StudentError):
        if error.kind == "NotWritten":
            return error.kind, {"sentence": tr("Not written yet.")}
        if error.kind in LIMITS:
            return error.kind, {"sentence": tr(error.message) or tr("The call did not return.")}
        told = f"{error.kind}: {error.message}" if error.message else error.kind
        kind = error.kind if error.kind in BUILTIN else "Exception"
        if kind == "Exception" and error.message.startswith("OffLimits: "):
            return "OffLimits", {"sentence": _off_limits(error.message), "line": error.line}
        return kind, {"sentence": tr("The function raised {error}", error=told), "line": error.line}
    told = f"{type(error).__name__}: {error}"
    sentence = tr("This check itself failed ({error}): please tell whoever runs the course.", error=told)
    return "CheckError", {"sentence": sentence}


def _off_limits(message):
    """The sentence of ``course_lib.off_limits``, which is made where the student's code runs."""
    room, _, rest = message.removeprefix("OffLimits: ").partition(" ")
    known = later("{room} is off limits in this exercise: grading gives 0 for it.")
    return tr(known, room=room) if f"{room} {rest}" == known.format(room=room) else f"{room} {rest}"
