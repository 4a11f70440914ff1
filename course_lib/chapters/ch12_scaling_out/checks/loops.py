"""Exercise 12-5: a data-parallel loop with two faults that come together, to be mended."""

import numpy as np

from course_lib.chapters.ch12_scaling_out.checks.gradients import PURE, PURE_HINT, TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, sized
from course_lib.checks.kinds import NAMED, Debug
from course_lib.checks.whole import WHOLE, different, whole

OWN = "Every worker takes samples of its own"
LENGTH = "A step is as long as that of one machine"
REST = "What is left at the end of the epoch counts, every sample alike"
ALL_FAIL = (OWN, LENGTH, REST, NAMED, PURE)

MENU = {
    "same samples for all workers": "that alone would leave the steps as long as they should be.",
    "averaged twice": "that alone would still make the gradient less noisy with more workers.",
    "same samples, and averaged twice": "then more workers bring no less noise, and shorter steps.",
    "gradients are summed": "then the steps would grow with the number of workers.",
    "the order is not used": "then every epoch would deal out the same batches.",
}
loop = Debug(
    "12-5",
    "A data-parallel loop, mended",
    "data_parallel",
    topics=TOPICS,
    menu=MENU,
    fault="same samples, and averaged twice",
)


def _task(rng, workers, batch_size, samples, features=3):
    """``(theta, x, y, order, num_workers, batch_size, learning_rate)``; the order begins with none of the first."""
    x, order = rng.normal(size=(samples, features)), rng.permutation(samples)
    while samples > 3 and order[0] < order[1]:  # never the natural order
        order = rng.permutation(samples)
    return rng.normal(size=features), x, rng.normal(size=samples), order, workers, batch_size, rng.uniform(0.05, 0.2)


def _walk(theta, x, y, order, size, learning_rate):
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        theta = theta - learning_rate * x[batch].T @ (x[batch] @ theta - y[batch]) / len(batch)
    return theta


def _one_machine(theta, x, y, order, num_workers, batch_size, learning_rate):
    return _walk(theta, x, y, order, num_workers * batch_size, learning_rate)


def _epochs(rng):
    """One worker and several, batches of one and of all, ends at which workers have less to do, or nothing."""
    workers, batch_size, features = different(rng, 3, 2, 6)
    size = workers * batch_size
    shapes = (workers, batch_size, 2 * size + 1), (workers, batch_size, 2 * size + batch_size + 1), (1, 3, 7)
    shapes += (workers, 1, 3 * workers), (workers, batch_size, 1), (1, 50, 6), (workers, batch_size, size)
    return [_task(rng, *shape, features) for shape in shapes]


whole(loop, _one_machine, _epochs, ("the new theta",), again=True)


@loop.check(
    OWN,
    points=1,
    hint=(
        "Print which samples each worker takes in the first step.",
        "Worker w begins at start + w * batch_size.",
    ),
)
def own_samples(data_parallel, rng):
    task = _task(rng, 4, 2, 8)
    right = _one_machine(*task) - task[0]
    went = sized(data_parallel(*task), (3,), "the new theta", np.abs(task[0]).max()) - task[0]
    length = np.linalg.norm(went)
    if not length > 1e-9:
        raise Wrong("After an epoch theta is where it was.", got=went + task[0])
    close(went / length, right / np.linalg.norm(right), "the direction of the step")


@loop.check(LENGTH, points=1, hint="Let all samples be alike: how long is the step, with one worker and with four?")
def as_long_as_of_one(data_parallel, rng):
    theta, x, y, order, workers, batch_size, learning_rate = _task(rng, 4, 2, 8)
    x, y = np.repeat(x[:1], 8, axis=0), np.repeat(y[:1], 8)
    new = data_parallel(theta, x, y, order, workers, batch_size, learning_rate)
    close(new, _one_machine(theta, x, y, order, workers, batch_size, learning_rate), "the new theta")


@loop.check(
    REST,
    points=1,
    hint=(
        "Five samples for three workers with batches of 2: shards of 2, 2 and 1.",
        "Sum over the samples, and divide once by the number of samples in the step.",
    ),
)
def the_rest_counts(data_parallel, rng):
    for samples in (5, 3):  # the third worker has one sample, or none
        task = _task(rng, 3, 2, samples)
        close(data_parallel(*task), _one_machine(*task), "the new theta")


loop.names_the_fault(points=1)


@loop.check(PURE, points=1, hint=PURE_HINT, supporting=True)
def the_data_stay(data_parallel, rng):
    leaves_inputs_alone(data_parallel, *_task(rng, 3, 2, 13), other=_task(rng, 2, 3, 11))


