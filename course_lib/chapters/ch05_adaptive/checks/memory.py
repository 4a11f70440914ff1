"""Exercises 05-6 and 05-7: what Adam's two memories do with one gradient that stands out.

The checks hold no formula of what is asked for: they go step by step.
"""

from functools import lru_cache

import numpy as np

from course_lib.chapters.ch05_adaptive.checks.shared import TOPICS
from course_lib.checks.compare import Wrong, close, several_numbers, shaped
from course_lib.checks.facts import telling
from course_lib.checks.kinds import within
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import whole

lone = Exercise("05-6", "A lone gradient", "lone_gradient", topics=TOPICS, kind="derive")
spike = Exercise("05-7", "After a spike", "steps_until_recovered", topics=TOPICS, kind="predict")


# --- 05-6: learning_rate, beta1, beta2 -> first step, whole way -----------------------------------------------------

FIRST = "The first step has the right length"
WAY = "All steps together have the right length"
NAMES = ("the first step", "the whole way")


BLOCK = np.arange(512)  # steps that are taken together


def _walked(learning_rate, beta1, beta2):
    """Lengths of the first step and of all steps after one gradient of 1 in a long silence, one after the other."""
    m, v, way, steps = 1 - beta1, 1 - beta2, 0.0, []
    faded = beta1**BLOCK / np.sqrt(beta2**BLOCK)
    first = learning_rate * m / np.sqrt(v)
    while not len(steps) or steps[-1] > 1e-17 * first:
        steps = learning_rate * m / np.sqrt(v) * faded
        m, v, way = m * beta1 ** len(BLOCK), v * beta2 ** len(BLOCK), way + np.sum(steps)
    return first, way


def _betas(rng, low=0.3, high=0.95):
    """``beta1`` well below the root of ``beta2``, so that the way ends."""
    beta2 = 1 - 10 ** rng.uniform(-3, -0.5)
    return rng.uniform(low, high) * np.sqrt(beta2), beta2


def _slow(rng):
    """Betas with which a step is hardly shorter than the one before: tens of thousands of them count."""
    return (1 - rng.uniform(3e-4, 5e-4)) * np.sqrt(0.999), 0.999


def _lone(rng):
    return 10 ** rng.uniform(-3, 1), *_betas(rng)


def _lonely(rng):
    short = (1e-9, 0.9, 0.999), (1e-9, *_slow(rng))
    return [_lone(rng), _lone(rng), (0.5, 0.0, 0.9), (2.0, 0.9, 0.999), (1.0, 0.3, 0.3), (0.01, 0.6, 0.5), *short]


whole(lone, _walked, _lonely, NAMES, rtol=1e-9, atol=0)


def _part(lone_gradient, given, place):
    close(several_numbers(lone_gradient(*given), NAMES)[place], _walked(*given)[place], NAMES[place], rtol=1e-9, atol=0)


TOO_FEW = (
    "too few steps added up",
    "Where beta1 is close to the root of beta2 steps shrink slowly: whatever number of them you add up, with some "
    "betas it is too few. What is the sum of all of them?",
)


@lone.check(
    FIRST,
    points=3,
    hint=(
        "Both memories were empty, and t is so large that the corrections are 1.",
        "m = (1 - beta1) g and v = (1 - beta2) g^2: what is left of g in m / sqrt(v)?",
    ),
)
def length_of_the_first_step(lone_gradient, rng):
    _part(lone_gradient, _lone(rng), 0)


@lone.check(
    WAY,
    points=2,
    hint=(
        "After the gradient nothing comes: by which factor is each step shorter than the one before?",
        "m shrinks by beta1, the root of v by sqrt(beta2); then a geometric series.",
    ),
)
def length_of_the_whole_way(lone_gradient, rng):
    _part(lone_gradient, (10 ** rng.uniform(0, 1), *_betas(rng, 0.2, 0.3)), 1)
    slow = _lone(rng), (10 ** rng.uniform(-9, -8), *_slow(rng))
    ways = [several_numbers(lone_gradient(*given), NAMES)[1] for given in slow]
    with telling(
        lambda: all(way < (1 + 1e-9) * _walked(*given)[1] for way, given in zip(ways, slow, strict=True)), *TOO_FEW
    ):
        for given in slow:
            _part(lone_gradient, given, 1)


