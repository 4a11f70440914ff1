"""Exercises 02-9 and 02-10: a learning rate for a noisy run in few trials, and a question."""

import numpy as np

from course_lib.chapters.ch02_sgd_noise.checks.rules import TOPICS
from course_lib.checks.kinds import Landscape, tiers
from course_lib.checks.kit import Exercise
from course_lib.checks.questions import Criterion, Question

RATES = np.logspace(-5, 3, 801)
TRIALS, STEPS, PROBLEMS = 12, 100, 16
LEVELS = ((100.0, 1), (10.0, 2), (1.3, 3))

tuning = Exercise("02-9", "Twelve trials", "tuned_rate", topics=TOPICS, kind="tune")


def _losses(scale, noise, distance):
    """The mean loss after ``STEPS`` steps at all ``RATES``: the way that is left, and the ball, (2.3)."""
    curvature = scale * np.array([1.0, 0.3, 0.1])[:, None]
    pull = RATES * curvature
    shrinks = np.minimum((1 - pull) ** 2, 1e3) ** STEPS
    ball = np.where(np.abs(pull - 2) > 1e-9, pull / (2 - pull + 1e-12), 1e9) * noise
    mean_square = shrinks * distance**2 + np.where(pull < 2, ball * (1 - shrinks), 0.0)
    most = 1e9 * (1 + RATES)  # of runs that explode, too, the one with the smaller rate has the smaller loss
    return np.minimum(np.sum(curvature / 2 * mean_square, axis=0) / (scale * noise), most)


def _runs(rng):
    """Curvatures are decades apart, and the best learning rates with them; noise and distances differ, too.

    The problems lie close together on their scale: wherever the rates of a search lie, one of them is as far from them
    as it can be, and the worst one counts.
    """
    scales = 10.0 ** (rng.permutation(np.linspace(-1.9, 1.9, PROBLEMS)) + rng.uniform(-0.02, 0.02, PROBLEMS))
    return [
        Landscape([RATES], _losses(scale, 10 ** rng.uniform(-1.01, -0.99), 10 ** rng.uniform(0.99, 1.01)))
        for scale in scales
    ]


TITLES = tiers(
    tuning,
    _runs,
    TRIALS,
    LEVELS,
    "The loss after 100 noisy steps",
    (
        "The rates lie eight decades apart: which twelve tell you most? Look first where, then how exactly.",
        "One trial a decade with np.logspace, then the others around the best of them, each round half as wide.",
    ),
)


def _best_of(rates):
    return lambda loss_after, trials: min(rates, key=loss_after)


for name, fails, says, answer in (
    (
        "a fixed learning rate",
        TITLES,
        "Which rate is good depends on the curvature: ask.",
        lambda loss_after, trials: 0.1,
    ),
    (
        "evenly apart",
        TITLES,
        "From 1 to 1000 in equal steps there is next to nothing below 1: spread the logarithms (np.logspace).",
        _best_of(np.linspace(1e-5, 1e3, TRIALS)),
    ),
    (
        "the worst of the trials",
        TITLES,
        "np.argmin finds the smallest loss, np.argmax the largest.",
        lambda loss_after, trials: max(np.logspace(-5, 3, TRIALS), key=loss_after),
    ),
    (
        "the loss, not the learning rate",
        TITLES,
        "Return the learning rate at which the loss was smallest.",
        lambda loss_after, trials: min(loss_after(rate) for rate in np.logspace(-5, 3, TRIALS)),
    ),
    (
        "the logarithm of the rate",
        TITLES,
        "The search goes over logarithms; return 10 to that power.",
        lambda loss_after, trials: abs(np.log10(min(np.logspace(-5, 3, TRIALS), key=loss_after))),
    ),
    (
        "one trial too many",
        TITLES,
        "range(trials + 1) and a second look at the best one count, too.",
        _best_of(np.logspace(-5, 3, TRIALS + 1)),
    ),
    (
        "spread once, never narrowed",
        TITLES[2:],
        "Twelve trials over eight decades are two thirds of a decade apart: keep half of them for the neighbourhood.",
        _best_of(np.logspace(-5, 3, TRIALS)),
    ),
):
    tuning.mistake(name, fails, says)(answer)


question = Question(
    "02-10",
    "Noise that stays, noise that goes",
    "With a constant learning rate, SGD stops short of the minimum for one model and arrives for another one. What "
    "decides which it is? Name two remedies for the first model, and say what each of them costs.",
    rubric=(
        Criterion(
            6,
            "Whether the samples agree at the minimum: the mean gradient is 0 there. If single ones are not, each step "
            "is thrown off by them; if all are, because all samples are fitted, no noise is left.",
        ),
        Criterion(3, "A first remedy with its cost, such as a falling learning rate: slow progress later on."),
        Criterion(3, "A second one, such as larger batches (more gradients a step) or an average (without its start)."),
    ),
)
