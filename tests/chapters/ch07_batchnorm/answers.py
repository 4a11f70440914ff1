"""Right answers to the exercises of chapter 7, written differently."""

import numpy as np


def batch_norm(x, gamma, beta, eps):
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta


def batch_norm_looped(x, gamma, beta, eps):
    m, n = len(x), len(gamma)
    y = [[0.0] * n for _ in range(m)]
    for j in range(n):
        mean = sum(x[i][j] for i in range(m)) / m
        variance = sum((x[i][j] - mean) ** 2 for i in range(m)) / m
        for i in range(m):
            y[i][j] = gamma[j] * (x[i][j] - mean) / (variance + eps) ** 0.5 + beta[j]
    return y


def batch_norm_in_a_copy(x, gamma, beta, eps):
    y = x.copy()
    y -= y.mean(0, keepdims=True)
    y /= np.sqrt(np.mean(y * y, axis=0) + eps)
    y *= gamma
    y += beta
    return y


def batch_norm_in_columns(x, gamma, beta, eps):
    columns = []
    for column, g, b in zip(x.T, gamma, beta, strict=True):
        columns.append(g * (column - np.average(column)) / np.hypot(column.std(), np.sqrt(eps)) + b)
    return np.stack(columns, axis=1)


def batch_norm_by_matrices(x, gamma, beta, eps=1e-5):
    m = len(x)
    above = (np.eye(m) - np.full((m, m), 1 / m)) @ x
    return (above / np.power(np.diag(above.T @ above) / m + eps, 0.5)) @ np.diag(gamma) + np.ones((m, 1)) * beta


def batch_norm_by_pairs(x, gamma, beta, eps):
    variance = ((x[:, None] - x[None]) ** 2).mean(axis=(0, 1)) / 2
    return gamma * (x - sum(x) / len(x)) / (variance + eps) ** 0.5 + beta


def batch_norm_backward(d_y, x_hat, std, gamma):
    d_x_hat = d_y * gamma
    d_x = (d_x_hat - d_x_hat.mean(axis=0) - x_hat * (d_x_hat * x_hat).mean(axis=0)) / std
    return d_x, (d_y * x_hat).sum(axis=0), d_y.sum(axis=0)


def batch_norm_backward_edge_by_edge(d_y, x_hat, std, gamma):
    m = len(d_y)
    centred = x_hat * std
    d_x_hat = d_y * gamma
    d_variance = np.sum(d_x_hat * centred, axis=0) * -0.5 * std**-3
    d_mean = -np.sum(d_x_hat, axis=0) / std - 2 * d_variance * np.mean(centred, axis=0)
    return [d_x_hat / std + d_variance * 2 * centred / m + d_mean / m, np.sum(d_y * x_hat, 0), np.sum(d_y, 0)]


def batch_norm_backward_by_jacobian(d_y, x_hat, std, gamma):
    m, n = d_y.shape
    d_x = np.zeros((m, n))
    for j in range(n):
        jacobian = (np.eye(m) - 1 / m - np.outer(x_hat[:, j], x_hat[:, j]) / m) * gamma[j] / std[j]
        d_x[:, j] = jacobian.T @ d_y[:, j]
    return d_x, np.einsum("bf,bf->f", d_y, x_hat), np.ones(m) @ d_y


def batch_norm_backward_as_the_paper_sums(d_y, x_hat, std, gamma):
    m, d_gamma, d_beta = len(d_y), np.sum(d_y * x_hat, axis=0), np.sum(d_y, axis=0)
    return gamma / (m * std) * (m * d_y - d_beta - x_hat * d_gamma), d_gamma, d_beta


def batch_norm_backward_entry_by_entry(d_y, x_hat, std, gamma):
    (m, n), d_x = d_y.shape, np.zeros(d_y.shape)
    for i, j, k in np.ndindex(m, n, m):
        slope = (i == k) - 1 / m - x_hat[i, j] * x_hat[k, j] / m
        d_x[i, j] += d_y[k, j] * gamma[j] / std[j] * slope
    return d_x.tolist(), (x_hat.T @ d_y).diagonal(), sum(d_y)


def batch_norm_step(x, gamma, beta, running_mean, running_var, running_decay, eps, training):
    mean, var = running_mean, running_var
    if training:
        mean, var = x.mean(axis=0), x.var(axis=0)
        running_mean = running_decay * running_mean + (1 - running_decay) * mean
        running_var = running_decay * running_var + (1 - running_decay) * x.var(axis=0, ddof=1)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, running_mean, running_var


