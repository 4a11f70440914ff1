"""The whole of each exercise of chapter 8: right answers written as specifications, and inputs of every size."""

import numpy as np

from course_lib.chapters.ch08_dropout.checks.dropout import OUT, Draws, dropout, monte_carlo
from course_lib.chapters.ch08_dropout.checks.penalties import OUT as PENALTY
from course_lib.chapters.ch08_dropout.checks.penalties import penalties
from course_lib.chapters.ch08_dropout.checks.stopping import OUT as STOPPED
from course_lib.chapters.ch08_dropout.checks.stopping import Course, counted, stopping
from course_lib.checks.compare import Wrong, close, several
from course_lib.checks.whole import different, whole, wide


def _dropout(x, d_y, drop_rate, draw, training):
    if not training:
        return x + 0, d_y + 0
    kept = draw(x.shape) < 1 - drop_rate
    return np.where(kept, x / (1 - drop_rate), 0), np.where(kept, d_y / (1 - drop_rate), 0)


def _by_its_draws(result, expected, given, mine):
    for part, right, name in zip(several(result, OUT), expected, OUT, strict=True):
        close(part, right, name)
    if given[4] and not given[3].used:
        raise Wrong("draw was never called, so the mask is not made of its numbers.")


def _layer_cases(rng):
    """Inputs and gradients with zeros among them, as after a ReLU; nothing dropped and nearly all; both modes; numbers
    exactly at 1 - drop_rate."""
    batch, n, more = different(rng, 3, 3)
    rates = (rng.uniform(0.1, 0.4), True), (rng.uniform(0.6, 0.9), True), (0.0, True), (rng.uniform(0.3, 0.7), False)
    cases = []
    for k, (rate, training) in enumerate((*rates, (0.0, False), (0.2, True), (0.92, True))):
        shape = ((batch, n), (n, more), (1, more), (more, batch), (n, n), (6, 6), (8, 9))[k]
        x = np.maximum(wide(rng, *shape), 0) if k == 0 else wide(rng, *shape) * (k != 5)  # all 0, most of them kept
        cases.append((x, wide(rng, *shape), rate, Draws(rng, 400), training))
    cases.append((rng.uniform(1, 2, (9, 1)), rng.uniform(1, 2, (9, 1)), 0.5, Draws(rng, 400), True))
    return [*cases, (rng.uniform(1, 2, (3, n)), rng.uniform(1, 2, (3, n)), 0.25, _at_the_border(rng), True)]


def _at_the_border(rng):
    """Numbers of which many are exactly 0.75, the first among them: with a rate of 0.25 these are dropped."""
    draw = Draws(rng, 400)
    draw.numbers = _quarters(draw.numbers)
    return draw


def _quarters(numbers):
    numbers = np.floor(4 * numbers) / 4
    numbers[0] = 0.75
    return numbers


def _early_stopping(theta, epoch, validation_loss, patience, max_epochs):
    """All points of the training first, as long as it goes on; then the best."""
    thetas, losses, waited = [theta], [validation_loss(theta)], 0
    while len(losses) <= max_epochs and waited < patience:
        thetas.append(epoch(thetas[-1]))
        losses.append(validation_loss(thetas[-1]))
        below = np.fmin.reduce([np.inf, *losses[:-1]])  # fmin leaves nan out
        waited = 0 if losses[-1] < below else waited + 1
    best = int(np.argmin(np.where(np.isnan(losses), np.inf, losses)))
    return thetas[best], best, len(losses) - 1


def _as_stopped(result, expected, given, mine):
    (theta, *counts), (right, *rest) = several(result, STOPPED), expected
    close(theta, right, STOPPED[0])
    for got, wanted, name in zip(counts, rest, STOPPED[1:], strict=True):
        counted(got, wanted, name)
    if len(given[1].asked) != rest[1]:
        raise Wrong("epoch(theta) was not called num_epochs times.", got=len(given[1].asked))


