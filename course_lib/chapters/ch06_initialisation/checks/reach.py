"""Exercise 06-6: how deep a signal reaches, foretold. The oracle searches among the powers of one layer's factor."""

from bisect import bisect_left

import numpy as np

from course_lib.chapters.ch06_initialisation.checks.initialisers import TOPICS
from course_lib.checks.compare import Wrong, shaped
from course_lib.checks.facts import telling
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import whole

FADES = "A signal that fades behind ReLU is gone after the right number of layers"
GROWS = "A signal that grows behind ReLU has blown up after the right number of layers"
LEAKY = "A slope below 0 lets more through"
NEVER = "Where it never happens the answer is 0"
WHAT = "the number of layers"

reach = Exercise("06-6", "How deep it reaches", "layers_until", kind="predict", topics=TOPICS)


def _share(slope):
    """E[f(z)^2] / E[z^2] for z symmetric around 0, over many pairs z and -z."""
    z = np.linspace(0.01, 3, 300)
    return np.sum(z**2 + (slope * z) ** 2) / np.sum(2 * z**2)


MOST = 10**6  # layers that are searched


def _by_searching(fan_in, weight_variance, slope, ratio):
    factor = np.float64(fan_in * weight_variance * _share(slope))
    if factor == 1 or (factor < 1) != (ratio < 1):
        return 0.0
    reached = (lambda n: bool(factor**n <= ratio)) if ratio < 1 else (lambda n: bool(factor**n >= ratio))
    return float(bisect_left(range(MOST), True, key=reached))


EARLY, LATE = 0.7, 0.3  # parts of the last layer that are not needed: who rounds to the nearest is wrong with the first


def _given(rng, slope, fades, number=None, spare=EARLY):
    """Arguments for so many layers but for the part ``spare`` of the last, far from the borders between two numbers."""
    fan_in, number = int(rng.integers(10, 300)), number or int(rng.integers(12, 40))
    factor = rng.uniform(0.5, 0.8) if fades else rng.uniform(1.2, 2.0)
    return fan_in, factor / fan_in / _share(slope), slope, factor ** (number - spare)


NEGATIVE = (
    "a negative number of layers",
    "Factor and ratio lie on different sides of 1: it never happens, and the answer is 0.",
)


def _compare(layers_until, given):
    got, expected = shaped(layers_until(*given), (), WHAT), _by_searching(*given)
    with telling(got < 0 and expected == 0, *NEGATIVE):
        if got != expected:
            raise Wrong("The number of layers is not what was expected.", got=got, expected=expected)


@reach.check(
    FADES,
    points=1,
    hint=(
        "By which factor does the mean square change in one layer, by (6.1) and (6.2)?",
        "How many times that factor makes ratio? Use logarithms, and round up.",
    ),
)
def fades(layers_until, rng):
    for number, spare in ((None, LATE), (1, EARLY), (2, EARLY)):
        _compare(layers_until, _given(rng, 0.0, True, number, spare))


@reach.check(GROWS, points=1, hint="The same quotient of logarithms: both are positive here.")
def grows(layers_until, rng):
    for number, spare in ((None, LATE), (1, EARLY), (2, EARLY)):
        _compare(layers_until, _given(rng, 0.0, False, number, spare))


@reach.check(
    LEAKY,
    points=2,
    hint=(
        "Half of the z are positive, half negative. Which share of its square does each half keep?",
        "(1 + slope^2) / 2",
    ),
)
def leaky(layers_until, rng):
    for slope in (rng.uniform(0.4, 0.6), rng.uniform(0.7, 0.9)):
        for fading, spare in ((False, EARLY), (True, LATE)):
            _compare(layers_until, _given(rng, slope, fading, int(rng.integers(25, 50)), spare))


@reach.check(
    NEVER,
    points=1,
    hint="A factor below 1 never makes anything larger, and a factor of 1 changes nothing.",
    supporting=True,
)
def never(layers_until, rng):
    for fading in (True, False):
        *given, ratio = _given(rng, 0.0, fading)
        _compare(layers_until, (*given, 1 / ratio))


