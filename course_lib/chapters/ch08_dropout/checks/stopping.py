"""Exercise 08-2: early stopping with patience.

Training is a function that takes one epoch, validation a function that looks a loss up: so the check knows
which epoch it is shown, and what happens in between costs nothing.
"""

import numpy as np

from course_lib.chapters.ch08_dropout.checks.dropout import TOPICS
from course_lib.checks.calls import Spy, leaves_inputs_alone, point_asked
from course_lib.checks.compare import Wrong, close, several, shaped
from course_lib.checks.kit import Exercise

stopping = Exercise("08-2", "Early stopping with patience", "early_stopping", topics=TOPICS)

BEST = "Parameters and epoch of the lowest validation loss come back"
PATIENCE = "Training stops after exactly `patience` epochs in a row without an improvement"
LIMIT = "It trains at most max_epochs epochs"
TIES = "Any lower loss is an improvement, an equal one is not"
NAN = "A loss that is not a number is no improvement, not even the first, and no end"
START = "The parameters before training count, as epoch 0"
PURE = "The arrays that were given are left as they were"
OUT = ("best_theta", "best_epoch", "num_epochs")


class Course:
    """A training whose validation losses are known: epoch k leads to ``start + k * move``.

    After the last loss of the list they go on rising.
    """

    def __init__(self, rng, losses, size=3):
        self.start = rng.normal(size=size)
        self.move = rng.uniform(0.5, 1.0, size)
        rising = np.nanmax(losses) + 1.0 + np.arange(200)
        self.losses = np.concatenate([np.asarray(losses, dtype=float), rising])
        self.epoch = Spy(lambda theta: theta + self.move)

    def theta(self, epoch):
        return self.start + epoch * self.move

    def validation_loss(self, theta):
        theta = point_asked(theta)
        k = round(float((theta - self.start) @ self.move / (self.move @ self.move)))
        return float(self.losses[min(max(k, 0), len(self.losses) - 1)])

    def run(self, function, patience, max_epochs=60):
        result = function(self.start.copy(), self.epoch, self.validation_loss, patience, max_epochs)
        return several(result, OUT)


def counted(got, expected, what):
    """Raise ``Wrong`` unless ``got`` is the whole number ``expected``; one too many is no rounding."""
    if shaped(got, (), what) != expected:
        raise Wrong(f"{what} is not what was expected.", got=got, expected=expected)


def _noise(rng, losses):
    """The same losses on another scale: their order is what counts."""
    return rng.uniform(0.5, 2.0) * np.asarray(losses, dtype=float)


@stopping.check(
    BEST,
    points=3,
    hint=(
        "When training stops, the last parameters are `patience` epochs past the best ones.",
        "Remember theta and its epoch whenever the loss falls below the lowest so far; return what is remembered.",
    ),
)
def parameters_and_epoch_of_the_lowest(early_stopping, rng):
    fall = int(rng.integers(6, 9))
    course = Course(rng, _noise(rng, [*np.linspace(2, 1, fall + 1), 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8]))
    theta, epoch, _ = course.run(early_stopping, int(rng.integers(3, 6)))
    close(theta, course.theta(fall), "best_theta")
    counted(epoch, fall, "best_epoch")


@stopping.check(
    PATIENCE,
    points=2,
    hint=(
        "Count the epochs since the last improvement; an improvement sets the counter back to 0.",
        "After an epoch without improvement: waited = waited + 1; stop when waited == patience.",
    ),
)
def training_stops_after_exactly_patience_epochs(early_stopping, rng):
    patience = int(rng.integers(3, 6))
    wait = [1.5 + 0.1 * k for k in range(patience - 1)]
    zigzag = [1.8, 1.6, 1.9, 1.5, 1.7, 1.4, 1.75, 1.45, 1.9]
    course = Course(rng, _noise(rng, [2.0, 1.6, 1.4, *wait, 1.3, *wait[:1], 1.2, *zigzag]))
    _, _, num_epochs = course.run(early_stopping, patience)
    best = 2 + len(wait) + 1 + len(wait[:1]) + 1
    counted(num_epochs, best + patience, "num_epochs")
    if len(course.epoch.asked) != best + patience:
        raise Wrong("epoch(theta) was not called num_epochs times.", got=len(course.epoch.asked))


@stopping.check(
    LIMIT,
    points=1,
    hint="While the loss keeps falling, max_epochs ends the training: epochs 1 to max_epochs, no further.",
)
def it_trains_at_most_max_epochs(early_stopping, rng):
    limit = int(rng.integers(5, 9))
    course = Course(rng, _noise(rng, np.linspace(3, 1, 30)))
    _, epoch, num_epochs = course.run(early_stopping, 3, limit)
    counted(num_epochs, limit, "num_epochs")
    counted(epoch, limit, "best_epoch")