@loop.handed_out(ALL_FAIL)
def both_faults(theta, x, y, order, num_workers, batch_size, learning_rate):
    for start in range(0, len(order), num_workers * batch_size):
        step = np.zeros_like(theta)
        for _ in range(num_workers):
            batch = order[start : start + batch_size]  # one seed for all workers
            error = x[batch] @ theta - y[batch]
            step = step + x[batch].T @ error / len(batch) / num_workers
        theta = theta - learning_rate * step / num_workers
    return theta


def _looped(
    theta, x, y, order, num_workers, batch_size, learning_rate, own=True, weigh="samples", keep=None, longer=None
):
    """The loop with its faults as switches; ``keep``: how many samples of a step that is not full are taken;
    ``longer(num_workers)``: times the step."""
    learning_rate = learning_rate * (longer(num_workers) if longer else 1)
    size = num_workers * batch_size
    for start in range(0, len(order), size):
        part = order[start : start + size]
        part = part[:keep] if keep is not None and len(part) < size else part
        pieces = [part[w * batch_size * own :][:batch_size] for w in range(num_workers)]
        pieces = [piece for piece in pieces if len(piece)]
        if not pieces:
            continue
        gradients = np.array([x[piece].T @ (x[piece] @ theta - y[piece]) / len(piece) for piece in pieces])
        sizes = np.array([len(piece) for piece in pieces])
        weights = {
            "samples": sizes / sizes.sum(),
            "workers": np.ones(len(sizes)) / len(sizes),
            "all": np.ones(len(sizes)) / num_workers,
            "none": np.ones(len(sizes)),
            "full": sizes / size,
            "twice": sizes / sizes.sum() / num_workers,
        }[weigh]
        theta = theta - learning_rate * weights @ gradients
    return theta


def _with(switches):
    """The loop with these faults, as a function of the arguments alone."""

    def wrong(theta, x, y, order, num_workers, batch_size, learning_rate):
        return _looped(theta, x, y, order, num_workers, batch_size, learning_rate, **switches)

    return wrong


for name, fails, says, switches in (
    (
        "every worker takes the same samples",
        (OWN, REST),
        "All begin at start, as if all had the same seed: four workers then learn what one does. Give each its own.",
        {"own": False, "weigh": "workers"},
    ),
    (
        "averaged twice",
        (LENGTH, REST),
        "The step is divided by the number of workers in two places: divide once.",
        {"weigh": "twice"},
    ),
    (
        "not averaged at all",
        (LENGTH, REST),
        "The gradients are summed, so that the step grows with the number of workers: divide by the samples, once.",
        {"weigh": "none"},
    ),
    (
        "the short shard counts as much as a full one",
        REST,
        "In the last step the shards are unequal: weight each gradient by its number of samples, (12.2).",
        {"weigh": "workers"},
    ),
    (
        "workers without samples count",
        REST,
        "In the last step some workers have nothing to do: the average is over samples, not over num_workers.",
        {"weigh": "all"},
    ),
    (
        "divided as if the step were full",
        REST,
        "Divide by the samples that there are, not by num_workers * batch_size.",
        {"weigh": "full"},
    ),
    (
        "the last samples are dropped",
        REST,
        "The samples that do not fill a whole step are part of the epoch, too: take the last step with what is left.",
        {"keep": 0},
    ),
    (
        "the last step belongs to one worker",
        REST,
        "All workers share what is left: the second one takes what the first one has left over.",
        {"keep": 1},
    ),
):
    loop.mistake(name, fails, says)(_with(switches))


@loop.mistake(
    "every worker moves theta by itself",
    (OWN, LENGTH, REST, NAMED, PURE),
    "The second worker must compute at the same theta as the first: move theta after all gradients are there.",
)
def moved_by_each(theta, x, y, order, num_workers, batch_size, learning_rate):
    return _walk(theta, x, y, order, batch_size, learning_rate)


@loop.mistake(
    "the order is not used",
    WHOLE,
    "Sample number i of the epoch is order[i]: without it every epoch is the same, and neighbours stay together.",
)
def order_not_used(theta, x, y, order, num_workers, batch_size, learning_rate):
    return _walk(theta, x, y, np.arange(len(order)), num_workers * batch_size, learning_rate)


@loop.mistake(
    "gradients summed",
    (LENGTH, REST),
    "The step is along the mean over the samples of all workers: divide by how many they were.",
)
def gradients_summed(theta, x, y, order, num_workers, batch_size, learning_rate):
    for start in range(0, len(order), num_workers * batch_size):
        total, seen = (np.zeros_like(theta), 0)
        for worker in range(num_workers):
            first = start + worker * batch_size
            batch = order[first : first + batch_size]
            total = total + x[batch].T @ (x[batch] @ theta - y[batch])
            seen += len(batch)
        theta = theta - learning_rate * total
    return theta


