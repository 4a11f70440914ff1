"""Right answers to the exercises of chapter 2, each written differently."""

import math

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
    for power in range(200):
        step_size = first_step * shrink**power
        gained = float(value(theta) - value(theta + step_size * search_direction))
        if gained >= -sufficient_decrease * step_size * sum(gradient * search_direction):
            return step_size


def armijo_by_slopes(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    steps = (first_step * np.power(shrink, power) for power in range(200))
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
