"""Exercise 12-1: the average over unequal shards."""

import numpy as np

from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import NOTHING, close
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import WHOLE, whole, wide

TOPICS = ("optimizers", "schedules", "sampling")

average = Exercise("12-1", "The average over unequal shards", "average_gradients", kind="derive", topics=TOPICS)

PURE = "What was given stays as it was"
PURE_HINT = "Make new arrays: a *= b and a[...] = b write into what the caller gave."


# --- 12-1: gradients, sizes -> gradient ---------------------------------------------------------------------

ALIKE = "Every sample counts alike, whatever the size of its shard"
EQUAL = "With equal shards it is the plain average"
EMPTY = "A worker without samples is left out"


UNROUND = 3, 6, 7  # workers whose equal shares are no whole per cents: who rounds them is always wrong


def _shards(rng):
    """``(gradients, sizes)``: four to six workers, one of whom has a single sample, no two sizes alike."""
    workers = int(rng.integers(4, 7))
    sizes = rng.permutation(np.append(1, rng.choice(np.arange(3, 20), workers - 1, replace=False)))
    return rng.normal(size=(workers, 5)) + 3, sizes


def _with_empty(rng):
    """Two workers have no samples, and their rows hold what a mean over nothing gives; the others equally many."""
    workers = int(rng.choice(UNROUND)) + 2
    sizes = np.full(workers, int(rng.integers(4, 9)))
    sizes[[0, rng.integers(1, workers)]] = 0  # who drops rows and not sizes finds them in other places
    gradients = rng.normal(size=(workers, 5)) + 3
    return np.where(sizes[:, None] > 0, gradients, np.nan), sizes


def _right(gradients, sizes):
    there = sizes > 0
    return sizes[there] @ gradients[there] / sizes.sum()


@average.check(
    ALIKE,
    points=1,
    hint=(
        "Shards of 30 and 10 samples: how much of the whole batch is each?",
        "The weights are sizes / sizes.sum(), one for each worker.",
    ),
)
def every_sample_counts_alike(average_gradients, rng):
    for _ in range(3):
        gradients, sizes = _shards(rng)
        close(average_gradients(gradients, sizes), _right(gradients, sizes), "the average")


@average.check(EQUAL, points=1, hint="Try it with sizes that are all the same: then it must be gradients.mean(axis=0).")
def equal_shards_are_averaged(average_gradients, rng):
    for workers in (1, int(rng.choice(UNROUND))):  # of two, the median is the mean
        gradients = rng.normal(size=(workers, 4)) + 3
        sizes = np.full(workers, int(rng.integers(2, 9)))  # with single samples there is one for each worker
        close(average_gradients(gradients, sizes), gradients.mean(axis=0), "the average")


@average.check(
    EMPTY,
    points=1,
    hint=(
        "The mean over no samples is nan, and 0 * nan is nan, too.",
        "Keep the rows of the workers with sizes > 0 only.",
    ),
)
def workers_without_samples_are_left_out(average_gradients, rng):
    gradients = rng.normal(size=(int(rng.choice(UNROUND)), 5)) + 3
    there = np.full(len(gradients), 3)  # nobody is without samples yet
    close(average_gradients(gradients, there), gradients.mean(axis=0), "the average")
    for _ in range(2):
        gradients, sizes = _with_empty(rng)
        close(average_gradients(gradients, sizes), _right(gradients, sizes), "the average")


def _uneven_cases(rng):
    """One worker, and several: equal shards and all different ones, a single sample, nobody but one with samples.

    Gradients that are 0, in one place and all over, are no sign of a worker without samples.
    """
    rows = rng.normal(size=(5, 3)) + 3
    rows[1], rows[2, 0] = 0.0, 0.0
    cases = [(rows, rng.permutation([3, 11, 6, 8, 2]))]
    some = rng.permutation([1, 0, 0, 0, 0, 0]) + rng.integers(0, 30, 6)
    for sizes in ([7], rng.permutation([1, 0]), [0, *rng.permutation([5, 0, 1])], [4, 4, 4], some):
        sizes = np.array(sizes)
        rows = wide(rng, len(sizes), int(rng.integers(1, 6)))
        cases.append((np.where(sizes[:, None] > 0, rows, np.nan), sizes))
    return cases


def _sample_by_sample(gradients, sizes):
    rows = [row for row, size in zip(gradients, sizes.tolist(), strict=True) for _ in range(size)]
    return np.sum(rows, axis=0) / len(rows)


def _something_beside(seen):
    """``(name, what to do)`` if every average is divided by all samples and one and the same number besides."""
    beside = [(right / got - 1) * np.sum(given[1]) for got, right, given in seen if np.all(got)]
    apart = np.ptp(np.concatenate(beside)) if beside else np.inf
    if not apart < 1e-3 * abs(beside[0][0]):
        return NOTHING
    return (
        "a number beside the number of samples",
        "You divide by the number of samples and something more. At least one worker has samples, so it is never 0: "
        "divide by it alone.",
    )


whole(average, _sample_by_sample, _uneven_cases, ("the average",), told=_something_beside)


