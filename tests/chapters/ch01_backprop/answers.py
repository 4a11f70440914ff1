"""Right answers to the exercises of chapter 1, written differently."""

import numpy as np


def linear(x, weight, bias, d_y):
    return x @ weight.T + bias, d_y @ weight, d_y.T @ x, d_y.sum(axis=0)


def linear_by_einsum(x, weight, bias, d_y):
    y = np.einsum("bi,oi->bo", x, weight) + bias
    return [y, np.einsum("bo,oi->bi", d_y, weight), np.einsum("bo,bi->oi", d_y, x), np.einsum("bo->o", d_y)]


def linear_looped(x, weight, bias, d_y):
    y, d_x = np.zeros(d_y.shape), np.zeros(x.shape)
    d_weight, d_bias = np.zeros(weight.shape), np.zeros(bias.shape)
    for b in range(len(x)):
        for o in range(len(bias)):
            y[b, o] = sum(weight[o, i] * x[b, i] for i in range(x.shape[1])) + bias[o]
            d_bias[o] += d_y[b, o]
            for i in range(x.shape[1]):
                d_x[b, i] += d_y[b, o] * weight[o, i]
                d_weight[o, i] += d_y[b, o] * x[b, i]
    return y, d_x, d_weight, d_bias


def softmax_cross_entropy(scores, target):
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -(target * log_p).sum() / len(scores), (np.exp(log_p) - target) / len(scores)


def softmax_cross_entropy_by_logaddexp(scores, target):
    normaliser = np.logaddexp.reduce(scores, axis=1)
    losses = normaliser - np.sum(target * scores, axis=1)
    return losses.mean(), (np.exp(scores - normaliser[:, None]) - target) / len(scores)


def softmax_cross_entropy_row_by_row(scores, target):
    losses, slopes = [], []
    for s, t in zip(scores, target, strict=True):
        e = np.exp(s - max(s))
        losses.append(sum(t) * (max(s) + np.log(sum(e))) - t @ s)
        slopes.append((e / sum(e) - t) / len(scores))
    return float(np.mean(losses)), slopes


def two_layer_deltas(x, weight1, weight2, target):
    f1 = np.tanh(x @ weight1.T)
    f2 = np.tanh(f1 @ weight2.T)
    delta2 = (f2 - target) * (1 - f2**2)
    delta1 = (delta2 @ weight2) * (1 - f1**2)
    return delta1, delta2, delta1.T @ x, delta2.T @ f1


def two_layer_deltas_in_columns(x, weight1, weight2, target):
    s1 = weight1 @ x.T
    s2 = weight2 @ np.tanh(s1)
    delta2 = (np.tanh(s2) - target.T) / np.cosh(s2) ** 2
    delta1 = (weight2.T @ delta2) / np.cosh(s1) ** 2
    return delta1.T, delta2.T, delta1 @ x, delta2 @ np.tanh(s1).T


def two_layer_deltas_sample_by_sample(x, weight1, weight2, target):
    deltas1, deltas2 = [], []
    d_weight1, d_weight2 = np.zeros(weight1.shape), np.zeros(weight2.shape)
    for sample, wanted in zip(x, target, strict=True):
        f1 = np.tanh(weight1 @ sample)
        f2 = np.tanh(weight2 @ f1)
        deltas2.append((f2 - wanted) * (1 - f2 * f2))
        deltas1.append((weight2.T @ deltas2[-1]) * (1 - f1 * f1))
        d_weight1 += np.outer(deltas1[-1], sample)
        d_weight2 += np.outer(deltas2[-1], f1)
    return deltas1, deltas2, d_weight1, d_weight2


def dual_of_product(x, y, function, slope):
    product = x[0] * y[0]
    tangent = x[1] * y[0] + x[0] * y[1]
    return np.array([function(product), slope(product) * tangent])


def dual_of_product_as_matrices(x, y, function, slope):
    product = np.array([[x[0], x[1]], [0, x[0]]]) @ np.array([[y[0], y[1]], [0, y[0]]])
    return [float(function(product[0, 0])), float(slope(product[0, 0]) * product[0, 1])]


def dual_of_product_by_polynomials(x, y, function, slope):
    value, tangent, _ = np.convolve(x, y)
    return function(value), tangent * slope(value)


def numerical_gradient(theta, function, h):
    gradient = np.zeros(len(theta))
    for i in range(len(theta)):
        move = np.zeros(len(theta))
        move[i] = h
        gradient[i] = (function(theta + move) - function(theta - move)) / (2 * h)
    return gradient