def _with_lengths(lengths):
    """An answer of two lengths in learning rates, ``lengths(beta1, beta2)``."""
    return lambda learning_rate, beta1, beta2: tuple(learning_rate * length for length in lengths(beta1, beta2))


for name, fails, says, lengths in (
    (
        "only the first memory fades",
        WAY,
        "While m fades, v fades, too, and its root makes the steps longer again: the factor is beta1 / sqrt(beta2).",
        lambda a, b: ((1 - a) / np.sqrt(1 - b), 1 / np.sqrt(1 - b)),
    ),
    (
        "the factor without a root",
        WAY,
        "v shrinks by beta2, its root by sqrt(beta2).",
        lambda a, b: ((1 - a) / np.sqrt(1 - b), (1 - a) / np.sqrt(1 - b) / (1 - a / b)),
    ),
    (
        "the first step alone",
        WAY,
        "m is not empty after the first step: theta goes on without a gradient.",
        lambda a, b: ((1 - a) / np.sqrt(1 - b),) * 2,
    ),
    (
        "without the first step",
        WAY,
        "The sum begins with the first step itself: 1 + r + r^2 + ... is 1 / (1 - r).",
        lambda a, b: ((1 - a) / np.sqrt(1 - b), (1 - a) / np.sqrt(1 - b) * (1 / (1 - a / np.sqrt(b)) - 1)),
    ),
    (
        "an integral in place of the sum",
        WAY,
        "The steps are counted one by one: a geometric series, 1 / (1 - r), not 1 / log(1 / r).",
        lambda a, b: ((1 - a) / np.sqrt(1 - b), (1 - a) / np.sqrt(1 - b) / -np.log(max(a, 1e-300) / np.sqrt(b))),
    ),
    (
        "the factor of the second memory",
        WAY,
        "What keeps theta going is m, which shrinks by beta1.",
        lambda a, b: ((1 - a) / np.sqrt(1 - b), (1 - a) / np.sqrt(1 - b) / (1 - np.sqrt(b))),
    ),
    (
        "shares swapped",
        (FIRST, WAY),
        "The gradient enters m with the share 1 - beta1: beta1 is what is kept of the old.",
        lambda a, b: (a / np.sqrt(b), a / np.sqrt(b) / (1 - a / np.sqrt(b))),
    ),
):
    lone.mistake(name, fails, says)(_with_lengths(lengths))


for name, says, first in (  # in the natural way, which makes the whole way of the first step, and with the way right
    (
        "v without its root",
        "The step divides by the root of v: sqrt(1 - beta2), not 1 - beta2.",
        lambda a, b: (1 - a) / (1 - b),
    ),
    (
        "the corrected first step",
        "One learning rate is the first step of a run. Here t is large: the corrections are 1.",
        lambda a, b: 1.0,
    ),
    (
        "beta1 in place of 1 - beta1",
        "The gradient enters m with the share 1 - beta1: beta1 is what is kept of the old.",
        lambda a, b: a / np.sqrt(1 - b),
    ),
    (
        "the gradient itself above the root",
        "Above the root stands m, which has taken in the share 1 - beta1 of the gradient.",
        lambda a, b: 1 / np.sqrt(1 - b),
    ),
):
    lone.mistake(name, (FIRST, WAY), says)(_with_lengths(lambda a, b, f=first: (f(a, b), f(a, b) / (1 - a / b**0.5))))
    lone.mistake(name, FIRST, says)(
        _with_lengths(lambda a, b, f=first: (f(a, b), (1 - a) / np.sqrt(1 - b) / (1 - a / np.sqrt(b))))
    )


@lone.mistake("the learning rate left out", (FIRST, WAY), "Every step is the learning rate times m / sqrt(v).")
def learning_rate_left_out(learning_rate, beta1, beta2):
    first = (1 - beta1) / np.sqrt(1 - beta2)
    return first, first / (1 - beta1 / np.sqrt(beta2))


# --- 05-7: size, beta2 -> number of steps ----------------------------------------------------------------------------

LATER = "After a large spike the number of steps is right"
AT_ONCE = "After a small spike no step is needed, after a large one some"
OFF = 0.05  # of the number of steps, or one step