@average.check(PURE, points=1, hint=PURE_HINT, aside=True)
def shards_stay(average_gradients, rng):
    leaves_inputs_alone(average_gradients, *_with_empty(rng), other=_shards(rng))


def _weighted(gradients, weights):
    """Rows without weight count nothing, whatever they hold."""
    there = weights > 0
    return weights[there] @ gradients[there] / weights.sum()


@average.mistake(
    "every worker counts alike",
    ALIKE,
    "This is the average over the workers: a sample of a small shard counts more. Weight each by its share of the "
    "samples.",
)
def every_worker_alike(gradients, sizes):
    return _weighted(gradients, (sizes > 0).astype(float))


@average.mistake(
    "weights turned round", ALIKE, "Small shards get the large weights here: multiply by the sizes, do not divide."
)
def weights_turned_round(gradients, sizes):
    return _weighted(gradients, np.divide(1.0, sizes, out=np.zeros(len(sizes)), where=sizes > 0))


@average.mistake(
    "weights by the root of the size",
    ALIKE,
    "The noise of a mean falls with the root of its size, but the mean of the whole batch needs the size itself.",
)
def weights_by_the_root(gradients, sizes):
    return _weighted(gradients, np.sqrt(sizes))


@average.mistake(
    "a shard of one sample left out", ALIKE, "One sample is a shard, too: only workers with none at all are left out."
)
def one_sample_left_out(gradients, sizes):
    return _weighted(gradients, np.where(sizes > 1, sizes, 0) if (sizes > 1).any() else sizes)


@average.mistake(
    "divided by the largest shard",
    ALIKE,
    "The weights must sum to 1: divide by the number of all samples, not by the largest shard times the workers.",
)
def divided_by_the_largest(gradients, sizes):
    there = sizes > 0
    return sizes[there] @ gradients[there] / (sizes.max() * there.sum())


@average.mistake(
    "nan of an empty shard", EMPTY, "A worker without samples sends nan, and 0 * nan is nan: leave its row out."
)
def nan_of_an_empty_shard(gradients, sizes):
    return sizes @ gradients / sizes.sum()


@average.mistake(
    "0 where there was nan",
    EMPTY,
    "np.nan_to_num of the average throws away what the other workers have sent: leave the empty rows out first.",
)
def zero_where_nan(gradients, sizes):
    return np.nan_to_num(sizes @ gradients / sizes.sum())


@average.mistake(
    "summed, not averaged",
    (ALIKE, EQUAL, EMPTY, PURE),
    "The sum over the samples grows with the batch, and the step with it: divide by the number of samples.",
)
def summed(gradients, sizes):
    there = sizes > 0
    return sizes[there] @ (gradients[there] + 0.0)


@average.mistake(
    "workers without samples count",
    (ALIKE, EMPTY),
    "This divides by the number of all workers: divide by the number of all samples instead.",
)
def idle_workers_counted(gradients, sizes):
    return np.sum(gradients[sizes > 0], axis=0) / len(sizes)


@average.mistake(
    "a gradient of 0 taken for no samples",
    WHOLE,
    "A mean gradient may be 0, in some places or in all: who has no samples stands in sizes.",
)
def zero_taken_for_no_samples(gradients, sizes):
    there = np.nan_to_num(gradients).any(axis=1)
    return sizes[there] @ gradients[there] / sizes[there].sum()


@average.mistake(
    "a gradient of 0 taken for no samples",
    WHOLE,
    "A mean gradient may be 0, in some places or in all: who has no samples stands in sizes.",
)
def zero_somewhere_taken_for_no_samples(gradients, sizes):
    there = (np.nan_to_num(gradients) != 0).all(axis=1)
    return sizes[there] @ gradients[there] / sizes[there].sum()


def _rounded_weights(digits):
    def answer(gradients, sizes):
        there = sizes > 0
        return np.round(sizes[there] / sizes.sum(), digits) @ gradients[there]

    return answer


for digits in (1, 2, 3):
    average.mistake(
        "rounded weights",
        (ALIKE, EQUAL, EMPTY, PURE),
        "The weights are sizes / sizes.sum() to the last digit: rounded ones do not add up to 1.",
    )(_rounded_weights(digits))


def _divided_by(workers):
    """An answer that divides the sum over the samples by ``workers(which of them have samples)``."""

    def answer(gradients, sizes):
        there = sizes > 0
        return sizes[there] @ gradients[there] / workers(there)

    return answer


for workers in (len, np.sum):
    average.mistake(
        "divided by the number of workers",
        (ALIKE, EQUAL, EMPTY, PURE),
        "These are sums over samples: divide by the number of samples, sizes.sum(), not by that of the workers.",
    )(_divided_by(workers))


@average.mistake(
    "the largest shard alone",
    (ALIKE, EQUAL, EMPTY, PURE),
    "The gradient of the largest shard is only its own: the other workers have samples, too.",
)
def largest_shard_alone(gradients, sizes):
    return 1.0 * gradients[np.argmax(sizes)]


@average.mistake(
    "the median of the workers",
    (ALIKE, EQUAL, EMPTY, PURE),
    "The gradient of the whole batch is a mean over its samples, and no median.",
)
def median_of_the_workers(gradients, sizes):
    return np.median(gradients[sizes > 0], axis=0)
