"""Right answers to the exercises of chapter 2, each written differently."""

import math
from itertools import count

import numpy as np


def mini_batches(samples, batch_size, permutation):
    order = permutation(len(samples)).astype(int)
    return [samples[order[i : i + batch_size]] for i in range(0, len(samples), batch_size)]


def mini_batches_popped(samples, batch_size, permutation):
    waiting, found = [int(i) for i in permutation(len(samples))], []
    while waiting:
        found.append(np.array([samples[i] for i in waiting[:batch_size]]))
        waiting = waiting[batch_size:]
    return tuple(found)


def mini_batches_split(samples, batch_size, permutation):
    shuffled = np.take(samples, permutation(len(samples)).astype(int), axis=0)
    return np.split(shuffled, range(batch_size, len(samples), batch_size))


def sgd(theta, gradient, schedule, num_steps):
    thetas = [theta]
    for t in range(1, num_steps + 1):
        theta = theta - schedule(t) * gradient(theta)
        thetas.append(theta)
    return np.array(thetas)


def sgd_in_a_table(theta, gradient, schedule, num_steps):
    thetas = np.zeros((num_steps + 1, len(theta)))
    thetas[0] = theta
    for k in range(num_steps):
        thetas[k + 1] = thetas[k] - float(schedule(k + 1)) * gradient(thetas[k])
    return thetas


def sgd_by_recursion(theta, gradient, schedule, num_steps):
    if num_steps == 0:
        return [theta]
    before = sgd_by_recursion(theta, gradient, schedule, num_steps - 1)
    return [*before, before[-1] - schedule(num_steps) * gradient(before[-1])]


