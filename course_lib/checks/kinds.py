"""Exercises that are more than a printed formula to be typed; ``Exercise.kind`` says which one it is.

======== ================================================ =====================================================
kind     the student                                      what is here for its checks
======== ================================================ =====================================================
write    writes a function whose formula is printed       (``kit`` and ``compare``)
derive   finds the formula, and writes it as a function   (an oracle of the chapter's own, ``compare.close``)
predict  says a number or a curve before any run          ``within``: a share that it may be off; ``nearly``
debug    mends code that has one fault, and names it      ``Debug``: the code, the menu, ``names_the_fault``
tune     finds hyperparameters with few trials            ``Landscape``, ``tiers``: closeness to a grid's best
explain  writes some sentences, which a person marks      ``questions.Question``
======== ================================================ =====================================================
"""

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from course_lib.checks.calls import Recorder, StudentError, point_asked
from course_lib.checks.compare import NOTHING, RESULT, Wrong, shaped
from course_lib.checks.kit import Exercise, same_calls
from course_lib.settings.language import capital, in_any_language, later, tr

AS_HANDED_OUT = later("as it was handed out")
STILL_FAULTY = later("This is the code that you were given, and it still has its fault: find the line, and change it.")
NAMED = later("The fault has its name")
FEWER = (
    later("fewer gradients than steps"),
    later(
        "In some run you ask for fewer gradients than there are steps: each step needs its own, however short it is."
    ),
)


# --- Predict ---------------------------------------------------------------------------------------------


def within(got, expected, share, what=RESULT, least=0.0):
    """Raise ``Wrong`` unless ``got`` has the shape of ``expected`` and is off by this share of it at most.

    Args:
        got: what the student's function returned.
        expected: numbers.
        share: such as 0.02; the exercise's text says it.
        what: as for ``compare.close``.
        least: what it may be off in any case, such as one step.
    """
    expected = np.asarray(expected, dtype=float)
    got = shaped(got, expected.shape, what).astype(float)
    if np.any(np.abs(got - expected) > np.maximum(share * np.abs(expected), least)):
        what = capital(tr(what))
        told = tr("{What} is more than {percent} % off.", What=what, percent=f"{100 * share:g}")
        raise Wrong(told, got=got, expected=expected)


def nearly(share, least=0.0):
    """``(calls, other calls) -> bool``, for ``Exercise.same``: two predictions are the same to this share, or so many.

    A loop that counts steps and the formula for them differ by a part of a step; what is wrong in both is the same.
    """

    def same(calls, others):
        pairs = [(one.result, other.result) for one, other in zip(calls, others, strict=True)]
        if not all(_is_number(value) for pair in pairs for value in pair):
            return same_calls(calls, others)
        return all(np.isclose(one, other, share, least, equal_nan=True) for one, other in pairs)

    return same


def _is_number(value):
    return (
        type(value) is float
        or (type(value) is int and abs(value) < 2**1000)
        or (isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "fi")
    )


# --- Debug -----------------------------------------------------------------------------------------------


def fewer_gradients(gradient, steps):
    """For ``told`` of ``whole``: the name of an answer that stops before all steps are done.

    Args:
        gradient: place of the gradient, a ``Spy``, among the arguments.
        steps: function of the arguments, how many steps there are.
    """

    def told(seen):
        fewer = any(len(given[gradient].asked) < steps(*given) for _, _, given in seen)
        return tuple(map(tr, FEWER)) if fewer else NOTHING

    return told


class Mended:
    """A mended function that also knows the student's function which names the fault."""

    def __init__(self, function, named):
        self.function, self.named = function, named
        functools.update_wrapper(self, function)

    def __call__(self, *arguments):
        return self.function(*arguments)


