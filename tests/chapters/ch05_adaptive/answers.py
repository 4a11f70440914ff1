"""Right answers to the exercises of chapter 5, written differently."""

import math

import numpy as np


def adagrad_step(theta, sum_of_squares, gradient, learning_rate, eps):
    g = gradient(theta)
    sum_of_squares = sum_of_squares + g**2
    return theta - learning_rate * g / (np.sqrt(sum_of_squares) + eps), sum_of_squares


def adagrad_step_looped(theta, sum_of_squares, gradient, learning_rate, eps):
    new_theta, new_sum = [], []
    for i, g in enumerate(gradient(theta)):
        new_sum.append(sum_of_squares[i] + g * g)
        new_theta.append(theta[i] - learning_rate / (math.sqrt(new_sum[i]) + eps) * g)
    return new_theta, new_sum


def adagrad_step_in_copies(theta, sum_of_squares, gradient, learning_rate, eps):
    theta, total, g = theta.copy(), sum_of_squares.copy(), gradient(theta)
    total += np.square(g)
    theta -= np.multiply(learning_rate / (total**0.5 + eps), g)
    return [theta, total]


def adagrad_step_by_matrices(theta, sum_of_squares, gradient, learning_rate, eps):
    total = sum_of_squares + np.diag(np.outer(gradient(theta), gradient(theta)))
    return theta - np.diag(learning_rate / (np.sqrt(total) + eps)) @ gradient(theta), total


def adam_step(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps):
    g = gradient(theta)
    first_moment = beta1 * first_moment + (1 - beta1) * g
    second_moment = beta2 * second_moment + (1 - beta2) * g**2
    m_hat, v_hat = first_moment / (1 - beta1**t), second_moment / (1 - beta2**t)
    return theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), first_moment, second_moment


def adam_step_reordered(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps):
    g = gradient(theta)
    m = first_moment + (1 - beta1) * (g - first_moment)
    v = second_moment + (1 - beta2) * (g * g - second_moment)
    root = math.sqrt(1 - beta2**t)
    return theta - learning_rate * root / (1 - beta1**t) * m / (np.sqrt(v) + eps * root), m, v


def adam_step_looped(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps):
    new, m, v = list(theta), list(first_moment), list(second_moment)
    for i, g in enumerate(gradient(theta)):
        m[i] = beta1 * m[i] + (1 - beta1) * g
        v[i] = beta2 * v[i] + (1 - beta2) * g * g
        new[i] -= learning_rate * (m[i] / (1 - beta1**t)) / (math.sqrt(v[i] / (1 - beta2**t)) + eps)
    return new, m, v


def adam_step_averaged(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps):
    g = gradient(theta)
    m = np.average([first_moment, g], axis=0, weights=[beta1, 1 - beta1])
    v = np.average([second_moment, np.square(g)], axis=0, weights=[beta2, 1 - beta2])
    step = np.divide(m / (1 - math.pow(beta1, t)), np.sqrt(v / (1 - math.pow(beta2, t))) + eps)
    return np.subtract(theta, learning_rate * step), m, v


def adamw_step(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay):
    new, m, v = adam_step(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps)
    return new - learning_rate * weight_decay * theta, m, v


def adamw_step_as_pytorch(
    theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay
):
    g = gradient(theta)
    decayed = theta * (1 - learning_rate * weight_decay)
    m, v = first_moment * beta1 + g * (1 - beta1), second_moment * beta2 + g * g * (1 - beta2)
    denominator = np.sqrt(v) / math.sqrt(1 - beta2**t) + eps
    return decayed - learning_rate / (1 - beta1**t) * m / denominator, m, v


def adamw_step_looped(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay):
    new, m, v = adam_step_looped(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps)
    return [x - learning_rate * weight_decay * old for x, old in zip(new, theta, strict=True)], m, v


def adagrad_step_stacked(theta, sum_of_squares, gradient, learning_rate, eps):
    root = np.hypot(np.sqrt(sum_of_squares), gradient(theta))
    return np.array([theta - learning_rate * gradient(theta) / (root + eps), root**2])


def adam_step_by_geometric_sums(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps):
    g = np.einsum("i->i", gradient(theta))
    m, v = g + beta1 * (first_moment - g), g**2 + beta2 * (second_moment - g**2)
    m_hat, v_hat = (x / ((1 - beta) * sum(beta**k for k in range(t))) for x, beta in ((m, beta1), (v, beta2)))
    return [theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v]


