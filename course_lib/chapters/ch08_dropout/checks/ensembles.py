"""Exercise 08-6: how much an ensemble of nets that err alike is worth, to be derived. Its oracle adds covariances."""

import numpy as np

from course_lib.chapters.ch08_dropout.checks.dropout import TOPICS
from course_lib.checks.compare import Wrong, close, several, shaped
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import whole

MEAN = "The variance of the mean of several nets is right"
NEEDED = "The smallest number of nets that reaches the target is right"
NEVER = "Where no number reaches it the answer is 0"
NAMES = ("the variance of the mean", "the number of nets")

ensemble = Exercise("08-6", "What an ensemble is worth", "ensemble_variance", kind="derive", topics=TOPICS)


def _of_mean(variance, correlation, number):
    """The variance of a mean: all covariances, ``number`` of them of a net with itself, over their number."""
    return (number * variance + (number**2 - number) * correlation * variance) / number**2


def _by_trying(variance, correlation, num_nets, target):
    numbers = np.arange(1.0, 2_000)
    found = numbers[_of_mean(variance, correlation, numbers) <= target]
    return _of_mean(variance, correlation, num_nets), float(found[0]) if len(found) else 0.0


def _pair(result):
    return tuple(result) if isinstance(result, np.ndarray) and result.shape == (2,) else several(result, NAMES)


def _same_number(got, expected):
    got = shaped(got, (), NAMES[1])
    if got != expected:
        raise Wrong("The number of nets is not what was expected.", got=got, expected=expected)


def _given(rng, number=None):
    """``(variance, correlation, num_nets, target)``; ``number`` nets reach the target, and one fewer does not."""
    variance, correlation = rng.uniform(0.5, 3.0), rng.uniform(0.1, 0.6)
    number = number or int(rng.integers(4, 30))
    few, more = (_of_mean(variance, correlation, n) for n in (max(number - 1, 1), number))
    target = (few + more) / 2 if number > 1 else 1.1 * variance
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
    for _ in range(2):
        given = _given(rng)
        close(_pair(ensemble_variance(*given))[0], _by_trying(*given)[0], NAMES[0])


@ensemble.check(NEEDED, points=2, hint="Solve for k, and round up.")
def nets_that_are_needed(ensemble_variance, rng):
    for number in (2, None, None):
        given = _given(rng, number)
        _same_number(_pair(ensemble_variance(*given))[1], _by_trying(*given)[1])


@ensemble.check(
    NEVER,
    points=1,
    hint="What remains of the variance with ever more nets? A target at or below that is not reached.",
    supporting=True,
)
def never_reached(ensemble_variance, rng):
    for share in (0.5, 0.9):
        variance, correlation, num_nets, _ = _given(rng)
        given = variance, correlation, num_nets, share * correlation * variance
        _same_number(_pair(ensemble_variance(*given))[1], 0.0)


def _settings(rng):
    """Nets that err alike, a little, not at all; one net and over a hundred; targets for one net, and for none."""
    drawn = [_given(rng, number) for number in (None, None, 1, 2, int(rng.integers(150, 200)))]
    variance, _, _, _ = _given(rng)
    alone = [(variance, 0.0, 10, variance / 6.5), (variance, 0.0, 1, variance / 40.5), (2.0, 1.0, 5, 1.5)]
    borders = [(2.0, 1.0, 4, 2.5), (1.0, 0.5, 7, 0.5)]  # nets that are all alike, and a target that is only approached
    return [*drawn, *alone, *borders, (1.0, 0.5, 7, 0.4), (1.0, 0.9, 3, 2.0)]


def _same(result, expected, given, mine):
    variance, number = _pair(result)
    close(variance, expected[0], NAMES[0])
    _same_number(number, expected[1])


whole(ensemble, _by_trying, _settings, NAMES, _same)


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
    (
        "a negative number of nets",
        NEVER,
        "Below correlation * variance no number of nets is enough: the answer is 0.",
        {"none": -1.0},
    ),
):
    ensemble.mistake(name, fails, says)(_made(**switches))
