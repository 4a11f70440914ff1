"""The whole of each exercise of chapter 2: right answers written as specifications, and inputs of every size."""

from itertools import count

import numpy as np

from course_lib.chapters.ch02_sgd_noise.checks.batches import batches, sgd
from course_lib.chapters.ch02_sgd_noise.checks.rules import (
    BOTH,
    PATIENCE,
    after,
    armijo,
    aslant,
    averaging,
    gives_up,
    patient,
    restarts,
)
from course_lib.checks.calls import Spy, bounded
from course_lib.checks.compare import Wrong, close, numbers, shaped
from course_lib.checks.generic import WHOLE
from course_lib.checks.whole import ROUNDED, different, either_sign, signs, whole, wide


def _batches(samples, batch_size, permutation):
    order, found = [int(k) for k in permutation(len(samples))], []
    while order:
        found.append(samples[order[:batch_size]])
        order = order[batch_size:]
    return found


def _same_batches(result, expected, given, mine):
    right = expected[0]
    if result is None:
        raise Wrong("A list of batches was expected, but the function returned None.", "None")
    if not isinstance(result, (list, tuple)) and np.ndim(result) != 3:
        raise Wrong("A list of arrays was expected, one for each batch.", "NotNumbers", got=result)
    found = [numbers(batch, "a batch") for batch in result]
    found = [shaped(batch, (*batch.shape[:1], *right.shape[1:]), "a batch") for batch in found]
    sizes = [len(batch) for batch in found]
    if sizes != [len(batch) for batch in expected]:
        raise Wrong(
            "The batches do not have the sizes that were expected.", got=sizes, expected=list(map(len, expected))
        )
    for batch, wanted in zip(found, expected, strict=True):
        close(batch, wanted, "a batch")


def _epoch_cases(rng):
    """Sizes that divide and that do not, batches of one sample, of all, and of all but one; hundreds."""
    size, times, n, other = different(rng, 4, 3, 8)
    cases = (
        (size * times, size),
        (size * times + 1, size),
        (other * n - 1, n),
        (other, other),
        (n, 1),
        (size + 1, size),
        (300, 7),
    )
    orders = np.random.default_rng(int(rng.integers(2**32)))
    return [
        (wide(rng, total, k % 3 + 1), batch_size, Spy(lambda n: orders.permutation(bounded(n))))
        for k, (total, batch_size) in enumerate(cases)
    ]


def _sgd(theta, gradient, schedule, num_steps):
    thetas = np.zeros((num_steps + 1, len(theta)))
    thetas[0] = theta
    for t in range(num_steps):
        thetas[t + 1] = thetas[t] - schedule(t + 1) * gradient(thetas[t])
    return thetas


def _noisy(rng, n):
    """The gradient of a curved valley on a mini-batch: another one at every call."""
    noise, tilt = np.random.default_rng(int(rng.integers(2**32))), rng.normal(size=(n, n))
    return Spy(lambda theta: tilt @ np.sin(theta) + noise.normal(size=n))


def _now_and_then(slope):
    """The gradient on mini-batches of which every third one has one, from the second on; on the others it is 0."""
    call = count()
    return Spy(lambda theta: slope * (next(call) % 3 == 1))


def _bumpy(rng):
    """A schedule that goes up and down, once to 0, and is defined from 1 on."""
    rates = rng.uniform(0.01, 1.0, 60)
    rates[4] = 0.0
    return Spy(lambda t: rates[int(t) % 60])


def _walk_cases(rng):
    n, steps, other, fewer = different(rng, 4)
    walks = (n, steps), (1, fewer), (other, 40), (fewer, 1), (steps, 0)
    cases = [(wide(rng, n), _noisy(rng, n), _bumpy(rng), num_steps) for n, num_steps in walks]
    cases.append((wide(rng, n), _now_and_then(wide(rng, n) + 0.05), _bumpy(rng), 9))
    large = Spy(lambda t: 30.0 + 5 * np.cos(t))
    return [*cases, (1e4 * wide(rng, n) + 1e3, Spy(lambda theta: np.sin(theta) + theta / 40), large, steps)]


