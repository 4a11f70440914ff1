"""Which known mistakes a failed report looks like.

A name is given only where it explains: the mistake fails every check of its own as the answer does, and the names
together say why each check failed. Two faults are both named, or neither. What every exercise shares (a result that
is what was given, an argument without effect) is said where nothing in the bank fits.

Two answers may come to the same on one draw of inputs, and to different results on the next. So what a name says has
to hold on several draws, which are the same whatever seed was marked. Only which checks are to be explained depends on
that seed.
"""

import inspect
from dataclasses import dataclass

import numpy as np

from course_lib.checks.calls import Spy
from course_lib.checks.compare import NOTHING, Wrong, alike, numbers
from course_lib.checks.generic import GENERIC
from course_lib.checks.tensors import is_tensor
from course_lib.settings.language import tr

UNNAMED = ("NotWritten", "NotYet", "CheckError", "OffLimits")  # there is no behaviour to compare with known mistakes
FORM = ("None", "NotNumbers", "Shape", "Count")  # what came out has not the form of a result: nothing is told of it
OVERRIDING = (
    "Integer",
    "Switched",
    "Kept",
)  # rounding hides what else was done; of the others no known mistake is told
SLOW = ("TimeLimit", "MemoryLimit", "Died")  # each costs the limit once more
VISIBLE_SEED = 2026  # of the inputs of the notebook's own check
DRAWS = (VISIBLE_SEED, VISIBLE_SEED + 1)  # seeds of the inputs on which names are found
OTHERS = (0.83, -0.83, 30.0, 1 / 30)  # times an argument: whole numbers do not see a little more or less


def parameters(exercise):
    """The names of the function's arguments, as its mistakes have them."""
    return list(inspect.signature(exercise.mistakes[0].function).parameters) if exercise.mistakes else []