for longer in (lambda workers: 2, lambda workers: 0.5):
    loop.mistake(
        "the factor of the square",
        (LENGTH, REST),
        "The derivative of half a square is the error itself: no factor 2 and no 1/2.",
    )(_with({"longer": longer}))
loop.mistake(
    "the rate times the number of workers",
    (LENGTH, REST),
    "learning_rate is that of the one machine with the large batch: the step along the mean is that long.",
)(_with({"longer": lambda workers: workers}))


loop.mistake(
    "the rate times the root of the number of workers",
    (LENGTH, REST),
    "learning_rate is that of the one machine with the large batch: the step along the mean is that long.",
)(_with({"longer": np.sqrt}))


def _in_another_order(xs, ys):
    """The walk with ``xs(order)`` and ``ys(order)`` in place of the order."""

    def another_order(theta, x, y, order, num_workers, batch_size, learning_rate):
        x, y = x[xs(order)], y[ys(order)]
        return _walk(theta, x, y, np.arange(len(order)), num_workers * batch_size, learning_rate)

    return another_order


BOTH = "x[i] and y[i] belong together: take both at the places that order says."
for xs, ys in ((np.array, np.sort), (np.sort, np.array)):
    loop.mistake("the order for one of x and y only", (OWN, REST), BOTH)(_in_another_order(xs, ys))


@loop.mistake(
    "one step only",
    WHOLE,
    "An epoch has as many steps as it takes to see every sample once: go on from each theta.",
)
def one_step_only(theta, x, y, order, num_workers, batch_size, learning_rate):
    return _one_machine(theta, x, y, order[: num_workers * batch_size], num_workers, batch_size, learning_rate)


def _one_sample_apart(weigh):
    """Workers whose batches overlap; the mean over their ``"samples"``, or over ``"workers"``."""

    def one_sample_later(theta, x, y, order, num_workers, batch_size, learning_rate):
        for start in range(0, len(order), num_workers * batch_size):
            pieces = [order[start + w : start + w + batch_size] for w in range(num_workers)]
            pieces = [piece for piece in pieces if len(piece)]
            sums = [x[piece].T @ (x[piece] @ theta - y[piece]) for piece in pieces]
            sizes = np.array([len(piece) for piece in pieces])
            shares = np.ones(len(sizes)) / sizes.sum() if weigh == "samples" else 1 / sizes / len(sizes)
            theta = theta - learning_rate * shares @ np.array(sums)
        return theta

    return one_sample_later


for weigh in ("samples", "workers"):
    loop.mistake(
        "every worker starts one sample later",
        (OWN, REST),
        "Worker w begins at start + w * batch_size: else neighbours share all but one of their samples.",
    )(_one_sample_apart(weigh))


@loop.mistake(
    "each worker has a part of the epoch to itself",
    WHOLE,
    "Samples are dealt out step by step: batch_size for worker 0, the next ones for worker 1, and so on.",
)
def a_part_to_itself(theta, x, y, order, num_workers, batch_size, learning_rate):
    shards, size = np.array_split(order, num_workers), num_workers * batch_size
    for step in range(-(-len(order) // size)):
        batch = np.concatenate([shard[step * batch_size : (step + 1) * batch_size] for shard in shards])
        if len(batch):
            theta = theta - learning_rate * x[batch].T @ (x[batch] @ theta - y[batch]) / len(batch)
    return theta


@loop.mistake("a stale gradient", WHOLE, "Every step asks at the theta of the step before.")
def a_stale_gradient(theta, x, y, order, num_workers, batch_size, learning_rate):
    at = theta
    for start in range(0, len(order), num_workers * batch_size):
        total, seen = (np.zeros_like(theta), 0)
        for worker in range(num_workers):
            first = start + worker * batch_size
            batch = order[first : first + batch_size]
            total = total + x[batch].T @ (x[batch] @ at - y[batch])
            seen += len(batch)
        theta = theta - learning_rate * total / seen
    return theta


@loop.mistake("uphill", (OWN, LENGTH, REST, NAMED, PURE), "The step is subtracted.")
def uphill(theta, x, y, order, num_workers, batch_size, learning_rate):
    for start in range(0, len(order), num_workers * batch_size):
        total, seen = (np.zeros_like(theta), 0)
        for worker in range(num_workers):
            first = start + worker * batch_size
            batch = order[first : first + batch_size]
            total = total + x[batch].T @ (x[batch] @ theta - y[batch])
            seen += len(batch)
        theta = theta + learning_rate * total / seen
    return theta