@stopping.check(
    TIES,
    points=1,
    hint="loss < best_loss, neither <= nor a threshold: of two equal ones, the earlier stays the best.",
)
def any_lower_loss_is_an_improvement(early_stopping, rng):
    first = int(rng.integers(3, 5))
    losses = [*np.linspace(2, 1, first + 1), 1.2, 1.0, 1.3, 1.25, 1.4, 1.5, 1.6]
    losses[first + 2] = losses[first]
    _, epoch, _ = Course(rng, _noise(rng, losses)).run(early_stopping, 4)
    counted(epoch, first, "best_epoch")
    barely = [*np.linspace(2, 1, first + 1), 1 - 1e-13, 1.2, 1.3, 1.4, 1.5, 1.6]
    _, epoch, _ = Course(rng, _noise(rng, barely)).run(early_stopping, first + 1)
    counted(epoch, first + 1, "best_epoch")


@stopping.check(
    NAN,
    points=1,
    hint=(
        "Every comparison with NaN is False, so `not loss >= best` is True for it, and `loss < nan` is never True.",
        "Start with best_loss = np.inf and ask `loss < best_loss`, for epoch 0 as well.",
    ),
)
def loss_that_is_not_a_number(early_stopping, rng):
    courses = (  # with the epoch that is best
        ([2.0, 1.7, 1.5, np.nan, 1.6, 1.55, 1.7, 1.8, 1.9], 2),
        ([np.nan, 1.7, 1.5, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9], 3),
        ([2.0, 1.7, np.nan, 1.4, 1.5, 1.6, 1.7, 1.8], 3),
        ([2.0, 1.7, np.nan, np.nan, np.nan, 1.8, 1.3, 1.4, 1.5, 1.6], 1),
    )
    found = [Course(rng, _noise(rng, losses)).run(early_stopping, 3)[1] for losses, _ in courses]
    found, best = np.array([shaped(epoch, (), "best_epoch") for epoch in found]), [epoch for _, epoch in courses]
    if not np.array_equal(found, best):
        raise Wrong("best_epoch of four trainings is not what was expected.", got=found, expected=best)


@stopping.check(
    START,
    points=1,
    hint="Before the first epoch there is a loss, too: validation_loss(theta). If nothing beats it, the start is best.",
    supporting=True,
)
def parameters_before_training_count_as_epoch(early_stopping, rng):
    course = Course(rng, _noise(rng, [0.5, 0.9, 0.7, 0.8, 0.75, 1.3, 1.4, 1.5, 1.6]))
    _, epoch, _ = course.run(early_stopping, 5)
    counted(epoch, 0, "best_epoch")


@stopping.check(
    PURE,
    points=1,
    hint="theta = epoch(theta) makes a new array; theta += ... and theta[:] = ... write into the caller's.",
    aside=True,
)
def arrays_that_were_given_are_left(early_stopping, rng):
    def given():
        course = Course(rng, [2.0, 1.5, 1.0, 1.2, 1.3, 1.4])
        return course.start, course.epoch, course.validation_loss, 2, 20

    leaves_inputs_alone(early_stopping, *given(), other=given())


def _variant(
    name,
    fails,
    says,
    better=lambda loss, best, before: loss < best,
    stop=lambda waited, patience: waited >= patience,
    reset=True,
    after_good=lambda waited: 0,
    last=False,
    first=lambda loss: np.inf if np.isnan(loss) else loss,
    extra=0,
    shift=0,
    looks_before=False,
    counts_good=False,
    nan_ends=False,
    nan_waits=True,
    waits=None,
    from_best=False,
    told=lambda theta, epoch, loss, t: (theta, epoch, t),
):
    """The loop with one thing wrong."""

    def function(theta, epoch, validation_loss, patience, max_epochs):
        best_theta, best_epoch, best = theta, 0, first(validation_loss(theta))
        before, waited, t = best, 0, 0
        while t < max_epochs + extra:
            t += 1
            old, theta = theta, epoch(best_theta if from_best else theta)
            loss = validation_loss(old if looks_before else theta)
            if nan_ends and np.isnan(loss):
                break
            good = better(loss, best, before)
            if good:
                best_theta, best_epoch, best = theta, t, loss
            if waits(loss, before) if waits else not good:
                waited += nan_waits or not np.isnan(loss)
            else:
                waited = after_good(waited) if reset else waited
            before = loss
            if stop(t if counts_good else waited, patience):
                break
        return told(theta if last else best_theta, best_epoch + shift, best, t)

    stopping.mistake(name, fails, says)(function)


