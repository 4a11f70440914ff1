"""Exercise 08-6: how much an ensemble of nets that err alike is worth, to be derived. Its oracle adds covariances."""

from bisect import bisect_left

import numpy as np

from course_lib.chapters.ch08_dropout.checks.dropout import TOPICS
from course_lib.checks.compare import Wrong, close, several_numbers, shaped
from course_lib.checks.facts import telling
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import whole

MEAN = "The variance of the mean of several nets is right"
NEEDED = "The smallest number of nets that reaches the target is right"
NEVER = "Where no number reaches it the answer is 0"
NAMES = ("the variance of the mean", "the number of nets")
BOTH = (MEAN, NEEDED, NEVER)
MOST = 10**6  # nets that are tried: no target asks for as many

ensemble = Exercise("08-6", "What an ensemble is worth", "ensemble_variance", kind="derive", topics=TOPICS)


def _of_mean(variance, correlation, number):
    """The variance of a mean: all covariances, ``number`` of them of a net with itself, over their number."""
    return (number * variance + (number**2 - number) * correlation * variance) / number**2


def _first(mean, variance, correlation, target):
    """The smallest number of nets whose ``mean(variance, correlation, number)`` is at most the target; 0 if none is."""
    tried = range(1, MOST)
    number = 1 + bisect_left(tried, True, key=lambda k: bool(mean(variance, correlation, k) <= target))
    return float(number) if number < MOST else 0.0


def _by_trying(variance, correlation, num_nets, target):
    return _of_mean(variance, correlation, num_nets), _first(_of_mean, variance, correlation, target)


def _same_number(got, expected):
    got = shaped(got, (), NAMES[1])
    if got != expected:
        raise Wrong("The number of nets is not what was expected.", got=got, expected=expected)


def _given(rng, number=None, small=False):
    """``(variance, correlation, num_nets, target)``; ``number`` nets reach the target, and one fewer does not.

    ``small``: whether the variance is below 1; near 1 its square, and it itself times anything, would be the same.
    """
    variance, correlation = rng.uniform(0.2, 0.45) if small else rng.uniform(1.5, 3.0), rng.uniform(0.1, 0.45)
    number = number or int(rng.integers(4, 30))
    few, more = (_of_mean(variance, correlation, n) for n in (max(number - 1, 1), number))
    target = few + (0.2 if small else 0.8) * (more - few) if number > 1 else 1.1 * variance
    return float(variance), float(correlation), int(rng.integers(3, 10)), float(target)


@ensemble.check(
    MEAN,
    points=2,
    hint=(
        "The variance of a sum is the sum of all entries of the covariance matrix. How many are on its diagonal?",
        "(k variance + k (k - 1) correlation * variance) / k^2",
    ),
)
def variance_of_the_mean(ensemble_variance, rng):
    for small in (True, False):
        given = _given(rng, small=small)
        close(several_numbers(ensemble_variance(*given), NAMES)[0], _by_trying(*given)[0], NAMES[0])


@ensemble.check(NEEDED, points=2, hint="Solve for k, and round up.")
def nets_that_are_needed(ensemble_variance, rng):
    for number, small in ((2, True), (None, False), (None, True)):
        given = _given(rng, number, small)
        _same_number(several_numbers(ensemble_variance(*given), NAMES)[1], _by_trying(*given)[1])


@ensemble.check(
    NEVER,
    points=1,
    hint="What remains of the variance with ever more nets? A target at or below that is not reached.",
    supporting=True,
)
def never_reached(ensemble_variance, rng):
    for share, small in ((0.5, True), (0.9, False)):
        variance, correlation, num_nets, _ = _given(rng, small=small)
        given = variance, correlation, num_nets, share * correlation * variance
        found = several_numbers(ensemble_variance(*given), NAMES)[1]
        with telling(lambda found=found: found < 0, *NEGATIVE), telling(lambda found=found: found > 0, *IN_VAIN):
            _same_number(found, 0.0)


def _settings(rng):
    """Nets that err alike, a little, not at all; one net and thousands; targets for one net, and for none.

    Of the last ones all numbers are exact in binary: the target is reached, or only approached, to the last digit.
    """
    drawn = [
        _given(rng, number, small)
        for number, small in (
            (None, False),
            (None, True),
            (1, True),
            (2, False),
            (int(rng.integers(110_000, 140_000)), False),
        )
    ]
    variance, _, _, _ = _given(rng)
    alone = [(variance, 0.0, 10, variance / 6.5), (variance, 0.0, 1, variance / 40.5), (2.0, 1.0, 5, 1.5)]
    borders = [(2.0, 1.0, 4, 2.5), (2.0, 1.0, 4, 2.0), (1.0, 0.5, 7, 0.5), (2.0, 0.5, 7, 1.25), (4.0, 0.25, 3, 1.5)]
    return [*drawn, *alone, *borders, *_beside(rng), (1.0, 0.5, 7, 0.4), (1.0, 0.9, 3, 2.0)]