@dataclass
class Debug(Exercise):
    """Code with one fault: the student mends it, and names the fault in a second function, ``fault_of_...``.

    The code that is handed out is the function below the decorator ``handed_out``; it is one of the known mistakes.

    Attributes:
        menu: ``{word: what code with that fault would do}``, the right word among them.
        fault: the right word.
        faulty: the function that is handed out.
    """

    menu: dict = field(default_factory=dict)
    fault: str = ""
    kind: str = "debug"
    faulty: Callable | None = None

    def __post_init__(self):
        super().__post_init__()
        if self.fault not in self.menu:
            raise ValueError(f"The menu of {self.id} lacks the fault itself, {self.fault!r}.")

    @property
    def functions(self):
        return self.function, f"fault_of_{self.function}"

    def joined(self, functions):
        return Mended(*functions)

    def run(self, function, seed, named=True):
        """As for every exercise; the name is asked for when the code earns something."""
        report = super().run(function, seed, named)
        if report.points or not isinstance(function, Mended):
            return report
        return super().run(function.function, seed, named)

    def handed_out(self, fails: str | tuple[str, ...]) -> Callable[[Callable], Callable]:
        """Decorate the code that students get; ``fails``: titles of the checks that it fails."""

        def add(function):
            self.faulty = self.mistake(AS_HANDED_OUT, fails, STILL_FAULTY)(function)
            return function

        return add

    def names_the_fault(self, points: float = 1, hint: str = later("Which word says what you changed?")) -> None:
        """Add the check of the name; it counts when another check passes."""
        self.check(NAMED, points, hint, supporting=True)(self._is_named)

    def _is_named(self, function, rng):
        named = getattr(function.function, "named", None)
        if named is not None:  # not asked of the known mistakes, which are about the code
            self._compare(Recorder(named)())

    def _compare(self, word):
        if not isinstance(word, str):
            raise Wrong(tr("The name of the fault is expected as text."), "NotOnMenu")
        words = {plain_word(entry): entry for entry in self.menu}
        said = plain_word(word)
        entry = words.get(said) or next(
            (one for one in self.menu if said in map(plain_word, in_any_language(one))), None
        )
        if entry is None:
            raise Wrong(tr("That is not on the menu: {words}.", words=", ".join(map(tr, self.menu))), "NotOnMenu")
        if entry != self.fault:
            raise Wrong(tr("It is not '{word}': {why}", word=tr(entry), why=tr(self.menu[entry])), "OtherFault")

    def body(self) -> str:
        """The lines of the code that is handed out, below its signature."""
        assert self.faulty is not None, f"{self.id} hands out no code: decorate it with handed_out."
        source = textwrap.dedent(inspect.getsource(self.faulty))
        tree = ast.parse(source).body[0]
        assert isinstance(tree, ast.FunctionDef)
        return "\n".join(source.splitlines()[tree.body[0].lineno - 1 : tree.end_lineno])


def plain_word(text):
    """A word of a menu without what does not matter: capitals, blanks around it, marks of quotation, underscores."""
    return " ".join(text.replace("_", " ").strip(" \t\n\"'.").casefold().split())[:100]


# --- Tune ------------------------------------------------------------------------------------------------


class Landscape:
    """A loss on a grid of settings; between the points of the grid it is interpolated, so that a trial costs nothing.

    Args:
        axes: for each setting its values on the grid, > 0, ascending; distances are those of the logarithms.
        losses: > 0, shape ``(len(axis), ...)``; runs that diverge have a large one.
    """

    def __init__(self, axes, losses):
        self.axes, self.losses = [np.log(axis) for axis in axes], np.log(losses)

    def __call__(self, *setting):
        """The loss at a setting; beyond the grid that at its edge. Raises ``ValueError`` for what is not > 0."""
        setting = np.array([float(value) for value in setting])
        if len(setting) != len(self.axes) or not np.all((setting > 0) & np.isfinite(setting)):
            raise ValueError(tr("A setting is {count} numbers larger than 0.", count=len(self.axes)))
        values = self.losses
        for axis, place in zip(self.axes, np.log(setting), strict=True):
            at = np.interp(place, axis, np.arange(len(axis)))
            low = min(int(at), len(axis) - 2)
            values = (1 - (at - low)) * values[low] + (at - low) * values[low + 1]
        return float(np.exp(values))

    @property
    def best(self):
        """The setting with the smallest loss on the grid."""
        places = np.unravel_index(np.argmin(self.losses), self.losses.shape)
        return np.exp([axis[place] for axis, place in zip(self.axes, places, strict=True)])