_variant(
    "the last parameters come back",
    BEST,
    "By the time training stops, theta is `patience` epochs past the best. Return the parameters that were remembered.",
    last=True,
)
_variant(
    "epochs counted from 0",
    (BEST, LIMIT, TIES, NAN, START),
    "The first epoch of training is number 1; epoch 0 is before training.",
    shift=-1,
)
_variant(
    "patience off by one, too late",
    PATIENCE,
    "waited > patience lets one epoch more pass: stop as soon as waited has reached patience.",
    stop=lambda waited, patience: waited > patience,
)
_variant(
    "patience off by one, too early",
    PATIENCE,
    "One epoch too impatient: `patience` epochs without improvement may pass, the last of them ends it.",
    stop=lambda waited, patience: waited >= patience - 1,
)
_variant(
    "counter never set back",
    PATIENCE,
    "Epochs in a row count: an improvement sets the counter back to 0.",
    reset=False,
)
_variant(
    "an improvement sets the counter back by one",
    PATIENCE,
    "Epochs in a row count: an improvement sets the counter back to 0, not by one.",
    after_good=lambda waited: max(0, waited - 1),
)
_variant(
    "stops at the first rise",
    (PATIENCE, NAN),
    "patience is not used: one bad epoch ends the training, and validation losses are noisy.",
    stop=lambda waited, patience: waited >= 1,
)
_variant(
    "never stops early",
    (PATIENCE, NAN),
    "All max_epochs are trained: stop when `patience` epochs in a row brought no improvement.",
    stop=lambda waited, patience: False,
)
BEFORE = "A loss that falls after a rise is not yet the lowest: compare with the best so far, not with the last one."
_variant(
    "compared with the epoch before",
    (PATIENCE, TIES, NAN, START),
    BEFORE,
    better=lambda loss, best, before: loss < before,
)
_variant(
    "compared with the epoch before",
    (PATIENCE, TIES, NAN, START),
    BEFORE,
    better=lambda loss, best, before: loss < before or (np.isnan(before) and not np.isnan(loss)),
)
_variant(
    "patience counts all epochs",
    (BEST, PATIENCE, LIMIT),
    "The counter runs in good epochs, too: count those without an improvement only.",
    counts_good=True,
)
_variant(
    "one epoch too many at the end",
    LIMIT,
    "range(max_epochs + 1) has max_epochs + 1 numbers: train max_epochs times at most.",
    extra=1,
)
_variant(
    "max_epochs ignored",
    LIMIT,
    "Nothing but patience ends the training: stop after max_epochs epochs as well.",
    extra=40,
)
_variant(
    "an equal loss counts as better",
    TIES,
    "<= lets a plateau go on for ever. Take over what is truly lower only.",
    better=lambda loss, best, before: loss <= best,
)
_variant(
    "NaN counts as better",
    NAN,
    "`not loss >= best` is True when loss is NaN, and from then on nothing can beat it. Ask `loss < best`.",
    better=lambda loss, best, before: not loss >= best,
)
_variant(
    "NaN at the start is never beaten",
    NAN,
    "`loss < nan` is always False: begin with best_loss = np.inf, and let epoch 0 prove itself like all others.",
    first=lambda loss: loss,
)
_variant(
    "the start does not count",
    START,
    "If training makes it worse from the first epoch on, the start is best: validate before training, as epoch 0.",
    first=lambda loss: np.inf,
)
_variant(
    "validated before the epoch",
    (BEST, PATIENCE, TIES, NAN),
    "The loss belongs to the parameters before the epoch, but those after it are remembered: train, then validate.",
    looks_before=True,
)
_variant(
    "only improvements above a threshold",
    TIES,
    "A loss that is lower by a millionth is lower: no min_delta is asked for here.",
    better=lambda loss, best, before: loss < best - 1e-3,
)
_variant(
    "NaN ends the training",
    NAN,
    "One NaN is an epoch without improvement, no more: patience decides when to stop.",
    nan_ends=True,
)
_variant(
    "NaN is not counted as waiting",
    NAN,
    "An epoch whose loss is NaN has brought no improvement: it uses up patience like any other.",
    nan_waits=False,
)