def armijo(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    start, slope, step_size = value(theta), gradient @ search_direction, first_step
    while value(theta + step_size * search_direction) > start + sufficient_decrease * step_size * slope:
        step_size = shrink * step_size
    return step_size


def armijo_by_powers(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    for power in count():
        step_size = first_step * shrink**power
        gained = float(value(theta) - value(theta + step_size * search_direction))
        if gained >= -sufficient_decrease * step_size * sum(gradient * search_direction):
            return step_size


def armijo_by_slopes(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    steps = (first_step * np.power(shrink, power) for power in count())
    wanted = sufficient_decrease * np.dot(search_direction, gradient)
    return next(s for s in steps if (value(theta + s * search_direction) - value(theta)) / s <= wanted)


def cosine_restarts(t, highest, lowest, period, period_factor):
    k = t - 1
    while k >= period:
        k, period = k - period, period * period_factor
    return lowest + (highest - lowest) * (1 + np.cos(np.pi * k / (period - 1))) / 2


def cosine_restarts_as_l3_counts(t, highest, lowest, period, period_factor):
    current = 0
    for _ in range(1, t):
        current += 1
        if current == period:
            current, period = 0, period * period_factor
    return (highest + lowest) / 2 + (highest - lowest) / 2 * math.cos(math.pi * current / (period - 1))


def cosine_restarts_by_sine(t, highest, lowest, period, period_factor):
    starts = [1]
    while t >= starts[-1] + period * period_factor ** (len(starts) - 1):
        starts.append(starts[-1] + period * period_factor ** (len(starts) - 1))
    length = period * period_factor ** (len(starts) - 1)
    return highest - (highest - lowest) * np.sin(np.pi / 2 * (t - starts[-1]) / (length - 1)) ** 2


def averaged_step(theta, average, t, gradient, learning_rate, skip):
    theta = theta - learning_rate * gradient(theta)
    return theta, theta if t <= skip else average + (theta - average) / (t - skip)


def averaged_step_by_weights(theta, average, t, gradient, learning_rate, skip):
    new, number = theta - learning_rate * gradient(theta), max(t - skip, 1)
    return [new, (number - 1) / number * average + new / number]


def averaged_step_by_the_sum(theta, average, t, gradient, learning_rate, skip):
    new = np.subtract(theta, np.multiply(learning_rate, gradient(theta)))
    if t <= skip + 1:
        return new, new.copy()
    total = average * (t - skip - 1) + new
    return new, total / (t - skip)


ANSWERS = {
    "02-1": (mini_batches, mini_batches_popped, mini_batches_split),
    "02-2": (sgd, sgd_in_a_table, sgd_by_recursion),
    "02-3": (armijo, armijo_by_powers, armijo_by_slopes),
    "02-4": (cosine_restarts, cosine_restarts_as_l3_counts, cosine_restarts_by_sine),
    "02-5": (averaged_step, averaged_step_by_weights, averaged_step_by_the_sum),
}


def largest_rate(curvatures, batch_size):
    mean = np.mean(curvatures)
    return 2 * mean / (mean**2 + np.var(curvatures) / batch_size)


def largest_rate_by_moments(curvatures, batch_size):
    first = sum(curvatures) / len(curvatures)
    second = sum(h * h for h in curvatures) / len(curvatures)
    return 2 * first * batch_size / (second + (batch_size - 1) * first**2)


def largest_rate_by_pairs(curvatures, batch_size):
    same = np.mean(np.square(curvatures))
    other = np.mean(np.outer(curvatures, curvatures))
    return 2 * curvatures.mean() / (same / batch_size + other * (1 - 1 / batch_size))


def steps_to_ball(curvature, learning_rate, noise, distance):
    pull = learning_rate * curvature
    end = pull / (2 - pull) * noise
    if distance**2 <= 2 * end:
        return 0
    return np.log(end / (distance**2 - end)) / (2 * np.log(max(abs(1 - pull), 1e-300)))


def steps_to_ball_counted(curvature, learning_rate, noise, distance):
    pull, square, steps = learning_rate * curvature, distance**2, 0
    while square > 2 * pull * noise / (2 - pull):
        square, steps = (1 - pull) ** 2 * square + pull**2 * noise, steps + 1
    return steps


def steps_to_ball_rounded_up(curvature, learning_rate, noise, distance):
    shrinks = (1 - learning_rate * curvature) ** 2
    end = (1 - np.sqrt(shrinks) if learning_rate * curvature < 1 else 1 + np.sqrt(shrinks)) ** 2 * noise / (1 - shrinks)
    excess = distance**2 / end - 1
    return 0.0 if excess <= 1 else 1.0 if shrinks < 1e-20 else math.ceil(-math.log(excess) / math.log(shrinks))


def step_in_pieces(theta, samples, gradient, learning_rate, piece):
    total = np.zeros_like(theta)
    for first in range(0, len(samples), piece):
        part = samples[first : first + piece]
        total = total + len(part) * gradient(theta, part)
    return theta - learning_rate * total / len(samples)


def step_in_pieces_by_weights(theta, samples, gradient, learning_rate, piece):
    parts = np.split(samples, range(piece, len(samples), piece))
    means = np.array([gradient(theta, part) for part in parts])
    return theta - learning_rate * np.average(means, axis=0, weights=[len(part) for part in parts])


def step_in_pieces_running(theta, samples, gradient, learning_rate, piece):
    mean, seen, waiting = 0.0, 0, samples
    while len(waiting):
        part, waiting = waiting[:piece], waiting[piece:]
        seen += len(part)
        mean = mean + (gradient(theta, part) - mean) * len(part) / seen
    return theta - learning_rate * mean


def tuned_rate(loss_after, trials):
    tried = {float(log): loss_after(10.0**log) for log in range(-3, 3)}
    for half in (0.5, 0.25, 0.12):
        best = min(tried, key=tried.get)
        tried |= {log: loss_after(10.0**log) for log in (best - half, best + half)}
    return 10.0 ** min(tried, key=tried.get)


def tuned_rate_by_thirds(loss_after, trials):
    rates = np.logspace(-3.5, 2.5, 7)
    middle = np.argmin([loss_after(rate) for rate in rates])
    low, high = np.log(rates[max(middle - 1, 0)]), np.log(rates[min(middle + 1, 6)])
    golden, asked = (np.sqrt(5) - 1) / 2, {}
    a, b = high - golden * (high - low), low + golden * (high - low)
    asked = {a: loss_after(np.exp(a)), b: loss_after(np.exp(b))}
    for _ in range(trials - 9):
        if asked[a] < asked[b]:
            high, b, a = b, a, b - golden * (b - low)
            asked[a] = loss_after(np.exp(a))
        else:
            low, a, b = a, b, a + golden * (high - a)
            asked[b] = loss_after(np.exp(b))
    return np.exp(min(asked, key=asked.get))


def tuned_rate_with_a_parabola(loss_after, trials):
    logs = list(np.linspace(-3, 2, 6))
    losses = [np.log(loss_after(10.0**log)) for log in logs]
    best = logs[int(np.argmin(losses))]
    for log in best + np.array([-0.6, -0.3, 0.2, 0.4]):
        logs.append(log)
        losses.append(np.log(loss_after(10.0**log)))
    for _ in range(trials - 10):
        order = np.argsort(losses)[:3]
        bend, slope, _ = np.polyfit(np.array(logs)[order], np.array(losses)[order], 2)
        span = np.array(logs)[order]
        log = -slope / (2 * bend) if bend > 0 else span.mean()
        logs.append(float(np.clip(log, span.min() - 0.1, span.max() + 0.1)))
        losses.append(np.log(loss_after(10.0 ** logs[-1])))
    return 10.0 ** logs[int(np.argmin(losses))]


ANSWERS |= {
    "02-6": (largest_rate, largest_rate_by_moments, largest_rate_by_pairs),
    "02-7": (steps_to_ball, steps_to_ball_counted, steps_to_ball_rounded_up),
    "02-8": (step_in_pieces, step_in_pieces_by_weights, step_in_pieces_running),
    "02-9": (tuned_rate, tuned_rate_by_thirds, tuned_rate_with_a_parabola),
}