class Budget:
    """A landscape that can be asked so many times.

    Attributes:
        asked: the settings, in order, as arrays.
        values: what came out.
        over: whether it was asked more often.
    """

    def __init__(self, landscape, trials):
        self.landscape, self.trials = landscape, trials
        self.asked, self.values, self.over = [], [], False

    def __call__(self, *setting):
        setting = [point_asked(value).item() for value in setting]
        if len(self.asked) == self.trials:
            self.over = True
            raise ValueError(tr("The budget of {count} trials is spent.", count=self.trials))
        value = self.landscape(*setting)
        self.asked.append(np.array(setting))
        self.values.append(value)
        return value

    def result_of(self, function):
        """The setting that ``function(self, trials)`` returns, an array ``(number of settings,)``."""
        try:
            result = function(self, self.trials)
        except StudentError:
            if not self.over:
                raise
        if self.over:
            raise Wrong(tr("More than {count} trials were asked for.", count=self.trials), "OverBudget")
        count = len(self.landscape.axes)
        return shaped(result, (count,) if count > 1 else (), later("the setting")).astype(float).reshape(count)

    def kind(self, loss):
        """Which mistake that every exercise shares the search shows, if what it returned has this loss."""
        if not self.values:
            return "NoTrial"
        if min(self.values) < 0.99 * loss:
            return "TriedBetter"
        best = np.array(self.asked)[np.argmin(self.values)]
        at_the_edge = (best == np.min(self.asked, axis=0)) | (best == np.max(self.asked, axis=0))
        return "Edge" if np.any(at_the_edge) else "Value"


def tiers(exercise, landscapes, trials, levels, what, hint):
    """Checks that give points by how close an answer comes to the best of a grid; who passes one passes all wider ones.

    The student's function is called with a ``Budget`` and the number of trials, for each landscape.

    Args:
        exercise: ``Exercise`` of the kind "tune".
        landscapes: ``rng -> [Landscape, ...]``; all levels are asked about the same ones.
        trials: in each of them.
        levels: ``((factor, points), ...)``, the widest first; the worst of the landscapes counts.
        what: "The loss after 50 steps".
        hint: as for ``Exercise.check``.

    Returns the titles.
    """
    made = _once_for_a_seed(landscapes)
    titles = tuple(f"{what} is at most {factor:g} times that of the best in a grid" for factor, _ in levels)
    for title, (factor, points) in zip(titles, levels, strict=True):
        close_enough = functools.partial(_close_enough, made, trials, factor, what)
        exercise.check(title, points, hint, draws=what)(close_enough)
    return titles


def _once_for_a_seed(landscapes):
    """``landscapes``, made once for all levels and known mistakes, which get the same ``rng``."""
    known = {}

    def made(rng):
        place = rng.bit_generator.state["state"]["state"]
        if place not in known:
            known.clear()
            known[place] = landscapes(rng)
        return known[place]

    return made


def _close_enough(landscapes, trials, factor, what, function, rng):
    found = [_tuned(landscape, trials, function) for landscape in landscapes(rng)]
    ratio, kind, got, expected = max(found, key=lambda row: row[0])
    if not ratio <= factor:
        told = tr("{What} is more than {factor} times that of the best in a grid.", What=tr(what), factor=f"{factor:g}")
        raise Wrong(told, kind, got, expected)


def _tuned(landscape, trials, function):
    """``(ratio, kind, setting, best setting)`` of one search."""
    budget = Budget(landscape, trials)
    got, best = budget.result_of(function), landscape.best
    if not np.all(got > 0):
        raise Wrong(tr("A setting is larger than 0."), got=got)
    loss = landscape(*got)
    return loss / landscape(*best), budget.kind(loss), got, best