def _armijo(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    start, decrease = value(theta), sufficient_decrease * np.sum(gradient * search_direction)
    steps = (first_step * shrink**k for k in range(PATIENCE))
    return next(s for s in steps if value.function(theta + s * search_direction) <= start + s * decrease)


def _clear(case):
    """Whether no step of the search is so near the border that rounding decides."""
    theta, direction, value, gradient, first, shrink, decrease = case
    steps = first * shrink ** np.arange(40)
    gains = np.array([value.function(theta + s * direction) for s in steps]) - value.function(theta)
    border = decrease * steps * (gradient @ direction)
    return gradient @ direction < -0.1 and np.all(np.abs(gains - border) > 1e-6 * np.abs(border))


def _search_case(rng, n, first, shrink, decrease, accept=lambda case: True):
    """A search in a direction of its own on a curved valley."""
    while True:
        tilt, theta = rng.normal(size=(n, n)), wide(rng, n) + 0.1
        hessian = tilt @ tilt.T + 0.3 * np.eye(n)
        gradient = hessian @ theta + theta**3
        value = patient(lambda theta, hessian=hessian: theta @ hessian @ theta / 2 + np.sum(theta**4) / 4)
        direction = -gradient * rng.uniform(0.1, 1.0, n) + 0.1 * rng.normal(size=n)
        direction[:1] *= -0.5 if n > 1 else 1  # uphill there, and down as a whole
        case = theta, direction, value, gradient, first, shrink, decrease
        if _clear(case) and accept(case):
            return case


def _matters_uphill(case):
    """Whether another step is right where the coordinates that lead downhill count alone."""
    theta, direction, value, gradient, *rest = case
    return _armijo(*case) != _armijo(theta, direction, value, np.where(gradient * direction < 0, gradient, 0), *rest)


def _steep(case):
    """The same search in a direction that is ever so long."""
    theta, direction, value, gradient, first, *rest = case
    return theta, 1e15 * direction, value, gradient, first / 1e15, *rest


def _faint(case):
    """The same search for an objective that is a hundred million times smaller."""
    theta, direction, value, gradient, *rest = case
    return theta, 1e8 * direction, patient(lambda theta: 1e-8 * value.function(theta)), 1e-8 * gradient, *rest


def _search_cases(rng):
    """From a first step that is taken to one that is far too long; a decrease that is just enough; more than 100
    trials; steps far below the smallest ones of other searches; tiny values."""
    one, two, three = different(rng, 3, 2, 7)
    on_the_border = np.array([1.0]), np.array([-1.0]), patient(lambda theta: theta[0] ** 2), np.array([2.0])
    return [
        _search_case(rng, one, rng.uniform(50, 100), rng.uniform(0.3, 0.7), rng.uniform(0.2, 0.4)),
        _search_case(rng, two, rng.uniform(1e-4, 1e-3), rng.uniform(0.3, 0.7), rng.uniform(0.01, 0.1)),
        _search_case(rng, three, rng.uniform(1, 5), rng.uniform(0.85, 0.95), rng.uniform(0.5, 0.9)),
        _search_case(rng, 1, 1e3, rng.uniform(0.1, 0.2), 1e-4),
        _search_case(rng, two, rng.uniform(20, 40), rng.uniform(0.85, 0.95), rng.uniform(0.1, 0.3)),
        _steep(_search_case(rng, three, rng.uniform(50, 100), rng.uniform(0.3, 0.7), rng.uniform(0.1, 0.3))),
        _search_case(rng, 3, rng.uniform(1, 5), rng.uniform(0.8, 0.9), rng.uniform(0.6, 0.9), _matters_uphill),
        (*on_the_border, 1.0, rng.uniform(0.3, 0.7), 0.5),
        aslant(rng),
        _faint(_search_case(rng, two, rng.uniform(50, 100), rng.uniform(0.3, 0.7), rng.uniform(0.2, 0.4))),
        *(after(rng, trials, 0.9) for trials in (110, 140)),
    ]


def _half_cosine(k, period, highest, lowest):
    return lowest + (highest - lowest) / 2 * (1 + np.cos(np.pi * (k / (period - 1))))


def _restarts(t, highest, lowest, period, period_factor):
    number, first = 0, 1  # of the period that t lies in, and its first update
    while t >= first + period * period_factor**number:
        first, number = first + period * period_factor**number, number + 1
    return _half_cosine(t - first, period * period_factor**number, highest, lowest)


def _restart_cases(rng):
    """All over the first periods and far out; the shortest period, and lengths that stay or grow fast; first updates of
    late periods, two in a row: one alone might lie right by chance; a highest rate that is the lower one. There are
    so few restarts that an answer may call itself for each."""
    cases = []
    for period, factor in ((2, 1), (2, 3), (int(rng.integers(5, 9)), 2), (int(rng.integers(9, 13)), 1)):
        lowest, highest = rng.uniform(0.0, 0.1), rng.uniform(0.2, 2.0)
        ends = np.cumsum([period * factor**k for k in range(4)])
        times = [1, period, *ends[1:], *(ends[:2] + 1), *rng.integers(2, ends[-1], 3), int(rng.integers(1000, 1700))]
        cases += [(int(t), highest, lowest, period, factor) for t in times]
    period = int(rng.integers(5, 9))
    cases += [(t, 0.01, 0.5, period, 2) for t in (1, int(rng.integers(2, period)), 3 * period)]  # a rate that rises
    late = [number * period for start in (110, 850) for number in (start, start + 1)]
    cases += [(1 + updates, 0.5, 0.01, period, 1) for updates in late]
    return cases + [(1 + 2 * (factor**n - 1) // (factor - 1), 0.5, 0.01, 2, factor) for factor, n in ROUNDED]


def _averaging(theta, average, t, gradient, learning_rate, skip):
    new, counted = theta - learning_rate * gradient(theta), t - skip
    return new, (new if counted < 1 else ((counted - 1) * average + new) / counted)


def _average_cases(rng):
    """Before, at and just after the end of what is skipped, nothing skipped, and far out; a small theta that a large
    average says nothing about, and an average that is next to theta; a gradient that is noisy."""
    skip, n, more, other = different(rng, 4)
    times = (skip, skip), (skip + 1, skip), (skip + 2, skip), (1, 0), (other, 0), (5000 + other, more), (1, skip)
    cases = []
    for k, (t, skipped) in enumerate(times):
        size, slope = (n, other, 1)[k % 3], wide(rng, (n, other, 1)[k % 3])
        calls = count(1)  # another mini-batch at every call
        gradient = Spy(lambda theta, slope=slope, calls=calls: slope / next(calls) + np.sin(theta[::-1]))
        cases.append((wide(rng, size), wide(rng, size), t, gradient, rng.uniform(0.01, 1.0), skipped))
    small, large = 1e-5 * rng.uniform(1, 2, n), 1e5 * either_sign(rng, 1, 9, n)
    theta = either_sign(rng, 1, 2, n)
    cases.append((small, large, skip, Spy(lambda theta: theta / 2), 0.5, skip))
    cases.append((theta, theta - 0.5 * small + 1e-6 * signs(rng, n), skip + 2, Spy(lambda theta: small), 0.5, skip))
    return cases


whole(batches, _batches, _epoch_cases, agree=_same_batches)
whole(sgd, _sgd, _walk_cases, ("the path",))
whole(armijo, _armijo, _search_cases, ("the step size",), told=gives_up, atol=0.0)
whole(restarts, _restarts, _restart_cases, ("the learning rate",))


@restarts.mistake(
    "the number of restarts from a logarithm",
    WHOLE,
    "Logarithms are rounded, so that some restart comes one update too late: add up the periods in a loop.",
)
def restarts_from_a_logarithm(t, highest, lowest, period, period_factor):
    if period_factor == 1:
        number = (t - 1) // period
    else:
        number = int(np.log((t - 1) * (period_factor - 1) / period + 1) / np.log(period_factor))
    first = 1 + period * sum(period_factor**k for k in range(number))
    return _half_cosine(t - first, period * period_factor**number, highest, lowest)


whole(averaging, _averaging, _average_cases, BOTH)
