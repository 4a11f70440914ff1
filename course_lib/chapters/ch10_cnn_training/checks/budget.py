"""Exercises 10-6 and 10-7: how many epochs fit into a time, foretold, and a question."""

import numpy as np

from course_lib.checks.compare import Wrong, shaped
from course_lib.checks.kit import Exercise
from course_lib.checks.questions import Criterion, Question
from course_lib.checks.whole import WHOLE, as_whole, different

# --- 10-6: seconds, num_images, batch_size, start, each, validation_images -> epochs ----------------------------

budget = Exercise("10-6", "Epochs in a minute", "epochs_within", kind="predict", topics=("training",), profile="torch")

TRAINING = "The time of an epoch's steps is right, the last batch's too"
JUDGING = "Validation after each epoch takes its time"
FINISHED = "Only epochs that are finished count"
WHAT = "the number of epochs"


def _clock(num_images, batch_size, start, each, validation_images):
    """Seconds of an epoch, batch by batch."""
    seconds = 0.0
    for images, share in ((num_images, 1.0), (validation_images, 1 / 3)):
        while images > 0:
            seconds += start + share * each * min(batch_size, images)
            images -= batch_size
    return seconds


def _by_the_clock(seconds, *rest):
    return float(int(seconds // _clock(*rest)))


def _lasting(epochs, *rest):
    """Arguments for so many epochs; not a whole number, so that rounding errors do not decide."""
    return epochs * _clock(*rest), *rest


def _same_numbers(epochs_within, cases):
    """All are asked for before anything is said: one number alone may be right, or another fault's, by luck."""
    got = np.array([float(shaped(epochs_within(*given), (), WHAT)) for given in cases])
    expected = np.array([_by_the_clock(*given) for given in cases])
    if not np.array_equal(got, expected):
        raise Wrong("The numbers of epochs are not what was expected.", got=got, expected=expected)


@budget.check(
    TRAINING,
    points=1,
    hint=(
        "How many steps has an epoch if the batch size does not divide the number of images?",
        "ceil(num_images / batch_size) * start + num_images * each.",
    ),
)
def steps_take_their_time(epochs_within, rng):
    cases = []
    for epochs in (900, 30_000):
        batch_size, each = int(rng.integers(5, 20)), rng.uniform(1e-4, 1e-3)
        num_images = batch_size * int(rng.integers(2, 5)) + batch_size // 3
        start = 2 * batch_size * each
        cases.append(_lasting(rng.integers(epochs, 1.2 * epochs) + 0.4, num_images, batch_size, start, each, 0))
    _same_numbers(epochs_within, cases)


@budget.check(
    JUDGING,
    points=1,
    hint="Nothing goes backward there: an image costs a third of what it costs in training.",
)
def validation_takes_time(epochs_within, rng):
    cases = []
    for epochs in (900, 30_000):
        batch_size, each = int(rng.integers(5, 20)), rng.uniform(1e-4, 1e-3)
        num_images, judged = batch_size * int(rng.integers(4, 9)), batch_size * int(rng.integers(3, 5))
        cases.append(_lasting(rng.integers(epochs, 1.2 * epochs) + 0.4, num_images, batch_size, 0.0, each, judged))
    _same_numbers(epochs_within, cases)


@budget.check(FINISHED, points=1, hint="What is begun and not finished counts nothing: round down, to 0 if need be.")
def finished_ones_count(epochs_within, rng):
    each = rng.uniform(0.01, 0.1)
    lengths = int(rng.integers(2, 5)) + 0.8, 0.6
    cases = [_lasting(epochs, 12 * int(rng.integers(3, 9)), 12, 0.0, each, 0) for epochs in lengths]
    _same_numbers(epochs_within, cases)


@as_whole(budget, _by_the_clock)
def all_of_the_time(epochs_within, rng):
    """Batches that divide and that do not, one image at a time, one batch for all, no cost to start, and none each."""
    a, b, c, d = different(rng, 4, 3, 14)
    each, start = rng.uniform(1e-4, 1e-3), rng.uniform(1e-3, 1e-2)
    rests = (
        (7 * a + 1, a, start, each, 3 * a + 2),
        (5 * b, b, start, each, b - 1),
        (c, 1, start, each, d),
        (d, 4 * d, start, each, 2 * d),
        (6 * a, c, 0.0, each, b),
        (6 * b, d, start, 0.0, 9 * d + 1),
    )
    lengths = [(int(rng.integers(20_000, 40_000)) + 0.4, 0.7) for _ in rests]
    cases = [_lasting(epochs, *rest) for rest, two in zip(rests, lengths, strict=True) for epochs in two]
    # just finished but for the last epoch's validation: it does not count
    rest = 8 * a, a, start, each, 8 * a
    cases.append((3.9 * _clock(*rest), *rest))
    _same_numbers(epochs_within, cases)


def _timed(
    steps=lambda n, m: -(-n // m),
    training=lambda steps, n, m, start, each: steps * start + n * each,
    judging=lambda steps, v, m, start, each: steps * start + v * each / 3,
    whole_ones=np.floor,
    finished=lambda seconds, train, judge: seconds / max(train + judge, 1e-12),
):
    """An answer with its faults as switches."""

    def answer(seconds, num_images, batch_size, start, each, validation_images):
        train = training(steps(num_images, batch_size), num_images, batch_size, start, each)
        judge = judging(steps(validation_images, batch_size), validation_images, batch_size, start, each)
        return float(whole_ones(finished(seconds, train, judge)))

    return answer


def _together(seconds, num_images, batch_size, start, each, validation_images):
    steps = -(-(num_images + validation_images) // batch_size)
    return float(seconds // (steps * start + (num_images + validation_images / 3) * each))


for name, fails, says, switches in (
    ("rounded down steps", TRAINING, "The last, smaller batch is a step as well.", {"steps": lambda n, m: n // m}),
    (
        "a fraction of a step",
        TRAINING,
        "The last, smaller batch has the whole cost of a start: round the number of steps up.",
        {"steps": lambda n, m: n / m},
    ),
    (
        "the last batch as a full one",
        TRAINING,
        "The last batch has fewer images: each image is paid for once.",
        {"training": lambda steps, n, m, start, each: steps * (start + m * each)},
    ),
    (
        "one start an epoch",
        TRAINING,
        "Every step pays for its start.",
        {"training": lambda steps, n, m, start, each: start + n * each},
    ),
    (
        "no start at all",
        TRAINING,
        "A step costs its start besides its images, (10.7).",
        {"training": lambda steps, n, m, start, each: n * each},
    ),
    (
        "validation left out",
        JUDGING,
        "After each epoch the network is validated, which takes time, too.",
        {"judging": lambda steps, v, m, start, each: 0.0},
    ),
    (
        "validation as costly as training",
        JUDGING,
        "Validation has no backward pass: an image costs a third.",
        {"judging": lambda steps, v, m, start, each: steps * start + v * each},
    ),
    (
        "two thirds for validation",
        JUDGING,
        "Two thirds are the backward pass, which validation has not.",
        {"judging": lambda steps, v, m, start, each: steps * start + 2 * v * each / 3},
    ),
    (
        "validation without starts",
        WHOLE,
        "The batches of validation pay for their starts, too.",
        {"judging": lambda steps, v, m, start, each: v * each / 3},
    ),
    (
        "the smaller last batch dropped",
        TRAINING,
        "The last, smaller batch is trained and judged, too.",
        {
            "steps": lambda n, m: n // m,
            "training": lambda steps, n, m, start, each: steps * (start + m * each),
            "judging": lambda steps, v, m, start, each: steps * (start + m * each / 3),
        },
    ),
    (
        "the last batch as a full one",
        TRAINING,
        "The last batch has fewer images: each image is paid for once.",
        {
            "training": lambda steps, n, m, start, each: steps * (start + m * each),
            "judging": lambda steps, v, m, start, each: steps * (start + m * each / 3),
        },
    ),
    (
        "a step more where none is left over",
        TRAINING,
        "n // m + 1 is one too many where m divides n: round n / m up.",
        {"steps": lambda n, m: n // m + 1},
    ),
    (
        "one start an epoch",
        TRAINING,
        "Every step pays for its start.",
        {
            "training": lambda steps, n, m, start, each: start + n * each,
            "judging": lambda steps, v, m, start, each: start * (v > 0) + v * each / 3,
        },
    ),
    (
        "one start an epoch",
        TRAINING,
        "Every step pays for its start.",
        {
            "training": lambda steps, n, m, start, each: start + n * each,
            "judging": lambda steps, v, m, start, each: v * each / 3,
        },
    ),
    (
        "no start at all",
        TRAINING,
        "A step costs its start besides its images, (10.7).",
        {
            "training": lambda steps, n, m, start, each: n * each,
            "judging": lambda steps, v, m, start, each: v * each / 3,
        },
    ),
    (
        "one image a step",
        (TRAINING, JUDGING, FINISHED),
        "each is the time of one image: a step has many.",
        {
            "training": lambda steps, n, m, start, each: steps * (start + each),
            "judging": lambda steps, v, m, start, each: steps * (start + each / 3),
        },
    ),
    (
        "the start once for each image",
        TRAINING,
        "A start is paid for once a step, not once an image.",
        {
            "training": lambda steps, n, m, start, each: n * (start + each),
            "judging": lambda steps, v, m, start, each: v * (start + each / 3),
        },
    ),
    (
        "three times the cost for validation",
        JUDGING,
        "Without a backward pass an image costs a third of what it costs in training, not three times as much.",
        {"judging": lambda steps, v, m, start, each: steps * start + 3 * v * each},
    ),
    (
        "a third of the start in validation",
        WHOLE,
        "Only the images cost a third: the start of a batch costs as much as in training.",
        {"judging": lambda steps, v, m, start, each: (steps * start + v * each) / 3},
    ),
    (
        "validation in one batch",
        WHOLE,
        "Validation goes in batches of the same size, each with its start.",
        {"judging": lambda steps, v, m, start, each: (v > 0) * start + v * each / 3},
    ),
    (
        "validation once, in the end",
        JUDGING,
        "The network is judged after each epoch, not once in the end.",
        {"finished": lambda seconds, train, judge: max(0.0, (seconds - judge) / max(train, 1e-12))},
    ),
    (
        "finished before it is judged",
        WHOLE,
        "An epoch is finished when it has been judged: the last one, too.",
        {"finished": lambda seconds, train, judge: (seconds + judge) / max(train + judge, 1e-12)},
    ),
    (
        "training and validation in the same batches",
        WHOLE,
        "Training ends with a batch of its own, and validation begins with another.",
        {},
    ),
    (
        "rounded to the nearest",
        FINISHED,
        "An epoch that is not finished does not count: round down.",
        {"whole_ones": np.round},
    ),
    (
        "one epoch at least",
        FINISHED,
        "If the time is too short for one epoch, none is finished.",
        {"whole_ones": lambda epochs: max(1.0, np.floor(epochs))},
    ),
    (
        "rounded up",
        (TRAINING, JUDGING, FINISHED),
        "The last one was begun and is not finished: round down.",
        {"whole_ones": np.ceil},
    ),
    (
        "not rounded",
        (TRAINING, JUDGING, FINISHED),
        "How many epochs are finished is a whole number.",
        {"whole_ones": lambda epochs: epochs},
    ),
):
    budget.mistake(name, fails, says)(_timed(**switches) if switches else _together)


# --- 10-7 -----------------------------------------------------------------------------------------------------

question = Question(
    "10-7",
    "The best epoch, on the test images",
    "Somebody trains forty networks that differ in learning rate and seed, looks at the test accuracy after every "
    "epoch, and reports the highest number of all. Why does that number promise too much, would it be better with more "
    "test images, and what should have been done instead?",
    rubric=(
        Criterion(
            6,
            "The highest of many noisy numbers is high by luck, too: the same images chose and judged, so the choice "
            "fits their accidents.",
        ),
        Criterion(3, "More test images make each number less noisy, and the excess smaller; it does not go away."),
        Criterion(3, "Choose network, epoch and rate on validation images; look at the test images once, at the end."),
    ),
)