def _beside(rng):
    """Targets a millionth of the way below what some nets reach, and above what one more reaches."""
    variance, correlation, num_nets, _ = _given(rng)
    few, more = (_of_mean(variance, correlation, n) for n in (7, 8))
    return [(variance, correlation, num_nets, few + share * (more - few)) for share in (1e-6, 1 - 1e-6)]


def _same(result, expected, given, mine):
    variance, number = several_numbers(result, NAMES)
    close(variance, expected[0], NAMES[0])
    _same_number(number, expected[1])


whole(ensemble, _by_trying, _settings, NAMES, _same, again=True)


IN_VAIN = (
    "many nets where none reach it",
    "Below correlation * variance no number of nets is enough: the answer is 0.",
)
NEGATIVE = (
    "a negative number of nets",
    "Below correlation * variance no number of nets is enough: the answer is 0.",
)


def _left(variance, correlation, number):
    return correlation * variance + (1 - correlation) * variance / number


def _not_rounded(variance, correlation, target):
    """The number of nets, not rounded; 0 where none is enough."""
    apart = target - correlation * variance
    return 1.0 if target >= variance else (1 - correlation) * variance / apart if apart > 0 else 0.0


def _made(mean=_left, number=_not_rounded, rounded=lambda found: np.ceil(found - 1e-9), none=0.0):
    """An answer with its faults as switches; ``none``: what comes where no number is enough."""

    def answer(variance, correlation, num_nets, target):
        found = number(variance, correlation, target)
        return float(mean(variance, correlation, num_nets)), float(rounded(found) if found > 0 else none)

    return answer


for name, fails, says, switches in (
    (
        "errors taken as independent",
        MEAN,
        "variance / k holds for errors that have nothing in common: here they are correlated.",
        {"mean": lambda v, c, k: v / k},
    ),
    (
        "each pair counted once",
        MEAN,
        "Net 1 with net 2 and net 2 with net 1: k (k - 1) entries off the diagonal.",
        {"mean": lambda v, c, k: v / k + (k - 1) / 2 * c * v / k},
    ),
    (
        "all pairs, with themselves",
        MEAN,
        "There are k (k - 1) pairs of two different nets, not k^2.",
        {"mean": lambda v, c, k: v / k + c * v},
    ),
    (
        "one net fewer below the line",
        MEAN,
        "The sum of k errors is divided by k, all of them: k - 1 is for a variance that is estimated.",
        {"mean": lambda v, c, k: c * v + (1 - c) * v / max(1, k - 1)},
    ),
    (
        "the variance of the sum",
        MEAN,
        "The mean is the sum divided by k: its variance is divided by k^2.",
        {"mean": lambda v, c, k: k**2 * _left(v, c, k)},
    ),
    (
        "divided by k once",
        MEAN,
        "The mean is the sum divided by k: its variance is divided by k^2, not by k.",
        {"mean": lambda v, c, k: k * _left(v, c, k)},
    ),
    (
        "the standard deviation",
        MEAN,
        "The variance is asked for: no root.",
        {"mean": lambda v, c, k: _left(v, c, k) ** 0.5},
    ),
    (
        "what is left in the end",
        MEAN,
        "With k nets the part that they do not share is still there, divided by k.",
        {"mean": lambda v, c, k: c * v},
    ),
    (
        "the correlation without the variance",
        MEAN,
        "A covariance is correlation * variance: the correlation has no unit.",
        {"mean": lambda v, c, k: v / k + (k - 1) * c / k},
    ),
    (
        "as many as if they were independent",
        NEEDED,
        "The common part of the errors does not shrink: subtract it from the target first.",
        {"number": lambda v, c, t: v / t if t > c * v else 0.0},
    ),
    ("rounded down", NEEDED, "With so many nets the target is not reached yet: round up.", {"rounded": np.floor}),
    (
        "one net too many",
        NEEDED,
        "Round up, and add nothing.",
        {"rounded": lambda found: np.ceil(found - 1e-9) + 1},
    ),
    (
        "rounded to the nearest",
        NEEDED,
        "With the next whole number below the target is not reached yet, however near it is: round up.",
        {"rounded": lambda found: np.round(found) if found > 1 else 1.0},
    ),
    ("not rounded", NEEDED, "A number of nets is whole: round up.", {"rounded": lambda found: found}),
    (
        "the whole variance above the line",
        NEEDED,
        "Only the part that nets do not share, (1 - correlation) variance, is divided by k.",
        {"number": lambda v, c, t: v / (t - c * v) if t > c * v else 0.0},
    ),
    (
        "many nets where none reach it",
        NEVER,
        "Below correlation * variance no number of nets is enough: the answer is 0.",
        {"none": 1e6},
    ),
    (*NEGATIVE[:1], NEVER, *NEGATIVE[1:], {"none": -1.0}),
    (
        "the target must be undercut",
        WHOLE,
        "With the target itself it is reached: at most, not less than.",
        {"rounded": lambda found: np.floor(found + 1e-9) + 1 if found > 1 else 1.0},
    ),
    (
        "a limit on the number of nets",
        WHOLE,
        "The search ends before the target is reached: solve for the number, or let it go on.",
        {"rounded": lambda found: np.ceil(found - 1e-9) if found <= 1000 else 0.0},
    ),
):
    ensemble.mistake(name, fails, says)(_made(**switches))