@lru_cache(maxsize=1000)
def _counted(size, beta2):
    """How many gradients of size 1 must follow until the effective rate is half of what it was, one after the other."""
    v, steps = beta2 + (1 - beta2) * size**2, 0
    while 1 / v**0.5 < 0.5:
        v, steps = beta2 * v + (1 - beta2), steps + 1
    return steps


def _spike(rng, low, high, memory=(-2.5, -1.3)):
    """A spike that leaves ``v`` ``10**low`` to ``10**high`` times as large as before; 1 - beta2 is ``10**memory``."""
    beta2 = 1 - 10 ** rng.uniform(*memory)
    return _leaving(10 ** rng.uniform(low, high), beta2), beta2


def _leaving(v, beta2):
    """The size of a spike that leaves this ``v``."""
    return float(np.sqrt((v - beta2) / (1 - beta2)))


def _agrees(steps, expected, *_):
    within(steps, expected, OFF, "the number of steps", least=1.0 if expected else 1e-9)


def _spikes(rng):
    """Large spikes and small ones, no spike, none at all, and one that is remembered for tens of thousands of steps."""
    sizes = [_spike(rng, 2, 3), _spike(rng, 0.7, 0.9), _spike(rng, 0.2, 0.5), (1.0, 0.99), (300.0, 0.9), (0.0, 0.95)]
    return [*sizes, (1e4, 0.9999), (100.0, 0.6), *_at_the_border(rng)]


def _at_the_border(rng):
    """Spikes that leave the rate just above half, with a short memory, and exactly half."""
    beta2 = float(rng.uniform(0.4, 0.6))
    return [(_leaving(3.8, beta2), beta2), (5.0, 0.875)]


whole(spike, _counted, _spikes, ("the number of steps",), agree=_agrees)

SAME = (
    "the same for every spike",
    "The larger the spike, the longer it takes: how often must v - 1 shrink by beta2 until it is 3?",
)
CAPPED = (
    "gives up",
    "With a long memory two spikes come out as the same number, though the larger one takes longer: go on until v "
    "is 4.",
)
NONE = (
    "no step after a large spike",
    "Right after this spike v is far above 4, and the rate far below half: say how long.",
)
NEGATIVE = (
    "less than no step",
    "The rate was never below half: then 0 steps are needed, and not a negative number or none.",
)
SOME = "steps where none is needed", "Where v is at most 4 right after the spike the rate is not below half: say 0."


@spike.check(
    LATER,
    points=3,
    hint=(
        "Half the rate means four times the v. How far above 1 is v right after the spike?",
        "v - 1 begins at (1 - beta2) (size^2 - 1) and shrinks by beta2 in each step; when is it 3?",
    ),
)
def after_a_large_spike(steps_until_recovered, rng):
    """With a short memory and with a long one: in that the smaller spike is below 1 / (1 - beta2)."""
    memories = (1 - 10 ** rng.uniform(*memory) for memory in ((-0.7, -0.6), (-3.0, -2.8)))
    given = [(_leaving(10 ** rng.uniform(*v), beta2), beta2) for beta2 in memories for v in ((2.4, 2.6), (1.2, 1.4))]
    steps = [shaped(steps_until_recovered(*one), (), "the number of steps") for one in given]
    long, all_of_them = (steps[k] == steps[k + 1] > 0 for k in (2, 0))
    all_of_them = all_of_them and long
    with (
        telling(any(got == 0 for got in steps), *NONE),
        telling(all_of_them, *SAME),
        telling(long and not all_of_them, *CAPPED),
    ):
        for call, (got, one) in enumerate(zip(steps, given, strict=True)):
            try:
                _agrees(got, _counted(*one))
            except Wrong as wrong:
                wrong.call = call
                raise


@spike.check(AT_ONCE, points=1, hint="What does your formula say where v is below 4 right after the spike?")
def after_a_small_spike(steps_until_recovered, rng):
    small = [_spike(rng, 0.1, 0.2), _spike(rng, 0.52, 0.58), *_at_the_border(rng)]
    for given in small:
        steps = steps_until_recovered(*given)
        with telling(lambda steps=steps: steps < 0, *NEGATIVE), telling(lambda steps=steps: steps > 0, *SOME):
            within(steps, 0, OFF, "the number of steps", least=1e-9)
    if shaped(steps := steps_until_recovered(*_spike(rng, 4, 4.2, (-1.5, -1.3))), (), "the number of steps") < 2:
        raise Wrong("After a large spike steps are needed.", got=steps)