class Names:
    """``of_all(kinds)``: ``(name, what to do about it)`` for each check; nothing is run unless something failed.

    Args:
        exercise: an ``Exercise``.
        function: what was tried.
        tried: ``(function, seed) -> [trial, ...]`` of its checks, in their order.
        run: ``(check, function, seed, learners) -> trial``.
        begun: ``{seed: [trial, ...]}`` of what was tried already.
    """

    def __init__(self, exercise, function, tried, run, begun):
        self.exercise, self.function, self.tried, self.run, self.begun = exercise, function, tried, run, begun
        self.draws, self.known, self.without_effect, self.fact = {}, {}, None, None

    def of_all(self, kinds):
        if all(kind in ("", "NotWritten") for kind in kinds) or any(kind in SLOW for kind in kinds):
            return [GENERIC.get(kind, NOTHING) for kind in kinds]
        self.draws = {seed: self.begun.get(seed) or self.tried(self.function, seed) for seed in DRAWS}
        whole = "Integer" not in kinds or self._whole_numbers()
        kinds = [kind if whole or kind != "Integer" else "Value" for kind in kinds]
        places = [i for i, kind in enumerate(kinds) if kind]
        named = self._from_the_bank([i for i in places if kinds[i] not in UNNAMED + OVERRIDING], kinds)
        return [
            (named[i].name, named[i].says) if i in named else self._shared(i, kinds) if kind else NOTHING
            for i, kind in enumerate(kinds)
        ]

    def _whole_numbers(self):
        """Whether one of the results is whole in every call: that of ``max(0, ...)`` is where it is 0 only."""
        results = [call.result for trials in self.draws.values() for t in trials for call in t.calls if not call.error]
        columns = zip(*(r if isinstance(r, (tuple, list)) else (r,) for r in results), strict=False)
        return any(all(map(_is_whole, column)) for column in columns)

    # --- The exercise's own bank ---------------------------------------------------------------------------------

    def _from_the_bank(self, places, kinds):
        """``{place of a check: mistake}``; empty where the mistakes that fit leave a failed check unexplained."""
        narrow = [i for i in places if not self.exercise.checks[i].whole]
        fitting = [mistake for mistake in self.exercise.mistakes if self._fits(mistake)] if places else []
        named = {i: best for i in narrow if (best := self._best(i, fitting))}
        if any(i not in named and kinds[i] == "Value" and not self.exercise.checks[i].aside for i in narrow):
            return {}
        for i in set(places) - set(narrow):
            said = list({mistake.function: mistake for mistake in named.values()}.values())
            best = self._best(i, said or [mistake for mistake in fitting if self._alike(mistake, i)])
            if (
                said
                and not best
                and len(said) == 1
                and kinds[i] in ("Value", "Shape")
                and not self._stands_aside(said[0])
            ):
                return {}  # something else is wrong, too
            if best or said:
                named[i] = best or said[0]
        return named

    def _stands_aside(self, mistake):
        return all(check.aside for check in self.exercise.checks if check.title in mistake.fails)

    def _best(self, i, mistakes):
        """Of the mistakes that fail check ``i`` as the answer does, the one that is like it in the most checks."""
        title = self.exercise.checks[i].title
        listed = [m for m in mistakes if title in self.exercise.failed_by(m) and self._fails_alike(m, i)]
        return max(listed, key=self._count_alike, default=None) if len(listed) > 1 else (listed or [None])[0]

    def _fits(self, mistake):
        """Whether the answer fails every check of the mistake's as it does: in one alone others may look like it."""
        titles = mistake.fails or self.exercise.failed_by(mistake)
        places = [i for i, check in enumerate(self.exercise.checks) if check.title in titles]
        if any(self._passed(i) and not self.exercise.checks[i].supporting for i in places):
            return False  # known without trying it: the mistake fails a check that the answer passes
        # A known mistake has no name for the fault in code to be mended: there it is not called.
        return all(self._fails_alike(mistake, i) for i in places if self._known(mistake, i, DRAWS[0]).calls)

    def _passed(self, i):
        return any(trials[i].error is None for trials in self.draws.values())

    def _known(self, mistake, i, seed):
        if (mistake.function, i, seed) not in self.known:
            self.known[mistake.function, i, seed] = self.run(self.exercise.checks[i], mistake.function, seed, False)
        return self.known[mistake.function, i, seed]

    def _alike(self, mistake, i):
        """Whether the answer did in check ``i`` all that the mistake does."""
        return all(self._alike_in(mistake, i, seed) for seed in DRAWS)

    def _alike_in(self, mistake, i, seed):
        return self.draws[seed][i].like(self._known(mistake, i, seed), self.exercise.same)

    def _fails_alike(self, mistake, i):
        """The same, or that what was found wrong is wrong in the same way, whatever the other results are."""
        return all(self._fails_alike_in(mistake, i, seed) for seed in DRAWS)

    def _fails_alike_in(self, mistake, i, seed):
        one, other = self.draws[seed][i].error, self._known(mistake, i, seed).error
        if _judged(one) and _judged(other) and one.sentence == other.sentence:
            return (alike(one.got, other.got) and not _nothing_but_0(one.got)) or self._alike_in(mistake, i, seed)
        passed = one is None or getattr(one, "kind", "") == "NotYet"
        return passed == (other is None) and self._alike_in(mistake, i, seed)

    def _count_alike(self, mistake):
        return sum(self._alike(mistake, i) for i in range(len(self.exercise.checks)))

    # --- What every exercise shares ------------------------------------------------------------------------------

    def _shared(self, i, kinds):
        """The diagnosis of what a check found without the bank."""
        kind = kinds[i]
        if kind not in UNNAMED + OVERRIDING + FORM and (told := self._told(i)) != NOTHING:
            return told
        if kind in ("Shape", "Count") and not self._always(i, kind):
            kind = "Value"  # as it is for other inputs
        called = all(trials[i].calls for trials in self.draws.values())
        if self.exercise.checks[i].aside or kind not in ("Value", "Shape", "Count") or not called:
            return GENERIC.get(kind, NOTHING)
        if kind != "Value":
            fact = self._fact()
            return fact if fact != NOTHING else GENERIC.get(kind, NOTHING)
        if self._gives_back():
            return GENERIC["Same"]
        if self._remembers(i):
            return GENERIC["Remembers"]
        if (fact := self._fact()) != NOTHING:
            return fact
        if ignored := self._ignored():
            name, says = GENERIC["Ignored"]
            return name, tr("{name} has no effect on what comes out, in no check. {says}", name=ignored, says=tr(says))
        return NOTHING

    def _always(self, i, kind):
        """Whether a check ends alike on every draw."""
        return all(getattr(trials[i].error, "kind", "") == kind for trials in self.draws.values())

    def _told(self, i):
        """What the check itself has found true of the results (``facts.telling``); the whole repeats the others'."""
        return _agreed(self._told_in(i, trials) for trials in self.draws.values())

    def _told_in(self, i, trials):
        here = range(len(trials)) if self.exercise.checks[i].whole else ()
        found = (getattr(trials[k].error, "told", NOTHING) for k in (i, *here))
        return next((told for told in found if told != NOTHING), NOTHING)

    def _fact(self):
        """What the results of the whole have in common with the right ones; found out when it is needed."""
        if self.fact is None:
            self.fact = _agreed(self._fact_in(trials) for trials in self.draws.values())
        return self.fact

    def _fact_in(self, trials):
        rows = zip(self.exercise.checks, trials, strict=True)
        error = next((trial.error for check, trial in rows if check.whole), None)
        found = getattr(error, "fact", None)
        return found(parameters(self.exercise)) if found else NOTHING

    def _gives_back(self):
        """Whether all that came out, in every call of every check, has the values of something that was given."""
        calls = [call for trials in self.draws.values() for trial in trials for call in trial.calls]
        return all(not call.error and _same_as_given(call) for call in calls)

    def _remembers(self, i):
        """Whether the same check, run once more, finds the function doing something else."""
        seed = DRAWS[0]
        again = self.run(self.exercise.checks[i], self.function, seed, True)
        return not self.draws[seed][i].like(again, self.exercise.same)

    def _ignored(self):
        """The first number or array among the arguments that changes nothing in any check, though it does in most of
        the known mistakes (each is right but for one thing); "" if there is none."""
        if self.without_effect is None:
            trials = self.draws[DRAWS[0]]
            first = [trial.calls[0] for trial in trials if trial.calls and not trial.calls[0].error]
            names = parameters(self.exercise)
            width = min([len(names), *(len(call.given) for call in first)]) if first else 0
            found = (i for i in range(width) if all(self._no_effect(call, i) for call in first))
            given = [call.given for call in first]
            self.without_effect = next((names[i] for i in found if self._matters(given, i)), "")
        return self.without_effect

    def _matters(self, arguments, place):
        """Whether most known mistakes notice an argument: a bias that no penalty touches has no effect by right."""
        trials = [
            (
                mistake.function,
                self.run(_Quiet(lambda run: [run(*given) for given in arguments]), mistake.function, DRAWS[0], True),
            )
            for mistake in self.exercise.mistakes
        ]
        noticed = sum(
            not all(self._no_effect(call, place, function) for call in trial.calls)
            for function, trial in trials
            if not trial.error
        )
        return 2 * noticed > len(trials)

    def _no_effect(self, call, place, function=None):
        """Whether other values of one argument, of either sign and of other sizes, give the same result and ask its
        functions at the same points, or there are none to be tried."""
        value = call.given[place]
        if not isinstance(value, float) and not (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
            return False
        if np.all(value == 0):
            return True
        return all(self._same_result(call, place, value * factor, function) for factor in OTHERS)

    def _same_result(self, call, place, value, function):
        given = (*call.given[:place], value, *call.given[place + 1 :])
        one, other = (self._traced(function or self.function, arguments) for arguments in (call.given, given))
        return one is not None and other is not None and alike(one, other)

    def _traced(self, function, given):
        """``[result, points at which the functions among the arguments were asked]`` of one call, None if it failed."""
        spies = [value for value in given if isinstance(value, Spy)]
        before = [len(spy.asked) for spy in spies]
        trial = self.run(_Quiet(lambda run: run(*given)), function, DRAWS[0], True)
        if trial.error:
            return None
        return [trial.calls[0].result, [spy.asked[n:] for spy, n in zip(spies, before, strict=True)]]


def _agreed(found):
    """What all of ``found`` say, ``("", "")`` if they do not say the same."""
    said = set(found)
    return said.pop() if len(said) == 1 else NOTHING


def _is_whole(value):
    return isinstance(value, (int, np.integer)) or (isinstance(value, np.ndarray) and value.dtype.kind in "biu")


def _judged(error):
    """Whether a check has found a value wrong and shows it."""
    return isinstance(error, Wrong) and error.kind in ("Value", "Shape") and error.got is not None


def _nothing_but_0(value):
    """Whether a result is 0 everywhere, which many mistakes come to."""
    try:
        return not np.any(numbers(value))
    except Wrong:
        return False


@dataclass(frozen=True)
class _Quiet:
    """A check without a verdict: ``(function)`` is only run."""

    calls: object
    title: str = ""
    chance: str = ""

    def run(self, function, rng):
        self.calls(function)


def _same_as_given(call):
    """Whether each result has the values of one of the arrays that were given."""
    results = call.result if isinstance(call.result, (tuple, list)) else (call.result,)
    arrays = [value for value in call.given if isinstance(value, (np.ndarray, float)) or is_tensor(value)]
    same = all(any(alike(result, array) for array in arrays) for result in results)
    return bool(arrays) and len(results) > 0 and same