@ensemble.mistake(
    "not fewer than there are",
    NEEDED,
    "The smallest number that is enough is asked for, however many nets there are.",
)
def not_fewer_than_there_are(variance, correlation, num_nets, target):
    value, number = _made()(variance, correlation, num_nets, target)
    return value, max(number, num_nets) if number else 0.0


@ensemble.mistake(
    "no net where one is enough",
    WHOLE,
    "Where the target is at least the variance of a single net, one net is enough: it takes no fewer than 1.",
)
def no_net_where_one_is_enough(variance, correlation, num_nets, target):
    apart = target - correlation * variance
    number = np.ceil((1 - correlation) * variance / apart - 1e-9) if apart > 0 else 0.0
    return _left(variance, correlation, num_nets), float(number)


@ensemble.mistake(
    "no net where one is enough",
    WHOLE,
    "Where the target is at least the variance of a single net, one net is enough: it takes no fewer than 1.",
)
def none_where_one_is_enough(variance, correlation, num_nets, target):
    value, number = _made()(variance, correlation, num_nets, target)
    return value, number if target < variance else 0.0


@ensemble.mistake(
    "the formula beyond its range",
    NEVER,
    "Where target - correlation * variance is not above 0 there is nothing to divide by: the answer is 0.",
)
def formula_beyond_its_range(variance, correlation, num_nets, target):
    apart = target - correlation * variance
    number = np.ceil((1 - correlation) * variance / apart - 1e-9) if apart else 0.0
    return _left(variance, correlation, num_nets), float(number if target < variance else 1.0)


def _in_both(mean):
    """An answer with one wrong variance, and the number of nets that follows from it."""
    return lambda variance, correlation, num_nets, target: (
        float(mean(variance, correlation, num_nets)),
        _first(mean, variance, correlation, target),
    )


for name, says, mean in (
    (
        "errors taken as independent, in both results",
        "variance / k holds for errors that have nothing in common: here a part is shared, and does not shrink.",
        lambda v, c, k: v / k,
    ),
    (
        "each pair counted once, in both results",
        "Net 1 with net 2 and net 2 with net 1: k (k - 1) entries off the diagonal.",
        lambda v, c, k: v / k + (k - 1) / 2 * c * v / k,
    ),
    (
        "all pairs with themselves, in both results",
        "There are k (k - 1) pairs of two different nets, not k^2.",
        lambda v, c, k: v / k + c * v,
    ),
    (
        "the correlation without the variance, in both results",
        "A covariance is correlation * variance: the correlation has no unit.",
        lambda v, c, k: v / k + (k - 1) * c / k,
    ),
    (
        "the correlation squared",
        "A covariance is correlation * variance: nothing is squared.",
        lambda v, c, k: c**2 * v + (1 - c**2) * v / k,
    ),
    (
        "the variance squared",
        "variance is a square already, sigma^2: it is not squared again.",
        lambda v, c, k: c * v**2 + (1 - c) * v**2 / k,
    ),
    (
        "what is shared divided, too",
        "Only what the errors do not share averages out: correlation * variance stays, however many nets there are.",
        lambda v, c, k: (1 + c) * v / k,
    ),
    (
        "the weights the wrong way round",
        "The share correlation of the variance stays, the share 1 - correlation is divided by the number of nets.",
        lambda v, c, k: (1 - c) * v + c * v / k,
    ),
):
    ensemble.mistake(name, BOTH, says)(_in_both(mean))
