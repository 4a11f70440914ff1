"""Exercises 02-1 and 02-2: mini-batches, and the loop of SGD.

Randomness comes in from outside, as a function that deals out an order or a gradient: so a right answer is
right to the last digit, and a wrong one is recognised whatever generator a student would have used.
"""

from itertools import count

import numpy as np

from course_lib.chapters.ch02_sgd_noise.checks.rules import (
    PURE,
    PURE_HINT,
    TOPICS,
    vector,
)
from course_lib.checks.calls import Spy, bounded, leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, numbers, shaped
from course_lib.checks.facts import telling
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise

batches = Exercise("02-1", "Mini-batches", "mini_batches", topics=TOPICS)
sgd = Exercise("02-2", "SGD with a schedule", "sgd", topics=TOPICS)


# --- 02-1: samples, batch_size, permutation -> list of batches -------------------------------------------------

COVERS = "One epoch holds every sample exactly once"
SIZES = "Batches hold batch_size samples, the last one what is left"
SHUFFLED = "The samples come in the order that permutation deals out"


def _fresh(rng):
    """A function that deals out another order at every call, in which no number has its own place."""

    def dealt(n):
        around = rng.permutation(bounded(n))
        order = np.zeros(len(around), dtype=int)
        order[around] = np.roll(around, 1)
        return order

    return Spy(dealt)


def _rolled(n, by=5):
    """The same order at every call: neither the natural one, nor its own inverse, nor that when dealt twice."""
    return np.roll(np.arange(bounded(n)), by)


def _rolling():
    """A function that deals out ``_rolled`` first, and another order at every later call."""
    by = count(5)
    return Spy(lambda n: _rolled(n, next(by)))


def _samples(rng, num_samples):
    """``(num_samples, 3)``, no two alike."""
    return rng.normal(size=(num_samples, 3)) + np.arange(num_samples)[:, None]


def _listed(result):
    """The batches as a list of arrays ``(m, 3)`` of finite numbers, or ``Wrong``."""
    if result is None:
        raise Wrong("A list of batches was expected, but the function returned None.", "None")
    whole = isinstance(result, np.ndarray) and result.ndim == 3
    if not whole and not isinstance(result, (list, tuple)):
        raise Wrong("A list of arrays was expected, one for each batch.", "NotNumbers", got=result)
    found = [numbers(batch, "a batch") for batch in result]
    return [shaped(batch, (*batch.shape[:1], 3), "a batch") for batch in found]


def _rows(result):
    """All samples of the epoch below each other."""
    return np.concatenate(_listed(result) or [np.zeros((0, 3))])


def _sorted(rows):
    return rows[np.argsort(rows[:, 0])]


@batches.check(
    COVERS,
    points=1,
    hint=(
        "One permutation makes the whole epoch: every batch is the next piece of the same order.",
        "order = permutation(len(samples)), once; then samples[order[i : i + batch_size]] for each i.",
    ),
    supporting=True,
)
def one_epoch_holds_every_sample_exactly(mini_batches, rng):
    samples = _samples(rng, 12)
    rows = _rows(mini_batches(samples, 3, _fresh(rng)))
    close(_sorted(rows), _sorted(samples), "the epoch, sorted,")