def batch_norm_step_by_differences(x, gamma, beta, running_mean, running_var, running_decay, eps, training):
    if not training:
        return [gamma * ((x - running_mean) * (running_var + eps) ** -0.5) + beta, running_mean.copy(), running_var]
    m, momentum = len(x), 1 - running_decay
    mean = np.sum(x, axis=0) / m
    squares = np.sum((x - mean) ** 2, axis=0)
    y = gamma * (x - mean) / np.sqrt(squares / m + eps) + beta
    new_mean = running_mean + momentum * (mean - running_mean)
    return [y, new_mean, running_var + momentum * (squares / (m - 1) - running_var)]


def batch_norm_step_looped(x, gamma, beta, running_mean, running_var, running_decay, eps, training):
    y, new_mean, new_var = np.zeros(x.shape), list(running_mean), list(running_var)
    for j in range(x.shape[1]):
        mean, var = running_mean[j], running_var[j]
        if training:
            mean, var = np.mean(x[:, j]), np.var(x[:, j])
            new_mean[j] = running_decay * running_mean[j] + (1 - running_decay) * mean
            new_var[j] = running_decay * running_var[j] + (1 - running_decay) * var * len(x) / (len(x) - 1)
        for i in range(len(x)):
            y[i, j] = gamma[j] * (x[i, j] - mean) / np.sqrt(var + eps) + beta[j]
    return y, new_mean, new_var


def batch_norm_step_in_copies(x, gamma, beta, running_mean, running_var, running_decay, eps, training):
    new_mean, new_var = running_mean.copy(), running_var.copy()
    mean, var = new_mean, new_var
    if training:
        new_mean *= running_decay
        new_mean += (1 - running_decay) * x.mean(0)
        new_var = running_decay * new_var + (1 - running_decay) * np.cov(x.T).diagonal()
        mean, var = x.mean(0), x.var(0)
    scale = gamma / np.sqrt(var + eps)
    return scale * x + (beta - scale * mean), new_mean, new_var


def group_norm(x, num_groups, gamma, beta, eps):
    groups = x.reshape(len(x), num_groups, -1)
    x_hat = (groups - groups.mean(axis=2, keepdims=True)) / np.sqrt(groups.var(axis=2, keepdims=True) + eps)
    return gamma[:, None, None] * x_hat.reshape(x.shape) + beta[:, None, None]


def group_norm_looped(x, num_groups, gamma, beta, eps):
    y, size = np.empty(x.shape), x.shape[1] // num_groups
    for i in range(len(x)):
        for first in range(0, x.shape[1], size):
            part = x[i, first : first + size]
            y[i, first : first + size] = (part - part.mean()) / np.sqrt(part.var() + eps)
    return y * gamma.reshape(1, -1, 1, 1) + beta.reshape(1, -1, 1, 1)