def _settings(rng):
    """ReLU, leaky ones and none at all; narrow and wide; fading, growing, neither; one layer and two hundred thousand;
    factors down to a billionth below 1."""
    drawn = [_given(rng, slope, fading) for slope in (0.0, 0.3, 1.0) for fading in (True, False)]
    *given, ratio = _given(rng, 0.5, True)
    slow = [(64, 2 * (1 - off) / 64, 0.0, (1 - off) ** number) for off, number in ((0.01, 299.5), (2e-5, 110_000.5))]
    slow += [(50, 2 * 1.00002 / 50, 0.0, 1.00002**105_000.4)]
    slow += [(64, 2 * (1 - off) / 64, 0.0, (1 - off) ** number) for off, number in ((2e-6, 200_000.5), (1e-9, 1000.5))]
    still = [(16, 1 / 16, 1.0, 0.5), (8, 1 / 4, 0.0, 2.0)]
    near = [_given(rng, 0.0, fading, 5, spare) for fading in (True, False) for spare in (0.04, 0.96)]
    return [*drawn, (*given, 1 / ratio), *slow, *still, (1, 0.5, 1.0, 0.3), *near]


def _same(result, expected, given, mine):
    got = shaped(result, (), WHAT)
    if got != expected:
        raise Wrong("The number of layers is not what was expected.", got=got, expected=expected)


whole(reach, _by_searching, _settings, (WHAT,), _same)


def _made(
    share=lambda slope: (1 + slope**2) / 2,
    factor=lambda fan_in, variance: fan_in * variance,
    taken=lambda ratio: ratio,
    rounded=np.ceil,
    never=lambda steps: 0.0,
):
    """An answer with its faults as switches; ``never(quotient of logarithms)``: what comes where it is negative."""

    def answer(fan_in, weight_variance, slope, ratio):
        change = factor(fan_in, weight_variance) * share(slope)
        if abs(change - 1) < 1e-12:
            return never(-1e9)
        steps = float(np.log(taken(ratio)) / np.log(change))
        return float(never(steps) if steps < 0 else rounded(steps))

    return answer


NEGATIVE_STEPS = NEGATIVE[0], NEVER, NEGATIVE[1]
for name, fails, says, switches in (
    ("the slope left out", LEAKY, "Negative z come through, too, times slope.", {"share": lambda a: 0.5}),
    ("the slope not squared", LEAKY, "Mean squares are asked for: slope^2.", {"share": lambda a: (1 + a) / 2}),
    ("the slope subtracted", LEAKY, "What comes through below 0 is added.", {"share": lambda a: (1 - a**2) / 2}),
    (
        "both halves for the slope",
        LEAKY,
        "Half of the z are negative: slope^2 counts for that half.",
        {"share": lambda a: (1 + 2 * a**2) / 2},
    ),
    (
        "a number where it never happens",
        NEVER,
        "Factor and ratio lie on different sides of 1: it never happens, and the answer is 0.",
        {"never": lambda steps: np.ceil(-steps)},
    ),
    (*NEGATIVE_STEPS, {"never": np.floor}),
    (*NEGATIVE_STEPS, {"never": np.ceil}),
    (
        "a very large number",
        NEVER,
        "Where it never happens the answer is 0.",
        {"never": lambda steps: 1e6},
    ),
    (
        "the half of ReLU left out",
        (FADES, GROWS, LEAKY, NEVER),
        "ReLU lets half of the square through, (6.2).",
        {"share": lambda a: 1 + a**2},
    ),
    (
        "fan_in left out",
        (FADES, GROWS, LEAKY, NEVER),
        "A unit sums over fan_in products, whose variances add up, (6.1).",
        {"factor": lambda fan_in, variance: variance},
    ),
    (
        "the spread in place of the square",
        (FADES, GROWS, LEAKY, NEVER),
        "ratio is one of mean squares: no square of it.",
        {"taken": lambda ratio: ratio**2},
    ),
    (
        "the root of the ratio",
        (FADES, GROWS, LEAKY, NEVER),
        "ratio is one of mean squares: no root of it.",
        {"taken": np.sqrt},
    ),
):
    reach.mistake(name, fails, says)(_made(**switches))


for most in (200, 50_000):
    reach.mistake(
        "never, where it takes many layers",
        WHOLE,
        "A factor next to 1 changes the signal, too, only slowly: divide logarithms, or let the search go on.",
    )(_made(rounded=lambda steps, most=most: np.ceil(steps) if steps <= most else 0.0))


for name, says, rounded in (
    ("rounded down", "After so many layers it has not happened yet: round up.", np.floor),
    ("rounded to the nearest", "After so many layers it may not have happened yet: round up.", np.round),
    ("one layer more", "Round up, and add nothing.", lambda steps: np.ceil(steps) + 1),
    ("not rounded", "A number of layers is whole: round up.", lambda steps: steps),
):
    for never in (lambda steps: 0.0, lambda steps, rounded=rounded: rounded(-steps), rounded):
        reach.mistake(name, (FADES, GROWS, LEAKY, NEVER), says)(_made(rounded=rounded, never=never))