def _until(start, end, beta2):
    """Steps in which ``start`` shrinks to ``end`` by ``beta2`` each, 0 if it is there."""
    return float(np.log(end / start) / np.log(beta2)) if start > end else 0.0


def _with_steps(steps):
    """An answer that is 0 after a small spike, and ``steps(size, beta2)`` after a larger one."""
    return lambda size, beta2: 0.0 if (1 - beta2) * (size**2 - 1) <= 3 else steps(size, beta2)


for name, says, steps in (
    (
        "half the rate is twice the v",
        "The rate is one over the root of v: it is halved where v is four times as large.",
        lambda size, beta2: _until((1 - beta2) * (size**2 - 1), 1.0, beta2),
    ),
    (
        "the whole spike enters v",
        "The square of the spike enters with the share 1 - beta2.",
        lambda size, beta2: _until(size**2 - 1, 3.0, beta2),
    ),
    (
        "until it is as before",
        "That is when v is back at 1 to a hundredth. Wanted is when the rate is half of what it was, v four times.",
        lambda size, beta2: _until((1 - beta2) * (size**2 - 1), 0.01, beta2),
    ),
    (
        "the memory's length",
        "1 / (1 - beta2) steps shrink v - 1 by a factor e, whatever the spike was; how often must that be?",
        lambda size, beta2: 1 / (1 - beta2),
    ),
    (
        "the share beta2",
        "The square of the spike enters with the share 1 - beta2: beta2 is what is kept of the old.",
        lambda size, beta2: _until(beta2 * (size**2 - 1), 3.0, beta2),
    ),
):  # also with the same misconception in what a small spike is
    spike.mistake(name, LATER, says)(_with_steps(steps))
    spike.mistake(name, (LATER, AT_ONCE), says)(steps)


def _without_a_logarithm(rounded):
    return lambda size, beta2: rounded(np.log((1 - beta2) * (size**2 - 1) / 3) / (1 - beta2))


for name, says, steps in (
    (
        "v fades to nothing",
        "The ordinary gradients go on: v falls to 1, not to 0, and what shrinks by beta2 is v - 1.",
        lambda size, beta2: _until(beta2 + (1 - beta2) * size**2, 4.0, beta2),
    ),
    *(
        (
            "the share for the logarithm",
            "v - 1 shrinks by the factor beta2 in each step: divide by log(1 / beta2). 1 - beta2 is nearly that "
            "only where beta2 is near 1.",
            _without_a_logarithm(rounded),
        )
        for rounded in (float, np.ceil)
    ),
    (
        "the logarithm to base 10",
        "np.log10 above, np.log below: take the same logarithm twice.",
        lambda size, beta2: _until((1 - beta2) * (size**2 - 1), 3.0, beta2) / np.log(10),
    ),
    (
        "the root shrinks by beta2",
        "v shrinks by beta2; its root needs twice as many steps for the same factor as you give it.",
        lambda size, beta2: _until(np.sqrt((1 - beta2) * (size**2 - 1)) if size > 1 else 0.0, np.sqrt(3.0), beta2),
    ),
    (
        "twice as many steps",
        "v - 1 shrinks by beta2 in each step, not by its root.",
        lambda size, beta2: 2 * _until((1 - beta2) * (size**2 - 1), 3.0, beta2),
    ),
    (
        "halved twice",
        "Not a quarter of what v was right after the spike, but four times what it was before.",
        lambda size, beta2: np.log(0.25) / np.log(beta2),
    ),
    (
        "the spike not squared",
        "v averages squares: the spike enters as its square.",
        lambda size, beta2: _until((1 - beta2) * (size - 1), 3.0, beta2),
    ),
):
    spike.mistake(name, LATER, says)(_with_steps(steps))


@spike.mistake(NEGATIVE[0], AT_ONCE, NEGATIVE[1])
def less_than_no_step(size, beta2):
    return float(np.log(3 / ((1 - beta2) * (size**2 - 1))) / np.log(beta2))