ANSWERS = {
    "05-1": (adagrad_step, adagrad_step_looped, adagrad_step_in_copies, adagrad_step_by_matrices, adagrad_step_stacked),
    "05-4": (adam_step, adam_step_reordered, adam_step_looped, adam_step_averaged, adam_step_by_geometric_sums),
    "05-5": (adamw_step, adamw_step_as_pytorch, adamw_step_looped),
}


def lone_gradient(learning_rate, beta1, beta2):
    first = learning_rate * (1 - beta1) / np.sqrt(1 - beta2)
    return first, first / (1 - beta1 / np.sqrt(beta2))


def lone_gradient_added_up(learning_rate, beta1, beta2):
    steps = np.arange(80_000)
    lengths = learning_rate * (1 - beta1) / (1 - beta2) ** 0.5 * np.power(beta1 / beta2**0.5, steps)
    return lengths[0], lengths.sum()


def lone_gradient_by_roots(learning_rate, beta1, beta2):
    root = beta2**0.5
    return list(np.array([1.0, root / (root - beta1)]) * learning_rate * (1 - beta1) / (1 - beta2) ** 0.5)


def steps_until_recovered(size, beta2):
    excess = (1 - beta2) * (size**2 - 1)
    return 0 if excess <= 3 else np.log(3 / excess) / np.log(beta2)


def steps_until_recovered_counted(size, beta2):
    v, steps = beta2 * 1.0 + (1 - beta2) * size * size, 0
    while v > 4:
        v, steps = beta2 * v + 1 - beta2, steps + 1
    return steps


def steps_until_recovered_rounded(size, beta2):
    v = 1 + (size - 1) * (size + 1) * (1 - beta2)
    return max(0.0, np.ceil((np.log(max(v - 1, 1e-300)) - np.log(3.0)) / -np.log(beta2)))


def adam_run(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for t in range(1, num_steps + 1):
        g = gradient(theta)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps)
    return theta


def adam_run_with_one_factor(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    first, second, shrunk = 0 * theta, 0 * theta, [1.0, 1.0]
    for _ in range(num_steps):
        slope = gradient(theta)
        shrunk = [shrunk[0] * beta1, shrunk[1] * beta2]
        first, second = first + (1 - beta1) * (slope - first), second + (1 - beta2) * (slope * slope - second)
        root = np.sqrt(1 - shrunk[1])
        theta = theta - learning_rate * root / (1 - shrunk[0]) * first / (np.sqrt(second) + eps * root)
    return theta


def adam_run_by_recursion(theta, gradient, learning_rate, beta1, beta2, eps, num_steps, state=(0.0, 0.0, 1)):
    if num_steps == 0:
        return theta
    m, v, t = state
    g = gradient(theta)
    m, v = beta1 * m + g - beta1 * g, beta2 * v + g * g - beta2 * g * g
    theta = theta - learning_rate * (m / (1 - beta1**t)) / ((v / (1 - beta2**t)) ** 0.5 + eps)
    return adam_run_by_recursion(theta, gradient, learning_rate, beta1, beta2, eps, num_steps - 1, (m, v, t + 1))


def tuned_rates(loss_after, trials):
    rates = np.logspace(-4, 3, trials // 2)
    first = rates[np.argmin([loss_after(rate, 1e-4) for rate in rates])]
    return first, rates[np.argmin([loss_after(first, rate) for rate in rates])]


def tuned_rates_closer_and_closer(loss_after, trials):
    logs, tried = [-4.0, -4.0], {}

    def ask(place, log):
        setting = tuple(10.0 ** (log if k == place else logs[k]) for k in (0, 1))
        if setting not in tried:
            tried[setting] = loss_after(*setting)
        return tried[setting]

    for place in (0, 1):
        logs[place] = min(range(-4, 4), key=lambda log: ask(place, log))
    for half in (0.5, 0.25):
        for place in (0, 1):
            logs[place] = min((logs[place] - half, logs[place], logs[place] + half), key=lambda log: ask(place, log))
    return 10.0 ** np.array(logs)


def tuned_rates_second_first(loss_after, trials):
    grid = [10.0**log for log in np.linspace(-3.5, 3, 12)]
    second = sorted(grid, key=lambda rate: loss_after(1e-4, rate))[0]
    first = sorted(grid, key=lambda rate: loss_after(rate, second))[0]
    return [first, second]


ANSWERS |= {
    "05-6": (lone_gradient, lone_gradient_added_up, lone_gradient_by_roots),
    "05-7": (steps_until_recovered, steps_until_recovered_counted, steps_until_recovered_rounded),
    "05-8": (adam_run, adam_run_with_one_factor, adam_run_by_recursion),
    "05-9": (tuned_rates, tuned_rates_closer_and_closer, tuned_rates_second_first),
}
