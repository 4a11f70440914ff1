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


def rmsprop_step(theta, mean_square, gradient, learning_rate, rho, eps):
    g = gradient(theta)
    mean_square = rho * mean_square + (1 - rho) * g**2
    return theta - learning_rate * g / (np.sqrt(mean_square) + eps), mean_square


def rmsprop_step_by_correction(theta, mean_square, gradient, learning_rate, rho, eps):
    g = gradient(theta)
    new = mean_square + (1 - rho) * (g * g - mean_square)
    return theta + (-learning_rate) * (g / (eps + np.power(new, 0.5))), new


def rmsprop_step_looped(theta, mean_square, gradient, learning_rate, rho, eps):
    g, new_theta, new = gradient(theta), np.zeros(len(theta)), np.zeros(len(theta))
    for i in range(len(theta)):
        new[i] = sum((rho * mean_square[i], (1 - rho) * g[i] ** 2))
        new_theta[i] = theta[i] - learning_rate * g[i] / (math.sqrt(new[i]) + eps)
    return new_theta, new


def adadelta_step(theta, mean_square, mean_square_update, gradient, rho, eps):
    g = gradient(theta)
    mean_square = rho * mean_square + (1 - rho) * g**2
    update = -np.sqrt(mean_square_update + eps) / np.sqrt(mean_square + eps) * g
    return theta + update, mean_square, rho * mean_square_update + (1 - rho) * update**2


def adadelta_step_under_one_root(theta, mean_square, mean_square_update, gradient, rho, eps):
    g = gradient(theta)
    new = mean_square + (1 - rho) * (g**2 - mean_square)
    delta = g * np.sqrt((mean_square_update + eps) / (new + eps))
    return theta - delta, new, mean_square_update * rho + delta * delta * (1 - rho)


def adadelta_step_looped(theta, mean_square, mean_square_update, gradient, rho, eps):
    def one(x, square, update_square, g):
        square = rho * square + (1 - rho) * g**2
        update = -math.sqrt(update_square + eps) / math.sqrt(square + eps) * g
        return x + update, square, rho * update_square + (1 - rho) * update**2

    rows = [one(*row) for row in zip(theta, mean_square, mean_square_update, gradient(theta), strict=True)]
    return tuple(np.array(column) for column in zip(*rows, strict=True))


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


def adadelta_step_by_helpers(theta, mean_square, mean_square_update, gradient, rho, eps):
    average = lambda old, new: np.dot([rho, 1 - rho], [old, new**2])  # noqa: E731
    mean_square = average(mean_square, gradient(theta))
    update = -gradient(theta) * (mean_square_update + eps) ** 0.5 * (mean_square + eps) ** -0.5
    return np.stack([theta + update, mean_square, average(mean_square_update, update)])


def adam_step_by_geometric_sums(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps):
    g = np.einsum("i->i", gradient(theta))
    m, v = g + beta1 * (first_moment - g), g**2 + beta2 * (second_moment - g**2)
    m_hat, v_hat = (x / ((1 - beta) * sum(beta**k for k in range(t))) for x, beta in ((m, beta1), (v, beta2)))
    return [theta - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v]


ANSWERS = {
    "05-1": (adagrad_step, adagrad_step_looped, adagrad_step_in_copies, adagrad_step_by_matrices, adagrad_step_stacked),
    "05-2": (rmsprop_step, rmsprop_step_by_correction, rmsprop_step_looped),
    "05-3": (adadelta_step, adadelta_step_under_one_root, adadelta_step_looped, adadelta_step_by_helpers),
    "05-4": (adam_step, adam_step_reordered, adam_step_looped, adam_step_averaged, adam_step_by_geometric_sums),
    "05-5": (adamw_step, adamw_step_as_pytorch, adamw_step_looped),
}