def numerical_gradient_in_one_line(theta, function, h):
    return [(function(theta + m) - function(theta - m)) / (2 * h) for m in h * np.eye(len(theta))]


def numerical_gradient_as_a_mean_of_two(theta, function, h):
    here, moves = function(theta), h * np.eye(len(theta))
    ahead = np.array([function(theta + move) - here for move in moves]) / h
    behind = np.array([here - function(theta - move) for move in moves]) / h
    return (ahead + behind) / 2


def normalised_backward(x, d_y):
    length = np.linalg.norm(x, axis=1, keepdims=True)
    y = x / length
    return (d_y - y * np.sum(y * d_y, axis=1, keepdims=True)) / length


def normalised_backward_by_jacobians(x, d_y):
    rows = []
    for row, d in zip(x, d_y, strict=True):
        square = row @ row
        rows.append((np.eye(len(row)) * square - np.outer(row, row)) @ d / square**1.5)
    return np.array(rows)


def normalised_backward_by_the_graph(x, d_y):
    """Squares, sum, root, quotient: each step of the graph gone back by itself."""
    total = (x * x).sum(axis=1)
    root = total**0.5
    d_root = -np.einsum("ij,ij->i", d_y, x) / root**2
    d_total = d_root / (2 * root)
    return d_y / root[:, None] + 2 * x * d_total[:, None]


def residual_backward(x, weight1, weight2, d_y):
    f1 = np.tanh(x @ weight1.T)
    delta1 = (d_y @ weight2) * (1 - f1**2)
    return d_y + delta1 @ weight1, delta1.T @ x, d_y.T @ f1


def residual_backward_by_einsum(x, weight1, weight2, d_y):
    s = np.einsum("bi,hi->bh", x, weight1)
    delta = np.einsum("bo,oh->bh", d_y, weight2) / np.cosh(s) ** 2
    d_x = np.einsum("bh,hi->bi", delta, weight1)
    d_x += d_y
    return [d_x, np.einsum("bh,bi->hi", delta, x), np.einsum("bo,bh->oh", d_y, np.tanh(s))]


def residual_backward_in_columns(x, weight1, weight2, d_y):
    """Samples as columns, as on the blackboard."""
    columns, deltas = x.T, d_y.T
    hidden = np.tanh(np.dot(weight1, columns))
    inner = np.dot(weight2.T, deltas) * (1 + hidden) * (1 - hidden)
    return (deltas + np.dot(weight1.T, inner)).T, np.dot(inner, columns.T), np.dot(deltas, hidden.T)


def best_difference(num_parameters, value, bend, rounding, central):
    if central:
        step = (3 * rounding * value / bend) ** (1 / 3)
        return 2 * num_parameters, step, rounding * value / step + bend * step**2 / 6
    step = 2 * np.sqrt(rounding * value / bend)
    return num_parameters + 1, step, 2 * rounding * value / step + bend * step / 2


def best_difference_by_search(num_parameters, value, bend, rounding, central):
    """On a fine grid; an array of three."""
    steps = np.logspace(-30, 10, 40001)
    noise = rounding * value / steps
    errors = noise + bend * steps**2 / 6 if central else 2 * noise + bend * steps / 2
    best = errors.argmin()
    return np.array([2 * num_parameters if central else 1 + num_parameters, steps[best], errors[best]])


def best_difference_in_closed_form(num_parameters, value, bend, rounding, central):
    noise = rounding * value
    if not central:
        return [num_parameters + 1, (4 * noise / bend) ** 0.5, 2 * (noise * bend) ** 0.5]
    return [num_parameters * 2, np.cbrt(3 * noise / bend), 1.5 * np.cbrt(noise**2 * bend / 3)]


ANSWERS = {
    "01-1": (linear, linear_by_einsum, linear_looped),
    "01-2": (softmax_cross_entropy, softmax_cross_entropy_by_logaddexp, softmax_cross_entropy_row_by_row),
    "01-3": (two_layer_deltas, two_layer_deltas_in_columns, two_layer_deltas_sample_by_sample),
    "01-4": (dual_of_product, dual_of_product_as_matrices, dual_of_product_by_polynomials),
    "01-5": (numerical_gradient, numerical_gradient_in_one_line, numerical_gradient_as_a_mean_of_two),
    "01-6": (normalised_backward, normalised_backward_by_jacobians, normalised_backward_by_the_graph),
    "01-7": (residual_backward, residual_backward_by_einsum, residual_backward_in_columns),
    "01-8": (best_difference, best_difference_by_search, best_difference_in_closed_form),
}