def group_norm_by_five_axes(x, num_groups, gamma, beta, eps):
    n, c, h, w = x.shape
    five = np.reshape(x, (n, num_groups, c // num_groups, h, w))
    mean = np.mean(five, axis=(2, 3, 4), keepdims=True)
    var = np.mean((five - mean) ** 2, axis=(2, 3, 4), keepdims=True)
    y = ((five - mean) * (var + eps) ** -0.5).reshape(n, c, h, w)
    return np.einsum("nchw,c->nchw", y, gamma) + np.broadcast_to(beta, (h, w, c)).transpose(2, 0, 1)


def group_norm_split(x, num_groups, gamma, beta, eps):
    parts = []
    for part in np.split(x, num_groups, axis=1):
        mean = part.mean(axis=(1, 2, 3), keepdims=True)
        parts.append((part - mean) / np.sqrt(part.var(axis=(1, 2, 3), keepdims=True) + eps))
    joined = np.concatenate(parts, axis=1)
    return np.moveaxis(np.moveaxis(joined, 1, -1) * gamma + beta, -1, 1)


def group_norm_channels_last(x, num_groups, gamma, beta, eps):
    last = x.transpose(0, 2, 3, 1)
    groups = last.reshape(*last.shape[:3], num_groups, -1)
    mean, var = (function(groups, axis=(1, 2, 4), keepdims=True) for function in (np.mean, np.var))
    return (((groups - mean) / np.sqrt(var + eps)).reshape(last.shape) * gamma + beta).transpose(0, 3, 1, 2)


def infer_in_pieces(x, gamma, beta, running_mean, running_var, eps, piece):
    found = []
    for first in range(0, len(x), piece):
        part = x[first : first + piece]
        found.append(gamma * (part - running_mean) / np.sqrt(running_var + eps) + beta)
    return np.concatenate(found)


def infer_in_pieces_folded(x, gamma, beta, running_mean, running_var, eps, piece):
    slope = gamma / (running_var + eps) ** 0.5
    return x * slope + (beta - running_mean * slope)


def infer_in_pieces_row_by_row(x, gamma, beta, running_mean, running_var, eps, piece):
    out = np.empty(x.shape)
    for row, sample in enumerate(x):
        for k, value in enumerate(sample):
            out[row, k] = gamma[k] * (value - running_mean[k]) * (running_var[k] + eps) ** -0.5 + beta[k]
    return out


def deviation_backward(x, d_y, eps):
    away = x - x.mean(axis=0)
    below = np.abs(away).mean(axis=0) + eps
    sign = np.sign(away) - np.sign(away).mean(axis=0)
    return (d_y - d_y.mean(axis=0) - sign * (d_y * away / below).mean(axis=0)) / below


def deviation_backward_by_the_graph(x, d_y, eps):
    """Difference, size, mean, quotient: each step of the graph gone back by itself."""
    m = len(x)
    away = x - x.sum(axis=0) / m
    below = np.sum(np.where(away > 0, away, -away), axis=0) / m + eps
    d_away = d_y / below
    d_below = -np.sum(d_y * away, axis=0) / below**2
    d_away += np.where(away > 0, 1, -1) * d_below / m
    return d_away - d_away.sum(axis=0) / m


def deviation_backward_by_jacobian(x, d_y, eps):
    d_x = np.empty(x.shape)
    for j in range(x.shape[1]):
        away = x[:, j] - x[:, j].mean()
        below = abs(away).mean() + eps
        centre = np.eye(len(x)) - 1 / len(x)
        jacobian = centre / below - np.outer(away, centre @ np.sign(away)) / (len(x) * below**2)
        d_x[:, j] = d_y[:, j] @ jacobian
    return d_x


def image_batch_norm(x, gamma, beta, eps):
    mean, var = (f(x, axis=(0, 2, 3), keepdims=True) for f in (np.mean, np.var))
    return gamma[:, None, None] * (x - mean) / np.sqrt(var + eps) + beta[:, None, None]


def image_batch_norm_as_a_table(x, gamma, beta, eps):
    """A pixel is a sample: channels last, and the formula of a table."""
    table = x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
    table = gamma * (table - table.mean(axis=0)) / (table.var(axis=0) + eps) ** 0.5 + beta
    n, c, h, w = x.shape
    return table.reshape(n, h, w, c).transpose(0, 3, 1, 2)


def image_batch_norm_folded(x, gamma, beta, eps):
    """Scale and shift of each channel, folded into one."""
    flat = np.moveaxis(x, 1, 0).reshape(x.shape[1], -1)
    scale = gamma / np.sqrt(flat.var(axis=1) + eps)
    shift = beta - scale * flat.mean(axis=1)
    return np.einsum("nchw,c->nchw", x, scale) + shift.reshape(1, -1, 1, 1)


def settled_length(learning_rate, weight_decay, c):
    share = learning_rate * weight_decay
    return (learning_rate * c**2 / (weight_decay * (2 - share))) ** 0.25, np.arccos(1 - share)


def settled_length_from_the_angle(learning_rate, weight_decay, c):
    """The step is the height of the triangle, sin(angle) times the length."""
    cosine = 1 - learning_rate * weight_decay
    sine = np.sqrt(1 - cosine**2)
    return [np.sqrt(learning_rate * c / sine), np.arctan2(sine, cosine)]


def settled_length_by_halving(learning_rate, weight_decay, c):
    def grows(square):
        return (learning_rate * c) ** 2 / square > square * (1 - (1 - learning_rate * weight_decay) ** 2)

    low, high = 1e-12, 1e12
    for _ in range(200):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if grows(middle) else (low, middle)
    return np.sqrt(low), np.arctan(learning_rate * c / (low * (1 - learning_rate * weight_decay)))


ANSWERS = {
    "07-1": (
        batch_norm,
        batch_norm_looped,
        batch_norm_in_a_copy,
        batch_norm_in_columns,
        batch_norm_by_matrices,
        batch_norm_by_pairs,
    ),
    "07-2": (
        batch_norm_backward,
        batch_norm_backward_edge_by_edge,
        batch_norm_backward_by_jacobian,
        batch_norm_backward_as_the_paper_sums,
        batch_norm_backward_entry_by_entry,
    ),
    "07-3": (batch_norm_step, batch_norm_step_by_differences, batch_norm_step_looped, batch_norm_step_in_copies),
    "07-4": (group_norm, group_norm_looped, group_norm_by_five_axes, group_norm_split, group_norm_channels_last),
    "07-5": (infer_in_pieces, infer_in_pieces_folded, infer_in_pieces_row_by_row),
    "07-6": (deviation_backward, deviation_backward_by_the_graph, deviation_backward_by_jacobian),
    "07-7": (image_batch_norm, image_batch_norm_as_a_table, image_batch_norm_folded),
    "07-8": (settled_length, settled_length_from_the_angle, settled_length_by_halving),
}
