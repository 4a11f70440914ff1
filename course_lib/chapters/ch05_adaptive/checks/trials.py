"""Exercises 05-9 and 05-10: a learning rate for each of two coordinates, in few trials; and a question."""

import numpy as np

from course_lib.chapters.ch05_adaptive.checks.shared import TOPICS
from course_lib.checks.kinds import Landscape, tiers
from course_lib.checks.kit import Exercise
from course_lib.checks.questions import Criterion, Question

RATES = np.logspace(-4, 4, 321)
TRIALS, STEPS = 24, 100
LEVELS = ((300.0, 1), (10.0, 2), (3.0, 3))

pair = Exercise("05-9", "Two rates in 24 trials", "tuned_rates", topics=TOPICS, kind="tune")


def _losses(curvature, noise):
    """The mean loss of one coordinate after ``STEPS`` noisy steps at all ``RATES``; it begins at 1."""
    pull = RATES * curvature
    shrinks = np.minimum((1 - pull) ** 2, 1e3) ** STEPS
    calm = np.minimum(pull, 1.999)
    ball = np.where(pull < 2, calm / (2 - calm) * noise * (1 - np.minimum(shrinks, 1.0)), 0.0)
    return np.minimum(shrinks + ball, 1e9)


def _ravines(rng):
    """Curvatures of the two coordinates: apart by up to four decades, either one the steeper."""
    found = []
    for low, high in rng.permutation([(-2, 2), (1.5, -1.5), (0, 0.5), (-2.5, -0.5)]):
        curvatures = 10 ** (np.array([low, high]) + rng.uniform(-0.3, 0.3, 2))
        first, second = (_losses(curvature, 10 ** rng.uniform(-3, -1.5)) for curvature in curvatures)
        found.append(Landscape([RATES, RATES], np.add.outer(first, second)))
    return found


TITLES = tiers(
    pair,
    _ravines,
    TRIALS,
    LEVELS,
    "The loss after 100 noisy steps",
    (
        "The loss is the sum of what the two coordinates lose: while one rate stays, every difference is the other's.",
        "Keep the second rate small and spread the first over the decades; then keep the best and spread the second.",
    ),
)


def _best_of(settings):
    return lambda loss_after, trials: min(settings, key=lambda setting: loss_after(*setting))


def _one_by_one(loss_after):
    rates = np.logspace(-4, 3, TRIALS // 2)
    first = min(rates, key=lambda rate: loss_after(rate, 1e-4))
    return first, min(rates, key=lambda rate: loss_after(first, rate))


SAME = [(rate, rate) for rate in np.logspace(-4, 3, TRIALS)]
for name, fails, says, answer in (
    (
        "fixed rates",
        TITLES,
        "Which rates are good depends on the curvatures: ask for losses first.",
        lambda loss_after, trials: (0.1, 0.1),
    ),
    (
        "one rate for both",
        TITLES,
        "A rate that suits the flat coordinate throws the steep one out: give each its own.",
        _best_of(SAME),
    ),
    (
        "a coarse grid of pairs",
        TITLES[1:],
        "Five times five pairs leave gaps of two decades. Look for one rate while the other stays.",
        _best_of([(a, b) for a in np.logspace(-4, 4, 5) for b in np.logspace(-4, 4, 5)][:TRIALS]),
    ),
    (
        "the worst of the trials",
        TITLES,
        "np.argmin finds the smallest loss, np.argmax the largest.",
        lambda loss_after, trials: max(SAME, key=lambda setting: loss_after(*setting)),
    ),
    (
        "one trial too many",
        TITLES,
        "The last look at what you return counts, too.",
        _best_of([(rate, rate) for rate in np.logspace(-4, 3, TRIALS + 1)]),
    ),
    (
        "the first coordinate only",
        TITLES,
        "The second rate never moved from where it began: keep some trials for it.",
        _best_of([(rate, 1e-4) for rate in np.logspace(-4, 3, TRIALS)]),
    ),
    (
        "the two rates swapped",
        TITLES,
        "Return the rates in the order in which loss_after takes them.",
        lambda loss_after, trials: _one_by_one(loss_after)[::-1],
    ),
):
    pair.mistake(name, fails, says)(answer)


question = Question(
    "05-10",
    "Gradients a thousand times smaller",
    "A colleague divides the loss by 1000 and asks whether the learning rate must be multiplied by 1000. Answer for "
    "SGD, for Adam and for AdamW with weight decay, and say where eps comes in.",
    rubric=(
        Criterion(3, "SGD: yes. The step is proportional to the gradient, so 1000 times the rate gives the old path."),
        Criterion(3, "Adam: no. m and the root of v shrink alike, and the step stays as long as it was."),
        Criterion(3, "AdamW: no, for the step as for Adam, and the decay does not see the gradient at all."),
        Criterion(3, "eps does not shrink: where it was small beside the root of v before, it may be large now."),
    ),
)
