"""Exercise 08-8: the L2 penalty that comes closest to the truth, to be derived. Its oracle tries and narrows down."""

import math

import numpy as np

from course_lib.chapters.ch08_dropout.checks.dropout import TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close, several_numbers
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import either_sign, whole, wide

NAMES = ("the penalty", "what is left")
PENALTY = "No other penalty has a smaller expected error"
LEFT = "What is left is compared with the error of no penalty"
QUIET = "Without noise no penalty is best"
PURE = "The arrays that were given are left as they were"

penalty = Exercise("08-8", "The penalty that is worth it", "best_penalty", kind="derive", topics=TOPICS)


def _error(share, truth, deviation):
    """Expected squared distance from the truth, where ``share`` of every coordinate of the minimum is left."""
    return sum((share * t - t) ** 2 + (share * d) ** 2 for t, d in zip(truth, deviation, strict=True))


def _by_trying(truth, deviation, curvature):
    """The share is searched between 0 and 1, by thirds; the penalty is what leaves it."""
    truth, deviation = (np.ravel(part).tolist() for part in (truth, deviation))
    if not any(deviation):
        return 0.0, 1.0
    low, high = 0.0, 1.0
    for _ in range(90):
        one, other = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, other) if _error(one, truth, deviation) < _error(other, truth, deviation) else (one, high)
    share = _vertex(truth, deviation, (low + high) / 2)
    return curvature / share - curvature, _error(share, truth, deviation) / _error(1.0, truth, deviation)


def _vertex(truth, deviation, near, step=0.25):
    """Where the parabola through three errors around ``near`` is lowest: floats are too coarse for thirds."""
    below, here, above = (_error(near + k * step, truth, deviation) for k in (-1, 0, 1))
    return near + step * (below - above) / (2 * (below - 2 * here + above))


def _drawn(rng, size):
    """``(truth, deviation, curvature)``: noise of about the size of what is true."""
    truth = either_sign(rng, 0.5, 2.0, size)
    return truth, rng.uniform(0.3, 1.5, size), float(rng.choice([0.2, 0.3, 3.0, 5.0]))


def _compare(best_penalty, given, place):
    got, right = several_numbers(best_penalty(*given), NAMES), _by_trying(*given)
    close(got[place], right[place], NAMES[place])


def _cases(rng):
    """One coordinate and many, noise far smaller and larger than the truth, both tiny, coordinates that are
    0 or have no noise."""
    cases = [_drawn(rng, size) for size in (1, 2, 7)]
    truth, deviation, curvature = _drawn(rng, 5)
    cases += [(truth, 0.1 * deviation, curvature), (truth, 5 * deviation, 1.0), (truth, 30 * deviation, 0.5)]
    cases.append((truth, 4e-3 * deviation, curvature))
    some = wide(rng, 6)
    some[:2], some[-1] = (0.0, 1.0), 0.8  # the first is noise alone, the last has none
    cases.append((3e-5 * truth, 2e-5 * deviation, curvature))
    return [*cases, (some, np.abs(some[::-1]), 0.7), (truth, 0 * deviation, curvature)]


whole(penalty, _by_trying, _cases, NAMES)


@penalty.check(
    PENALTY,
    points=3,
    hint=(
        "Write the expected squared distance from the truth with the share k of (8.3): (1 - k) of what is true is "
        "lost, and k of the noise stays.",
        "(1 - k)^2 sum truth^2 + k^2 sum deviation^2 is smallest at k = sum truth^2 / (sum truth^2 + sum deviation^2).",
    ),
)
def smallest_error(best_penalty, rng):
    for size in (1, 4):
        _compare(best_penalty, _drawn(rng, size), 0)


@penalty.check(
    LEFT,
    points=2,
    hint=(
        "Without a penalty the expected error is the sum of all variances.",
        "Put the best k into the error, and divide by that sum.",
    ),
)
def share_of_the_error(best_penalty, rng):
    for size in (1, 4):
        _compare(best_penalty, _drawn(rng, size), 1)


@penalty.check(QUIET, points=1, hint="All deviations 0: then the minimum is the truth, (0, 1).", supporting=True)
def nothing_to_gain(best_penalty, rng):
    truth, deviation, curvature = _drawn(rng, 3)
    got = several_numbers(best_penalty(truth, 0 * deviation, curvature), NAMES)
    for part, right, name in zip(got, (0.0, 1.0), NAMES, strict=True):
        close(part, right, name)


@penalty.check(
    PURE, points=1, hint="truth **= 2 changes the array that was given: truth**2 makes a new one.", aside=True
)
def arrays_stay(best_penalty, rng):
    leaves_inputs_alone(best_penalty, *_drawn(rng, 4), other=_drawn(rng, 4))


def _sums(truth, deviation):
    return np.sum(np.square(truth)), np.sum(np.square(deviation))


def _made(
    penalty=lambda true, noise, curvature: curvature * noise / true,
    left=lambda true, noise: true / (true + noise),
    sums=_sums,
):
    """An answer with its faults as switches."""

    def answer(truth, deviation, curvature):
        right, counted = _sums(truth, deviation), sums(truth, deviation)
        return float(penalty(*counted, curvature)), float(left(*right))

    return answer


