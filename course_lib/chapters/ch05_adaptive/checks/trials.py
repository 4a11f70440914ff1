"""Exercises 05-9 and 05-10: a learning rate for each of two coordinates, in few trials; and a question."""

from dataclasses import replace

import numpy as np

from course_lib.chapters.ch05_adaptive.checks.shared import TOPICS
from course_lib.checks.compare import NOTHING, Wrong
from course_lib.checks.kinds import Landscape, tiers
from course_lib.checks.kit import Exercise
from course_lib.checks.questions import Criterion, Question
from course_lib.settings.language import tr

RATES = np.logspace(-4, 4, 321)
TRIALS, STEPS = 24, 100
LEVELS = ((300.0, 1), (10.0, 2), (3.0, 3))
RAVINES = 8
EXPLODED = 1e9

pair = Exercise("05-9", "Two rates in 24 trials", "tuned_rates", topics=TOPICS, kind="tune")


def _loss(curvature, noise, rate):
    """The mean loss of one coordinate after ``STEPS`` noisy steps; it begins at 1."""
    pull = rate * curvature
    shrinks = min((1 - pull) ** 2, 1e3) ** STEPS
    if pull >= 2:
        return min(shrinks, EXPLODED)
    calm = min(pull, 1.999)
    return shrinks + calm / (2 - calm) * noise * (1 - shrinks)


class Ravine(Landscape):
    """The losses of two coordinates added up; one that explodes hides what the other does.

    Args:
        coordinates: ``(curvature, noise)`` of each.
    """

    def __init__(self, coordinates):
        self.coordinates = coordinates
        losses = [[_loss(*own, rate) for rate in RATES] for own in coordinates]
        super().__init__([RATES, RATES], np.minimum(np.add.outer(*losses), EXPLODED))

    def __call__(self, *setting):
        if len(setting) != 2 or not all(0 < rate < np.inf for rate in setting):
            return super().__call__(*setting)  # says what a setting is
        return min(sum(_loss(*own, rate) for own, rate in zip(self.coordinates, setting, strict=True)), EXPLODED)


def _ravines(rng):
    """Curvatures so close together that no grid is lucky with all of them: each coordinate has all of them, in an order
    of its own, and they are up to six and a half decades apart."""
    one, other = np.arange(RAVINES), (7 + 5 * np.arange(RAVINES)) % RAVINES
    places = np.stack([one, other + 0.5], axis=1)
    curvatures = 10 ** (-3.9 + 0.84 * places + rng.uniform(-0.05, 0.05, places.shape))
    noises = rng.uniform(0.018, 0.022, places.shape)
    return [Ravine(own.tolist()) for own in np.stack([curvatures, noises], axis=2)]


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


ONE_RATE = "A rate that suits the flat coordinate throws the steep one out: give each its own."
STILL = "The second rate never moved from where it began: keep some trials for it."
SWAPPED = "Return the rates in the order in which loss_after takes them."
WORST = "np.argmin finds the smallest loss, np.argmax the largest."


def _constant(asked):
    return np.ptp(asked) == 0


def _among(setting, asked):
    return np.isclose(asked, setting).all(axis=1).any()


def _near_best(searches):
    """Whether in every ravine some trial had a rate within half a decade of the best, in either coordinate."""
    return all(
        np.min(np.abs(np.log10(asked[:, k] / landscape.best[k]))) < 0.5
        for landscape, asked, _, _ in searches
        for k in (0, 1)
    )


# What is true of a search whatever the rates that it tries: ``(name, what to do, searches -> bool)``; a search is
# ``(landscape, settings asked for, losses, what was returned)``.
FACTS = (
    ("one rate for both", ONE_RATE, lambda all_: all(np.all(asked[:, 0] == asked[:, 1]) for _, asked, _, _ in all_)),
    ("the first coordinate only", STILL, lambda all_: all(_constant(asked[:, 1]) for _, asked, _, _ in all_)),
    (
        "the second coordinate only",
        "The first rate never moved from where it began: keep some trials for it.",
        lambda all_: all(_constant(asked[:, 0]) for _, asked, _, _ in all_),
    ),
    (
        "the worst of the trials",
        WORST,
        lambda all_: all(
            np.allclose(got, asked[np.argmax(losses)]) and np.ptp(losses) > 0 for _, asked, losses, got in all_
        ),
    ),
    (
        "the two rates swapped",
        SWAPPED,
        lambda all_: all(_among(got[::-1], asked) and not _among(got, asked) for _, asked, _, got in all_),
    ),
    (
        "no trial near the best",
        "In some ravine all rates that you tried for one of the coordinates are more than half a decade away from the "
        "best: spread them evenly in the logarithm, over all decades.",
        lambda all_: not _near_best(all_),
    ),
    (
        "most trials explode",
        "More than half of your trials exploded. There the loss is the same whatever the other rate is: keep that "
        "one small.",
        lambda all_: np.mean([losses >= EXPLODED for _, _, losses, _ in all_]) > 0.5,
    ),
)


def _told(check):
    """``check``, whose ``Wrong`` says what is true of all searches, if something is."""

    def run(function, rng):
        searches = []

        def search(budget, trials):
            result = function(budget, trials)
            searches.append((budget.landscape, np.array(budget.asked), np.array(budget.values), result))
            return result

        try:
            check.run(search, rng)
        except Wrong as wrong:
            wrong.told = _true_of(searches) if wrong.kind in ("Value", "Edge", "TriedBetter") else wrong.told
            raise

    return replace(check, run=run)


def _true_of(searches):
    return next(((tr(name), tr(says)) for name, says, holds in FACTS if holds(searches)), NOTHING)


pair.checks[:] = map(_told, pair.checks)
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
        ONE_RATE,
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
        WORST,
        lambda loss_after, trials: max(SAME, key=lambda setting: loss_after(*setting)),
    ),
    (
        "too many trials",
        TITLES,
        "Every call of loss_after counts, a last look at what you return, too: `trials` of them are all there are.",
        _best_of([(rate, rate) for rate in np.logspace(-4, 3, TRIALS + 1)]),
    ),
    (
        "the first coordinate only",
        TITLES,
        STILL,
        _best_of([(rate, 1e-4) for rate in np.logspace(-4, 3, TRIALS)]),
    ),
    (
        "the two rates swapped",
        TITLES,
        SWAPPED,
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
