"""The whole of each exercise of chapter 7: right answers written as specifications, and inputs of every size."""

import numpy as np

from course_lib.chapters.ch07_batchnorm.checks.batch_norm import backward, forward
from course_lib.chapters.ch07_batchnorm.checks.modes import MODES, group_norm, two_modes
from course_lib.chapters.ch07_batchnorm.checks.shared import FAINT
from course_lib.checks.whole import different, whole, wide


def _standard(values, eps):
    """``values`` standardised all together."""
    away = values - np.sum(values) / values.size
    return away / (np.sum(away * away) / values.size + eps) ** 0.5


def _batch_norm(x, gamma, beta, eps):
    return np.stack([g * _standard(column, eps) + b for column, g, b in zip(x.T, gamma, beta, strict=True)], axis=1)


def _features(rng, batch, features):
    """Features with spreads of their own; the first does not vary, the last lies a million away from 0."""
    x = rng.normal(size=(batch, features)) * rng.uniform(0.5, 3, features) + rng.normal(size=features)
    x[:, 0] = 2.5
    x[:, -1] += 1e6
    return x


def _batch_cases(rng):
    """More samples than features and fewer, and two; eps seen and hardly seen."""
    few, some, many = sorted(different(rng, 3, 3))
    sizes = (many, few, 1e-3), (some, many, 0.4), (2, 3, 1e-3), (2, some, 0.1), (few, 2, 3.0), (some, some, 0.2)
    sizes += (1, few, 0.3), (150, 2, 0.01)
    cases = [(_features(rng, m, n), wide(rng, n), wide(rng, n), eps) for m, n, eps in sizes]
    far = rng.normal(size=(40, 2))
    far[int(rng.integers(40)), 1] = 100.0  # one sample far from all others
    cases.append((far, rng.uniform(1, 2, 2), wide(rng, 2), 1e-3))
    return [*cases, (FAINT * rng.normal(size=(some, 3)), rng.uniform(1, 2, 3), wide(rng, 3), 1e-6)]


def _backward(d_y, x_hat, std, gamma):
    """Through the Jacobian of each feature: d x_hat[j] / d x[i] = (1[i = j] - 1/m - x_hat[i] x_hat[j] / m) / std."""
    m, columns = len(x_hat), []
    for k in range(x_hat.shape[1]):
        jacobian = (np.eye(m) - 1 / m - np.outer(x_hat[:, k], x_hat[:, k]) / m) / std[k]
        columns.append(jacobian @ d_y[:, k] * gamma[k])
    return np.stack(columns, axis=1), np.einsum("mn,mn->n", d_y, x_hat), np.einsum("mn->n", d_y)


def _backward_cases(rng):
    few, some, many = sorted(different(rng, 3, 3))
    cases = []
    sizes = (many, few, 1e-3), (some, many, 0.4), (2, 3, 0.01), (few, 1, 2.0), (some, some, 0.1), (1, few, 0.3)
    sizes += ((130, 2, 0.02),)
    for m, n, eps in sizes:
        x = rng.normal(size=(m, n)) * rng.uniform(0.5, 3, n)
        x[:, 0] = 2.5 if n > 3 else x[:, 0]  # a feature that does not vary
        x_hat = np.stack([_standard(column, eps) for column in x.T], axis=1)
        cases.append((wide(rng, m, n), x_hat, (x.var(axis=0) + eps) ** 0.5, wide(rng, n)))
    return cases


def _two_modes(x, gamma, beta, running_mean, running_var, running_decay, eps, training):
    if not training:
        return gamma / (running_var + eps) ** 0.5 * (x - running_mean) + beta, running_mean, running_var
    m, mean = len(x), np.sum(x, axis=0) / len(x)
    squares = np.sum((x - mean) ** 2, axis=0)
    moved = (
        running_decay * old + (1 - running_decay) * new
        for old, new in ((running_mean, mean), (running_var, squares / (m - 1)))
    )
    return gamma / (squares / m + eps) ** 0.5 * (x - mean) + beta, *moved


def _mode_cases(rng):
    """Both modes; many samples, two, and at inference one alone; decays at both ends and near them. In the first
    batch a feature lies a million away from 0; the last two are faint, one of which finds fresh statistics."""
    few, some, many = sorted(different(rng, 3, 3))
    sizes = (many, few, True), (2, some, True), (some, many, False), (1, few, False), (few, 2, True), (many, 3, False)
    sizes += (some, some, True), (some, some, False), (few, some, True), (150, 2, True)
    decays = rng.uniform(0.5, 0.8), 0.99, 0.9, 0.1, 0.01, 0.5, 0.0, 0.3, 1.0, 0.7
    cases = []
    for k, ((m, n, training), decay) in enumerate(zip(sizes, decays, strict=True)):
        x = rng.normal(size=(m, n)) * rng.uniform(0.5, 3, n) + 5 * rng.normal(size=n)
        running = wide(rng, n), np.abs(wide(rng, n))
        cases.append((x, wide(rng, n), wide(rng, n), *running, decay, (1e-3, 0.4, 2.0)[k % 3], training))
    cases[0][0][:, -1] += 1e6
    cases[4][0][:, 0], cases[4][4][0] = 2.5, 0.7  # it does not vary, and its running variance goes down
    for training, var in ((True, 1.0), (False, FAINT**2)):
        x, running = FAINT * rng.normal(size=(some, 3)), (np.zeros(3), np.full(3, var))
        cases.append((x, rng.uniform(1, 2, 3), wide(rng, 3), *running, 0.7, 1e-6, training))
    return cases


def _group_norm(x, num_groups, gamma, beta, eps):
    y, together = np.empty(x.shape), x.shape[1] // num_groups
    for sample, out in zip(x, y, strict=True):
        for first in range(0, x.shape[1], together):
            out[first : first + together] = _standard(sample[first : first + together], eps)
    return np.einsum("nchw,c->nchw", y, gamma) + np.reshape(beta, (-1, 1, 1))


def _image_cases(rng):
    """Channels that differ from samples and sides, and all of them equal; groups of several, of one and of all; images
    of one pixel, and groups of one number; images a million away from 0, and faint ones."""
    batch, height, width, groups, each = different(rng, 5, 2, 7)
    shapes = (
        ((batch, groups * each, height, width), groups),
        ((1, each, width, height), each),
        ((each, groups, height, 1), 1),
        ((height, 2 * each, 1, 1), each),
        ((4, 4, 4, 4), 2),
        ((2, groups, 1, 1), groups),
        ((130, 4, 1, 2), 2),
    )
    cases = [
        (
            rng.normal(size=shape) * 2 + rng.normal(size=(shape[1], 1, 1)) * 3,
            num,
            wide(rng, shape[1]),
            wide(rng, shape[1]),
            eps,
        )
        for (shape, num), eps in zip(shapes, (1e-3, 0.4, 2.0, 0.1, 0.3, 0.2, 0.01), strict=True)
    ]
    cases[0][0][...] += 1e6
    faint = FAINT * rng.normal(size=(2, 6, height, width)), 3, rng.uniform(1, 2, 6), wide(rng, 6), 1e-6
    return [*cases, faint]


whole(forward, _batch_norm, _batch_cases, ("y",), rtol=1e-7, atol=1e-7)
whole(backward, _backward, _backward_cases, ("d_x", "d_gamma", "d_beta"), atol=1e-10)
whole(two_modes, _two_modes, _mode_cases, MODES, rtol=1e-7, atol=1e-7)
whole(group_norm, _group_norm, _image_cases, ("y",), rtol=1e-7, atol=1e-7)