for name, fails, says, switches in (
    (
        "curvature left out",
        PENALTY,
        "The steeper the loss, the less the same penalty shrinks: it must grow with the curvature.",
        {"penalty": lambda true, noise, curvature: noise / true},
    ),
    (
        "divided by the curvature",
        PENALTY,
        "The steeper the loss, the less the same penalty shrinks: it must grow with the curvature.",
        {"penalty": lambda true, noise, curvature: noise / true / curvature},
    ),
    (
        "the other way round",
        PENALTY,
        "More noise needs more penalty, larger coordinates need less.",
        {"penalty": lambda true, noise, curvature: curvature * true / noise if noise else 0.0},
    ),
    (
        "deviations added up",
        PENALTY,
        "Variances add up, deviations do not: square each of them first.",
        {"sums": lambda truth, deviation: (np.sum(np.square(truth)), np.sum(deviation))},
    ),
    (
        "sizes in place of squares",
        PENALTY,
        "What counts is a squared distance: square the coordinates, too.",
        {"sums": lambda truth, deviation: (np.sum(np.abs(truth)), np.sum(np.square(deviation)))},
    ),
    (
        "sizes in place of both squares",
        PENALTY,
        "What counts is a squared distance: square coordinates and deviations before they are added up.",
        {"sums": lambda truth, deviation: (np.sum(np.abs(truth)), np.sum(deviation))},
    ),
    (
        "the root of the penalty",
        PENALTY,
        "The penalty is held against the squares themselves: no root.",
        {"penalty": lambda true, noise, curvature: curvature * math.sqrt(noise / true)},
    ),
    (
        "the noise added to the truth",
        PENALTY,
        "sum truth^2 + sum deviation^2 is what the minimum's own square is on average; the noise is held against the "
        "truth alone.",
        {"penalty": lambda true, noise, curvature: curvature * noise / (true + noise)},
    ),
    (
        "the noise taken from the truth",
        PENALTY,
        "truth is what is true: its squares have no noise in them that could be taken off.",
        {"penalty": lambda true, noise, curvature: curvature * noise / (true - noise)},
    ),
    (
        "the share in place of the penalty",
        PENALTY,
        "That is the share k which should be left. The penalty is what leaves it, (8.3).",
        {"penalty": lambda true, noise, curvature: true / (true + noise) if noise else 0.0},
    ),
    (
        "what is gained",
        (LEFT, QUIET),
        "Asked for is what is left of the error, not what is gained.",
        {"left": lambda true, noise: noise / (true + noise)},
    ),
    (
        "the part that is gained",
        LEFT,
        "Asked for is what is left of the error, not what is gained.",
        {"left": lambda true, noise: noise / (true + noise) if noise else 1.0},
    ),
    (
        "the error itself",
        LEFT,
        "Divide by the error of no penalty.",
        {"left": lambda true, noise: true * noise / (true + noise) if noise else 1.0},
    ),
    (
        "the noise alone",
        LEFT,
        "k^2 of the noise stays, but (1 - k)^2 of the truth is lost with it.",
        {"left": lambda true, noise: (true / (true + noise)) ** 2},
    ),
    (
        "a distance in place of its square",
        LEFT,
        "The error is the squared distance: no root.",
        {"left": lambda true, noise: math.sqrt(true / (true + noise))},
    ),
):
    penalty.mistake(name, fails, says)(_made(**switches))


penalty.mistake(
    "what is lost of the truth alone",
    (LEFT, QUIET),
    "(1 - k)^2 of the truth is lost, but k^2 of the noise stays with it.",
)(_made(left=lambda true, noise: true * noise / (true + noise) ** 2))


@penalty.mistake(
    "the mean of the variances",
    (PENALTY, LEFT, QUIET, PURE),
    "Both sums run over the same coordinates: add the variances up, as the squares of the truth, and take no mean.",
)
def mean_of_the_variances(truth, deviation, curvature):
    true, noise = np.sum(np.square(truth)), np.mean(np.square(deviation))
    return float(curvature * noise / true), float(true / (true + noise))


penalty.mistake(
    "the error itself",
    (LEFT, QUIET),
    "Divide by the error of no penalty.",
)(_made(left=lambda true, noise: true * noise / (true + noise)))


@penalty.mistake(
    "deviations added up",
    (PENALTY, LEFT, QUIET, PURE),
    "Variances add up, deviations do not: square each of them first.",
)
def deviations_added_up(truth, deviation, curvature):
    true, noise = np.sum(np.square(truth)), np.sum(deviation)
    return float(curvature * noise / true), float(true / (true + noise))


@penalty.mistake(
    "the mean of penalties for each coordinate",
    PENALTY,
    "One penalty serves all coordinates: add up all squares of the truth, and all variances, before you divide.",
)
def mean_of_the_penalties(truth, deviation, curvature):
    each = np.square(deviation) / np.maximum(np.square(truth), 1e-12)
    return float(curvature * np.mean(each)), _made()(truth, deviation, curvature)[1]