@batches.check(
    SIZES,
    points=1,
    hint=(
        "Ten samples in batches of four: two batches of four, and one of two.",
        "range(0, len(samples), batch_size) gives the beginnings; a slice may run over the end.",
    ),
)
def batches_hold_batch_size_samples(mini_batches, rng):
    num_samples, batch_size = [(10, 4), (9, 4), (13, 5)][rng.integers(3)]
    samples = _samples(rng, num_samples)
    result = _listed(mini_batches(samples, batch_size, _fresh(rng)))
    rows = np.concatenate(result or [samples[:0]])
    nearest = np.argmin(np.abs(rows[:, :1] - samples[:, 0]), axis=1)
    close(rows, samples[nearest], "what is in the batches")
    sizes = [batch_size] * (num_samples // batch_size) + [num_samples % batch_size]
    if [len(batch) for batch in result] != sizes:
        got = [len(batch) for batch in result]
        raise Wrong("The batches do not have the sizes that were expected.", got=got, expected=sizes)


@batches.check(
    SHUFFLED,
    points=2,
    hint=(
        "permutation(n) returns the numbers 0 to n - 1 in random order: the first batch holds the first of them.",
        "samples[order] are the samples in that order.",
    ),
)
def samples_come_in_the_order(mini_batches, rng):
    samples, permutation = _samples(rng, 12), _rolling()
    result = mini_batches(samples, 3, permutation)
    rows, expected = _rows(result), samples[_rolled(12)]
    if len(result) == 1:
        raise Wrong("The whole epoch is one batch.", got=result)
    with telling(
        not permutation.asked and not np.array_equal(rows, samples[: len(rows)]),
        "a random order of its own",
        "permutation is never called: the order comes from there, so that a run can be repeated.",
    ):
        close(rows[:3], expected[:3], "the beginning of the epoch")
        close(rows[-3:], expected[-3:], "the end of the epoch")


@batches.check(
    PURE, points=1, hint="samples[order] makes a new array; samples[:] = ... shuffles the caller's.", aside=True
)
def pure(mini_batches, rng):
    given = _samples(rng, 12), 3, Spy(_rolled)
    leaves_inputs_alone(mini_batches, *given, other=(_samples(rng, 12), 4, Spy(_rolled)))


def _cut(rows, batch_size):
    return [rows[i : i + batch_size] for i in range(0, len(rows), batch_size)]


@batches.mistake(
    "not shuffled",
    SHUFFLED,
    "The samples come in the order in which they are stored: a batch of "
    "neighbours is no random sample. Ask permutation for an order.",
)
def not_shuffled(samples, batch_size, permutation):
    return _cut(samples, batch_size)


@batches.mistake(
    "the order read backwards",
    SHUFFLED,
    "This is the inverse permutation: order[k] is the sample that comes k-th, so take samples[order].",
)
def order_read_backwards(samples, batch_size, permutation):
    return _cut(samples[np.argsort(permutation(len(samples)).astype(int))], batch_size)


@batches.mistake(
    "batches shuffled, not samples",
    SHUFFLED,
    "Neighbours stay together in a batch, in every epoch: shuffle the samples first, then cut.",
)
def batches_shuffled_not_samples(samples, batch_size, permutation):
    pieces = _cut(samples, batch_size)
    order = permutation(len(pieces)).astype(int)
    short = [piece for piece in pieces if len(piece) < batch_size]
    return [pieces[i] for i in order if len(pieces[i]) == batch_size] + short


@batches.mistake(
    "whole batches shuffled",
    (COVERS, SIZES, SHUFFLED, PURE),
    "Neighbours stay together in a batch, in every epoch, and the smaller batch may come anywhere: shuffle the samples "
    "first, then cut.",
)
def whole_batches_shuffled(samples, batch_size, permutation):
    pieces = _cut(samples, batch_size)
    return [pieces[i] for i in permutation(len(pieces)).astype(int)]


@batches.mistake(
    "columns shuffled, not rows",
    (COVERS, SIZES, SHUFFLED, PURE),
    "A sample is a row: samples[order], and permutation(len(samples)).",
)
def columns_shuffled_not_rows(samples, batch_size, permutation):
    return _cut(samples[:, permutation(samples.shape[1]).astype(int)], batch_size)


@batches.mistake(
    "samples torn apart",
    (COVERS, SIZES, SHUFFLED, PURE),
    "A sample is a row: deal out one order for the rows, not another one for each column.",
)
def samples_torn_apart(samples, batch_size, permutation):
    columns = [column[permutation(len(samples)).astype(int)] for column in samples.T]
    return _cut(np.stack(columns, axis=1), batch_size)


@batches.mistake(
    "shuffled within the batches only",
    SHUFFLED,
    "Neighbours stay together in a batch, in every epoch, whatever their order in it: shuffle all samples, then cut.",
)
def shuffled_within_the_batches_only(samples, batch_size, permutation):
    return [piece[permutation(len(piece)).astype(int)] for piece in _cut(samples, batch_size)]


@batches.mistake("the smaller batch first", SIZES, "What is left over comes last, not first.")
def smaller_batch_first(samples, batch_size, permutation):
    rows = samples[permutation(len(samples)).astype(int)]
    rest = len(rows) % batch_size
    return ([rows[:rest]] if rest else []) + _cut(rows[rest:], batch_size)


@batches.mistake(
    "what is left joins the last batch",
    SIZES,
    "No batch holds more than batch_size samples: what is left over is a batch of its own.",
)
def what_is_left_joins_the_last_batch(samples, batch_size, permutation):
    pieces = _cut(samples[permutation(len(samples)).astype(int)], batch_size)
    if len(pieces) > 1 and len(pieces[-1]) < batch_size:
        pieces[-2:] = [np.concatenate(pieces[-2:])]
    return pieces


@batches.mistake(
    "a new order for every batch",
    (COVERS, SHUFFLED),
    "Each batch is drawn afresh, so some samples come "
    "twice in an epoch and some never: deal out one order for the whole epoch.",
)
def new_order_for_every_batch(samples, batch_size, permutation):
    starts = range(0, len(samples), batch_size)
    return [samples[permutation(len(samples)).astype(int)[i : i + batch_size]] for i in starts]


@batches.mistake(
    "drops what is left",
    SIZES,
    "The last samples of the order are left out when batch_size does not "
    "divide their number: the last batch may be smaller.",
)
def drops_what_is_left(samples, batch_size, permutation):
    return [b for b in _cut(samples[permutation(len(samples)).astype(int)], batch_size) if len(b) == batch_size]


@batches.mistake(
    "the last batch left out",
    (COVERS, SIZES, SHUFFLED, PURE),
    "One batch is missing at the end, even where batch_size divides the number of samples: look where the loop ends.",
)
def last_batch_left_out(samples, batch_size, permutation):
    return _cut(samples[permutation(len(samples)).astype(int)], batch_size)[:-1]


@batches.mistake(
    "fills the last batch up", SIZES, "Samples that had their turn come again to fill the last batch: leave it smaller."
)
def fills_the_last_batch_up(samples, batch_size, permutation):
    rows = samples[permutation(len(samples)).astype(int)]
    missing = -len(rows) % batch_size
    return _cut(np.concatenate([rows, rows[:missing]]), batch_size)


@batches.mistake(
    "batches of equal size",
    SIZES,
    "np.array_split evens the sizes out: every batch but the last holds batch_size samples.",
)
def batches_of_equal_size(samples, batch_size, permutation):
    return np.array_split(samples[permutation(len(samples)).astype(int)], -(-len(samples) // batch_size))


@batches.mistake(
    "batch_size taken for the number of batches",
    SIZES,
    "batch_size says how many samples are in a batch, not how many batches there are.",
)
def batch_size_taken_for_the_number(samples, batch_size, permutation):
    return np.array_split(samples[permutation(len(samples)).astype(int)], batch_size)


@batches.mistake(
    "batches that overlap",
    (COVERS, SIZES),
    "The next batch begins where the last one ended: go on by batch_size, not by 1.",
)
def batches_that_overlap(samples, batch_size, permutation):
    rows = samples[permutation(len(samples)).astype(int)]
    return [rows[i : i + batch_size] for i in range(len(rows) - batch_size + 1)]


@batches.mistake(
    "one sample too few",
    (COVERS, SIZES, SHUFFLED, PURE),
    "A slice leaves out its end already: order[i : i + batch_size] has batch_size entries.",
)
def one_sample_too_few(samples, batch_size, permutation):
    rows = samples[permutation(len(samples)).astype(int)]
    return [rows[i : i + batch_size - 1] for i in range(0, len(rows), batch_size)]


# --- 02-2: theta, gradient, schedule, num_steps -> thetas ------------------------------------------------------

STARTS = "The start comes first, then num_steps points"
DOWNHILL = "A step goes learning rate times gradient downhill"
SCHEDULED = "Update t uses schedule(t), the first one t = 1"
NEWEST = "Each gradient is taken where the last step ended"


def _falling(rng):
    """A schedule that never repeats a value, and is defined from 0 on."""
    first, pace = rng.uniform(0.2, 0.5), rng.uniform(0.5, 2.0)
    return Spy(lambda t: first / (1 + pace * t))


def _steady(rng):
    learning_rate = rng.uniform(0.05, 0.2)
    return Spy(lambda t: np.array(learning_rate))


def _slope(rng):
    """A gradient that is the same everywhere."""
    g = vector(rng)
    return Spy(lambda theta: g)


def _walked(result, num_steps):
    return shaped(result, (num_steps + 1, 3), "the path")


@sgd.check(STARTS, points=1, hint="Row 0 of the result is theta as it was given; every update adds one row.")
def start_comes_first_then_num_steps(sgd, rng):
    theta = vector(rng)
    close(_walked(sgd(theta, _slope(rng), _steady(rng), 4), 4)[0], theta, "the first row of the path")


@sgd.check(DOWNHILL, points=1, hint=("The gradient points uphill.", "theta = theta - schedule(t) * gradient(theta)"))
def step_goes_learning_rate_times_gradient(sgd, rng):
    theta, gradient, schedule = vector(rng), _slope(rng), _steady(rng)
    expected = theta - schedule.function(1) * gradient.function(theta)
    close(_walked(sgd(theta, gradient, schedule, 1), 1)[1], expected, "the point after one step")


@sgd.check(
    SCHEDULED,
    points=2,
    hint=(
        "Ask the schedule in every step, and think about what number the first update has.",
        "for t in range(1, num_steps + 1):",
    ),
)
def update_t_uses_schedule_t(sgd, rng):
    theta, gradient, schedule = vector(rng), _slope(rng), _falling(rng)
    path = _walked(sgd(theta, gradient, schedule, 5), 5)
    lengths = np.linalg.norm(np.diff(path, axis=0), axis=-1) / np.linalg.norm(gradient.function(theta))
    close(lengths, [schedule.function(t) for t in range(1, 6)], "how far each step goes for its gradient")


@sgd.check(NEWEST, points=2, hint=("Every step begins with a new gradient.", "gradient(theta), with the theta of now"))
def each_gradient_is_taken_where(sgd, rng):
    root = rng.normal(size=(3, 3))
    gradient = Spy(lambda theta: (root @ root.T + np.eye(3)) @ theta)
    path = _walked(sgd(vector(rng), gradient, _steady(rng), 4), 4)
    if len(gradient.asked) != 4:
        raise Wrong("The gradient was not asked for once a step.", got=len(gradient.asked), expected=4)
    close(np.array(gradient.asked), path[:-1], "where the gradient was asked for")


@sgd.check(PURE, points=1, hint=PURE_HINT, aside=True)
def pure_sgd(sgd, rng):
    given = vector(rng), _slope(rng), _falling(rng), 3
    leaves_inputs_alone(sgd, *given, other=(vector(rng), _slope(rng), _falling(rng), 3))


def _walk(theta, step, num_steps):
    """All points of ``theta <- step(theta, t)``, t from 1."""
    path = [theta]
    for t in range(1, num_steps + 1):
        path.append(step(path[-1], t))
    return np.array(path)


@sgd.mistake(
    "counts from 0",
    SCHEDULED,
    "The first update is number t = 1, here as in the formulas of the lectures; "
    "a schedule such as 1 / t has no value at 0.",
)
def counts_from_0(theta, gradient, schedule, num_steps):
    return _walk(theta, lambda theta, t: theta - schedule(t - 1) * gradient(theta), num_steps)


@sgd.mistake(
    "one update late with the schedule",
    SCHEDULED,
    "Update t uses schedule(t): the second one schedule(2). Count t up before the schedule is asked, not after it.",
)
def one_update_late(theta, gradient, schedule, num_steps):
    return _walk(theta, lambda theta, t: theta - schedule(max(t - 1, 1)) * gradient(theta), num_steps)


def _asked_twice(theta, gradient, schedule, t):
    gradient(theta)
    return theta - schedule(t) * gradient(theta)


@sgd.mistake(
    "two gradients in each step",
    NEWEST,
    "Every call draws another mini-batch: ask once in each step, keep what comes, and use that.",
)
def two_gradients_in_each_step(theta, gradient, schedule, num_steps):
    return _walk(theta, lambda theta, t: _asked_twice(theta, gradient, schedule, t), num_steps)


@sgd.mistake(
    "one learning rate for ever", SCHEDULED, "The schedule is asked once, before the loop: ask it anew in every step."
)
def one_learning_rate_for_ever(theta, gradient, schedule, num_steps):
    learning_rate = schedule(1)
    return _walk(theta, lambda theta, t: theta - learning_rate * gradient(theta), num_steps)


@sgd.mistake(
    "divides by t as well", SCHEDULED, "schedule(t) is the learning rate, falling already: do not divide it by t."
)
def divides_by_t_as_well(theta, gradient, schedule, num_steps):
    return _walk(theta, lambda theta, t: theta - schedule(t) / t * gradient(theta), num_steps)


@sgd.mistake(
    "learning rates multiplied up",
    SCHEDULED,
    "schedule(t) is the learning rate itself, not a factor for "
    "the one before (L0's program, where eta_k is set anew in each round).",
)
def learning_rates_multiplied_up(theta, gradient, schedule, num_steps):
    rates = np.cumprod([schedule(t) for t in range(1, num_steps + 1)])
    return _walk(theta, lambda theta, t: theta - rates[t - 1] * gradient(theta), num_steps)


@sgd.mistake("uphill", DOWNHILL, "The gradient points uphill: subtract it.")
def uphill(theta, gradient, schedule, num_steps):
    return _walk(theta, lambda theta, t: theta + schedule(t) * gradient(theta), num_steps)


OF_THE_START = (
    "gradient of the start",
    NEWEST,
    "The gradient of the start is used throughout: it changes as theta moves.",
)


@sgd.mistake(*OF_THE_START)
def gradient_of_the_start(theta, gradient, schedule, num_steps):
    return _walk(theta, lambda last, t: last - schedule(t) * gradient(theta), num_steps)


@sgd.mistake(*OF_THE_START)
def gradient_asked_once(theta, gradient, schedule, num_steps):
    once = gradient(theta)
    return _walk(theta, lambda last, t: last - schedule(t) * once, num_steps)


@sgd.mistake(
    "gradient at the point to come",
    NEWEST,
    "L4 prints the gradient at beta_t, the point that the step is "
    "to find (erratum E11): take it where the step starts.",
)
def gradient_at_the_point_to_come(theta, gradient, schedule, num_steps):
    def step(theta, t):
        return theta - schedule(t) * gradient(theta - schedule(t) * gradient(theta))

    return _walk(theta, step, num_steps)


@sgd.mistake(
    "the start left out",
    (STARTS, DOWNHILL, SCHEDULED, NEWEST, PURE),
    "The path has num_steps + 1 rows: the start is the first.",
)
def start_left_out(theta, gradient, schedule, num_steps):
    return _walk(theta, lambda theta, t: theta - schedule(t) * gradient(theta), num_steps)[1:]


@sgd.mistake(
    "only the end", (STARTS, DOWNHILL, SCHEDULED, NEWEST, PURE), "Return the whole path, not only where it ends."
)
def only_the_end(theta, gradient, schedule, num_steps):
    return _walk(theta, lambda theta, t: theta - schedule(t) * gradient(theta), num_steps)[-1]


@sgd.mistake(
    "the same array in every row",
    (STARTS, SCHEDULED, NEWEST),
    "theta -= ... changes the array that is in the list already: write theta = theta - ..., or append a copy.",
)
def same_array_in_every_row(theta, gradient, schedule, num_steps):
    theta = theta.copy()
    path = [theta]
    for t in range(1, num_steps + 1):
        theta -= schedule(t) * gradient(theta)
        path.append(theta)
    return np.array(path)


@batches.mistake(
    "as many batches as fit, of about equal size",
    SIZES,
    "np.array_split makes batches that are larger than batch_size: cut every batch_size rows, the last one is shorter.",
)
def as_many_batches_as_fit_of_about_equal_size(samples, batch_size, permutation):
    order = permutation(len(samples)).astype(int)
    return np.array_split(samples[order], len(samples) // batch_size)


@batches.mistake(
    "an empty batch at the end",
    WHOLE,
    "Where batch_size divides N nothing is left: range(0, N, batch_size) ends before N.",
)
def an_empty_batch_at_the_end(samples, batch_size, permutation):
    order = permutation(len(samples)).astype(int)
    return [samples[order[i : i + batch_size]] for i in range(0, len(samples) + 1, batch_size)]


@sgd.mistake(
    "the start twice, the end left out",
    (DOWNHILL, SCHEDULED, NEWEST),
    "Append the point after the update: you keep the start twice and lose the last point.",
)
def the_start_twice_the_end_left_out(theta, gradient, schedule, num_steps):
    thetas = [theta]
    for t in range(1, num_steps + 1):
        thetas.append(theta)
        theta = theta - schedule(t) * gradient(theta)
    return np.array(thetas)


@sgd.mistake(
    "the schedule backwards", SCHEDULED, "The first update uses schedule(1), the last one schedule(num_steps)."
)
def the_schedule_backwards(theta, gradient, schedule, num_steps):
    thetas = [theta]
    for t in range(num_steps, 0, -1):
        theta = theta - schedule(t) * gradient(theta)
        thetas.append(theta)
    return np.array(thetas)


@sgd.mistake("the last rate for all", SCHEDULED, "Every update has its own rate, schedule(t).")
def the_last_rate_for_all(theta, gradient, schedule, num_steps):
    thetas = [theta]
    for _ in range(num_steps):
        theta = theta - schedule(num_steps) * gradient(theta)
        thetas.append(theta)
    return np.array(thetas)


@sgd.mistake("the gradient asked twice", NEWEST, "Each call of gradient draws another mini-batch: ask once for a step.")
def the_gradient_asked_twice(theta, gradient, schedule, num_steps):
    thetas = [theta]
    for t in range(1, num_steps + 1):
        theta = theta - schedule(t) * gradient(theta)
        gradient(theta)
        thetas.append(theta)
    return np.array(thetas)