def _training_cases(rng):
    """Losses above a thousand, below 0 and not a number; zigzags, ties; patience of 1, and longer than all."""
    zigzag = np.repeat(np.linspace(3, 1, 8), 2) + np.tile([0.0, 0.7], 8) * rng.uniform(0.8, 1.2)
    climbing = np.array([2.0, 1.0, *(1.2 + 0.1 * np.arange(12) + np.tile([0.5, 0.0], 6))]) * rng.uniform(0.5, 2)
    tied = np.array([2.0, 1.0, 1.5, 1.0, 1.5, 1.0, 1.5]) + rng.integers(1, 5)
    barely = np.array([2.0, *(1 - 1e-13 * np.arange(9)), 1.5]) * rng.uniform(0.5, 2)
    lost = np.array([2.0, 1.7, *[np.nan] * 4, 1.3, 1.2]) - rng.integers(1, 5)
    late = np.array([np.nan, np.nan, np.nan, 1.5, 1.2, 1.3, 1.4, 1.5]) + rng.uniform(0, 2)
    found = np.array([2.0, 1.7, np.nan, np.nan, 1.3, 1.4, np.nan, 1.5])
    never = np.full(220, np.nan)  # no loss is a number
    high = 1e5 * np.array([np.nan, 4.0, 3.5, np.nan, 3.6, 3.7]) * rng.uniform(1, 2)
    steps = rng.uniform(0.5, 1.5, 30).cumsum()
    plans = (
        (1000 * rng.uniform(1, 3) + 100 * zigzag, int(rng.integers(3, 6)), 60),
        (-steps[:12], 2, 60),
        (-steps, 3, int(rng.integers(5, 9))),
        (zigzag[2:], 1, 60),
        (np.array([np.nan, np.nan, 1.5, 1.2, np.nan, 1.2, 1.1, 1.3]) + rng.uniform(0, 2), 3, 60),
        (zigzag, 50, 7),
        (steps, int(rng.integers(2, 5)), 60),
        (steps, 3, 1),
        (climbing, 3, 60),
        (tied, 3, 60),
        (barely, 2, 60),
        (lost, 3, 60),
        (found, 3, 60),
        (late, 3, 60),
        (never, 4, 60),
        (high, 3, 60),
    )
    cases = []
    for (losses, patience, most), n in zip(plans, (*different(rng, 7), 1, 2, 3, 4, 5, 6, 7, 2, 3), strict=True):
        course = Course(rng, losses, n)
        cases.append((course.start.copy(), course.epoch, course.validation_loss, patience, most))
    return cases


def _penalty(weight, bias, l1_penalty, l2_penalty):
    entries = [float(w) for w in weight.ravel()]
    value = sum(l1_penalty * abs(w) + l2_penalty * w * w / 2 for w in entries)
    slopes = [l1_penalty * ((w > 0) - (w < 0)) + l2_penalty * w for w in entries]
    return value, np.reshape(slopes, weight.shape), 0 * bias


def _weight_cases(rng):
    """Weights with zeros among them, and tiny ones; biases that are not 0; one penalty, both, none, strong ones."""
    out, n, more = different(rng, 3)
    strengths = rng.uniform(0.1, 0.5), rng.uniform(0.6, 2.0)
    pairs = strengths, (strengths[0], 0.0), (0.0, strengths[1]), (0.0, 0.0), (30.0, 7.0)
    shapes = (out, n), (n, more), (1, out), (more, 1), (n, n)
    cases = [(wide(rng, *shape), wide(rng, shape[0]), *pair) for shape, pair in zip(shapes, pairs, strict=True)]
    return [*cases, (1e-12 * wide(rng, n, out), wide(rng, n), *strengths)]


def _monte_carlo(hidden, weight, bias, drop_rate, uniform):
    """Mask by mask, sample by sample, and the variance from its definition."""
    every = np.array(
        [
            [
                _softmax(weight @ (h * (u < 1 - drop_rate)) / (1 - drop_rate) + bias)
                for h, u in zip(hidden, mask, strict=True)
            ]
            for mask in uniform
        ]
    )
    mean = sum(every) / len(every)
    return mean, (sum((p - mean) ** 2 for p in every) / len(every)) ** 0.5


def _softmax(scores):
    powers = np.exp(scores - max(scores))
    return powers / sum(powers)


def _net_cases(rng):
    """One mask and many, one sample and many, nothing dropped, and scores of a thousand either way; numbers exactly
    at 1 - drop_rate."""
    masks, batch, n, classes = different(rng, 4, 3)
    sizes = (
        (masks, batch, n, classes),
        (1, n, classes, batch),
        (batch, 1, masks, n),
        (n, classes, batch, masks),
    )
    rates = rng.uniform(0.2, 0.5), rng.uniform(0.5, 0.8), rng.uniform(0.2, 0.5), 0.0
    cases = [
        (wide(rng, b, size), rng.normal(size=(c, size)) / 3, rng.normal(size=c), rate, rng.random((m, b, size)))
        for (m, b, size, c), rate in zip(sizes, rates, strict=True)
    ]
    cases[3][0][0] = 3000 * cases[3][1][0] / np.sum(cases[3][1][0] ** 2)  # one sample with scores of thousands
    high, far = cases[2], 1000.0 * (1 + rng.permutation(len(cases[2][2])))  # no two nearer than a thousand
    border = (*cases[0][:3], 0.25, _quarters(cases[0][4]))
    few = rng.normal(size=(1, 2)), wide(rng, 3, 2), wide(rng, 3), 0.5, rng.random((9, 1, 2))  # nine masks of four
    return [few, *cases, (*high[:2], high[2] + far, *high[3:]), (*high[:2], high[2] - far, *high[3:]), border]


whole(dropout, _dropout, _layer_cases, OUT, _by_its_draws)
whole(stopping, _early_stopping, _training_cases, STOPPED, _as_stopped)
whole(penalties, _penalty, _weight_cases, PENALTY)
whole(monte_carlo, _monte_carlo, _net_cases, ("the mean", "the standard deviation"), atol=1e-7)
