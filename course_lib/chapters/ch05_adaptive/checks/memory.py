"""Exercises 05-6 and 05-7: what Adam's two memories do with one gradient that stands out.

The checks hold no formula of what is asked for: they go step by step.
"""

import numpy as np

from course_lib.chapters.ch05_adaptive.checks.shared import TOPICS
from course_lib.checks.compare import Wrong, close, several, shaped
from course_lib.checks.kinds import within
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import whole

lone = Exercise("05-6", "A lone gradient", "lone_gradient", topics=TOPICS, kind="derive")
spike = Exercise("05-7", "After a spike", "steps_until_recovered", topics=TOPICS, kind="predict")


# --- 05-6: learning_rate, beta1, beta2 -> first step, whole way -----------------------------------------------------

FIRST = "The first step has the right length"
WAY = "All steps together have the right length"
NAMES = ("the first step", "the whole way")


def _walked(learning_rate, beta1, beta2):
    """Lengths of the first step and of all steps after one gradient of 1 in a long silence, one after the other."""
    m, v, steps = 1 - beta1, 1 - beta2, []
    while not steps or steps[-1] > 1e-17 * steps[0]:
        steps.append(learning_rate * m / np.sqrt(v))
        m, v = beta1 * m, beta2 * v
    return steps[0], sum(steps)


def _betas(rng):
    """``beta1`` well below the root of ``beta2``, so that the way ends."""
    beta2 = 1 - 10 ** rng.uniform(-3, -0.5)
    return rng.uniform(0.3, 0.95) * np.sqrt(beta2), beta2


def _lone(rng):
    return 10 ** rng.uniform(-3, 1), *_betas(rng)


def _lonely(rng):
    return [_lone(rng), _lone(rng), (0.5, 0.0, 0.9), (2.0, 0.9, 0.999), (1.0, 0.3, 0.3), (0.01, 0.6, 0.5)]


whole(lone, _walked, _lonely, NAMES, rtol=1e-9)


def _part(lone_gradient, rng, place):
    given = _lone(rng)
    close(several(lone_gradient(*given), NAMES)[place], _walked(*given)[place], NAMES[place], rtol=1e-9)


@lone.check(
    FIRST,
    points=3,
    hint=(
        "Both memories were empty, and t is so large that the corrections are 1.",
        "m = (1 - beta1) g and v = (1 - beta2) g^2: what is left of g in m / sqrt(v)?",
    ),
)
def length_of_the_first_step(lone_gradient, rng):
    _part(lone_gradient, rng, 0)


@lone.check(
    WAY,
    points=2,
    hint=(
        "After the gradient nothing comes: by which factor is each step shorter than the one before?",
        "m shrinks by beta1, the root of v by sqrt(beta2); then a geometric series.",
    ),
)
def length_of_the_whole_way(lone_gradient, rng):
    _part(lone_gradient, rng, 1)


def _with_lengths(lengths):
    """An answer of two lengths in learning rates, ``lengths(beta1, beta2)``."""
    return lambda learning_rate, beta1, beta2: tuple(learning_rate * length for length in lengths(beta1, beta2))


for name, fails, says, lengths in (
    (
        "v without its root",
        FIRST,
        "The step divides by the root of v: sqrt(1 - beta2), not 1 - beta2.",
        lambda a, b: ((1 - a) / (1 - b), (1 - a) / np.sqrt(1 - b) / (1 - a / np.sqrt(b))),
    ),
    (
        "the corrected first step",
        FIRST,
        "One learning rate is the first step of a run. Here t is large: the corrections are 1.",
        lambda a, b: (1.0, (1 - a) / np.sqrt(1 - b) / (1 - a / np.sqrt(b))),
    ),
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


@lone.mistake("the learning rate left out", (FIRST, WAY), "Every step is the learning rate times m / sqrt(v).")
def learning_rate_left_out(learning_rate, beta1, beta2):
    first = (1 - beta1) / np.sqrt(1 - beta2)
    return first, first / (1 - beta1 / np.sqrt(beta2))


# --- 05-7: size, beta2 -> number of steps ----------------------------------------------------------------------------

LATER = "After a large spike the number of steps is right"
AT_ONCE = "After a small spike no step is needed, after a large one some"
OFF = 0.05  # of the number of steps, or one step


def _counted(size, beta2):
    """How many gradients of size 1 must follow until the effective rate is half of what it was, one after the other."""
    v, steps = beta2 + (1 - beta2) * size**2, 0
    while 1 / np.sqrt(v) < 0.5:
        v, steps = beta2 * v + (1 - beta2), steps + 1
    return steps


def _spike(rng, low, high):
    """A spike that leaves ``v`` ``10**low`` to ``10**high`` times as large as before."""
    beta2 = 1 - 10 ** rng.uniform(-2.5, -1.3)
    return np.sqrt((10 ** rng.uniform(low, high) - beta2) / (1 - beta2)), beta2


def _agrees(steps, expected, *_):
    within(steps, expected, OFF, "the number of steps", least=1.0)


def _spikes(rng):
    return [_spike(rng, 2, 3), _spike(rng, 0.7, 0.9), _spike(rng, 0.2, 0.5), (1.0, 0.99), (300.0, 0.9), (0.0, 0.95)]


whole(spike, _counted, _spikes, ("the number of steps",), agree=_agrees)


@spike.check(
    LATER,
    points=3,
    hint=(
        "Half the rate means four times the v. How far above 1 is v right after the spike?",
        "v - 1 begins at (1 - beta2) (size^2 - 1) and shrinks by beta2 in each step; when is it 3?",
    ),
)
def after_a_large_spike(steps_until_recovered, rng):
    for low, high in ((2.0, 2.5), (1.2, 1.4)):
        given = _spike(rng, low, high)
        _agrees(steps_until_recovered(*given), _counted(*given))


@spike.check(AT_ONCE, points=1, hint="What does your formula say where v is below 4 right after the spike?")
def after_a_small_spike(steps_until_recovered, rng):
    for low, high in ((0.1, 0.2), (0.3, 0.55)):
        within(steps_until_recovered(*_spike(rng, low, high)), 0, OFF, "the number of steps", least=1e-9)
    if shaped(steps := steps_until_recovered(*_spike(rng, 3, 3.2)), (), "the number of steps") < 2:
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
        "v fades to nothing",
        "The ordinary gradients go on: v falls to 1, not to 0, and what shrinks by beta2 is v - 1.",
        lambda size, beta2: _until(beta2 + (1 - beta2) * size**2, 4.0, beta2),
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
        "the logarithm to base 10",
        "np.log10 above, np.log below: take the same logarithm twice.",
        lambda size, beta2: _until((1 - beta2) * (size**2 - 1), 3.0, beta2) / np.log(10),
    ),
    (
        "the root shrinks by beta2",
        "v shrinks by beta2; its root needs twice as many steps for the same factor as you give it.",
        lambda size, beta2: _until(np.sqrt((1 - beta2) * (size**2 - 1)) if size > 1 else 0.0, np.sqrt(3.0), beta2),
    ),
):
    spike.mistake(name, LATER, says)(_with_steps(steps))


@spike.mistake(
    "less than no step",
    AT_ONCE,
    "The rate was never below half: then 0 steps are needed, and not a negative number or none.",
)
def less_than_no_step(size, beta2):
    return float(np.log(3 / ((1 - beta2) * (size**2 - 1))) / np.log(beta2))