_variant(
    "patience counts from the epoch before",
    PATIENCE,
    "The best parameters are kept, but patience counts rises: an epoch that only falls from a rise is no improvement.",
    waits=lambda loss, before: not loss < before,
)
_variant(
    "each epoch begins at the best",
    (PATIENCE, NAN),
    "Training goes on from where it is: a few epochs that are no better may lead to better ones.",
    from_best=True,
)
_variant(
    "the best epoch 1 too small",
    (BEST, LIMIT, TIES, NAN),
    "The parameters that come in are epoch 0, so the first epoch of training is number 1.",
    told=lambda theta, epoch, loss, t: (theta, max(epoch - 1, 0), t),
)
_variant(
    "the number of epochs 1 too small",
    (PATIENCE, LIMIT),
    "num_epochs counts the epochs that were trained: after the first one it is 1.",
    told=lambda theta, epoch, loss, t: (theta, epoch, t - 1),
)
_variant(
    "the number of epochs 1 too large",
    (PATIENCE, LIMIT),
    "num_epochs counts the epochs that were trained: epoch 0 is not one of them.",
    told=lambda theta, epoch, loss, t: (theta, epoch, t + 1),
)
_variant(
    "the lowest loss in place of its epoch",
    (BEST, LIMIT, TIES, NAN, START),
    "The second result is the number of the best epoch, not its loss.",
    told=lambda theta, epoch, loss, t: (theta, loss, t),
)


def _waited_out(theta, epoch, validation_loss, patience, max_epochs):
    best_theta, best_epoch, _ = _history(theta, epoch, validation_loss, patience, max_epochs, _lowest)
    return best_theta, best_epoch, best_epoch + patience


def _history(theta, epoch, validation_loss, patience, max_epochs, lowest):
    """Early stopping by a list of all losses, the best of which ``lowest(losses)`` finds."""
    thetas, losses = [theta], [validation_loss(theta)]
    while len(losses) <= max_epochs and len(losses) - 1 - lowest(losses) < patience:
        thetas.append(epoch(thetas[-1]))
        losses.append(validation_loss(thetas[-1]))
    return thetas[lowest(losses)], lowest(losses), len(losses) - 1


def _lowest(losses):
    return int(np.argmin(np.where(np.isnan(losses), np.inf, losses)))


stopping.mistake(
    "best epoch plus patience",
    LIMIT,
    "Where max_epochs ends the training, fewer epochs than best_epoch + patience were trained: count them.",
)(_waited_out)


@stopping.mistake("argmin finds NaN", NAN, "np.argmin takes NaN for the smallest: use np.nanargmin, or replace NaN.")
def argmin_finds_nan(theta, epoch, validation_loss, patience, max_epochs):
    return _history(theta, epoch, validation_loss, patience, max_epochs, lambda losses: int(np.argmin(losses)))


@stopping.mistake(
    "the last parameters are never looked at",
    (PATIENCE, LIMIT),
    "The loss of an epoch is looked at one round later: train first, then validate, and count.",
)
def last_parameters_are_never_looked_at(theta, epoch, validation_loss, patience, max_epochs):
    best, best_theta, best_epoch, waited, t = np.inf, theta, 0, 0, 0
    for t in range(1, max_epochs + 1):
        loss = validation_loss(theta)
        if loss < best:
            best, best_theta, best_epoch, waited = loss, theta, t - 1, 0
        else:
            waited += 1
            if waited >= patience:
                break
        theta = epoch(theta)
    return best_theta, best_epoch, t


_variant(
    "the last epoch for the best",
    (BEST, TIES, NAN, START),
    "best_epoch is the epoch of best_theta, not the last one.",
    told=lambda theta, epoch, loss, t: (theta, t, t),
)
_variant("one epoch too few", LIMIT, "Epoch 0 is before training: after it come max_epochs more.", extra=-1)
_variant(
    "the best epoch for the number of epochs",
    PATIENCE,
    "num_epochs counts the epochs that were trained, patience included.",
    told=lambda theta, epoch, loss, t: (theta, epoch, epoch),
)


@stopping.mistake(
    "the largest loss", (BEST, PATIENCE, LIMIT, TIES, NAN, START, PURE), "The lowest validation loss is the best."
)
def the_largest_loss(theta, epoch, validation_loss, patience, max_epochs):
    best_loss, best_theta, best_epoch = (-np.inf, theta, 0)
    for t in range(max_epochs + 1):
        theta = epoch(theta) if t > 0 else theta
        loss = validation_loss(theta)
        if loss > best_loss:
            best_loss, best_theta, best_epoch = (loss, theta, t)
        if t - best_epoch >= patience:
            break
    return (best_theta, best_epoch, t)


@stopping.mistake("the start's parameters", BEST, "Remember theta, too, whenever the loss is the lowest so far.")
def the_start_s_parameters(theta, epoch, validation_loss, patience, max_epochs):
    best_loss, best_theta, best_epoch = (np.inf, theta, 0)
    for t in range(max_epochs + 1):
        theta = epoch(theta) if t > 0 else theta
        loss = validation_loss(theta)
        if loss < best_loss:
            best_loss, best_epoch = (loss, t)
            best_theta = theta if t == 0 else best_theta
        if t - best_epoch >= patience:
            break
    return (best_theta, best_epoch, t)
