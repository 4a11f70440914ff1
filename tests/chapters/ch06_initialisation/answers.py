"""Right answers to the exercises of chapter 6, written differently."""

import math

import numpy as np


def predict_second_moments(weight_variances, widths, activation):
    keep = 0.5 if activation == "relu" else 1.0
    forward = np.cumprod(widths[:-1] * weight_variances)
    forward = forward * keep ** np.arange(len(forward))
    backward = np.cumprod((keep * widths[1:] * weight_variances)[::-1])[::-1]
    return forward, backward


def predict_second_moments_in_loops(weight_variances, widths, activation):
    num_layers = len(weight_variances)
    forward, backward, x, d_x = [], [0.0] * num_layers, 1.0, 1.0
    for layer in range(num_layers):
        z = float(widths[layer]) * float(weight_variances[layer]) * x
        forward.append(z)
        x = z / 2 if activation == "relu" else z
    for layer in reversed(range(num_layers)):
        d_z = d_x / 2 if activation == "relu" else d_x
        d_x = float(widths[layer + 1]) * float(weight_variances[layer]) * d_z
        backward[layer] = d_x
    return [forward, backward]


def predict_second_moments_by_logarithms(weight_variances, widths, activation):
    variances, sizes = np.asarray(weight_variances, dtype=float), np.asarray(widths, dtype=float)
    half = np.log(0.5) if activation == "relu" else 0.0
    up = np.cumsum(np.log(sizes[:-1]) + np.log(variances) + half) - half
    down = (np.log(sizes[1:]) + np.log(variances) + half)[::-1].cumsum()[::-1]
    return np.exp(up), np.exp(down)


def xavier(fan_in, fan_out, rng, distribution):
    if distribution == "uniform":
        limit = np.sqrt(6 / (fan_in + fan_out))
        return rng.uniform(-limit, limit, size=(fan_out, fan_in))
    return rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), size=(fan_out, fan_in))


def xavier_transposed_twice(fan_in, fan_out, rng, distribution):
    draws = {"normal": rng.standard_normal, "uniform": lambda size: np.sqrt(12) * (rng.random(size) - 0.5)}
    return np.sqrt(1 / ((fan_in + fan_out) / 2)) * draws[distribution]((fan_in, fan_out)).T


def xavier_in_loops(fan_in, fan_out, rng, distribution):
    std = (2 / (fan_in + fan_out)) ** 0.5
    if distribution == "normal":
        return [[rng.normal(0, std) for _ in range(fan_in)] for _ in range(fan_out)]
    return [list(rng.uniform(-(3**0.5) * std, 3**0.5 * std, fan_in)) for _ in range(fan_out)]


def he(fan_in, fan_out, rng, slope):
    return rng.normal(0, np.sqrt(2 / ((1 + slope**2) * fan_in)), size=(fan_out, fan_in))


def he_by_gain(fan_in, fan_out, rng, slope):
    gain = np.sqrt(2 / (1 + slope * slope))
    return (gain / np.sqrt(fan_in) * rng.standard_normal(fan_in * fan_out)).reshape(fan_out, fan_in)


def he_in_columns(fan_in, fan_out, rng, slope):
    columns = [rng.normal(size=fan_out) * (2 / fan_in / (1 + slope**2)) ** 0.5 for _ in range(fan_in)]
    return np.stack(columns, axis=1)


def break_symmetry(w_out):
    offsets = np.arange(w_out.shape[1]) * 0.1
    return w_out + offsets - offsets.mean()


def break_symmetry_by_noise(w_out):
    noise = np.random.default_rng(0).normal(size=w_out.shape)
    return w_out + 0.1 * (noise - noise.mean(axis=1, keepdims=True))


def break_symmetry_in_loops(w_out):
    rows, size = w_out.shape
    new = [[0.0] * size for _ in range(rows)]
    for k in range(rows):
        for j in range(size):
            new[k][j] = float(w_out[k][j]) + 0.1 * (k + 1) * (j - (size - 1) / 2)
    return new


def flat_share(mean, spread, share):
    edge = math.atanh(math.sqrt(1 - share))
    return sum(math.erfc((edge + sign * mean) / (spread * math.sqrt(2))) for sign in (1, -1)) / 2


def flat_share_by_cosh(mean, spread, share):
    edge = math.acosh(1 / math.sqrt(share))  # tanh' = 1 / cosh^2
    below = [0.5 * (1 + math.erf((place - mean) / spread / 2**0.5)) for place in (-edge, edge)]
    return 1 - (below[1] - below[0])


def flat_share_by_logarithms(mean, spread, share):
    root = (1 - share) ** 0.5
    edge = 0.5 * np.log((1 + root) / (1 - root))
    units = math.sqrt(2) * spread
    inside = 0.5 * math.erf((edge - mean) / units) + 0.5 * math.erf((edge + mean) / units)
    return 1 - inside


def layers_until(fan_in, weight_variance, slope, ratio):
    factor = fan_in * weight_variance * (1 + slope**2) / 2
    if factor == 1 or (factor < 1) != (ratio < 1):
        return 0
    return math.ceil(math.log(ratio) / math.log(factor))


def layers_until_one_by_one(fan_in, weight_variance, slope, ratio):
    keep, square, number = 0.5 + 0.5 * slope * slope, 1.0, 0
    step = keep * weight_variance * fan_in
    while (square > ratio) if ratio < 1 else (square < ratio):
        if step >= 1 if ratio < 1 else step <= 1:
            return 0
        square *= step
        number += 1
    return number


def layers_until_by_powers(fan_in, weight_variance, slope, ratio):
    """The largest number of layers after which it has not happened, bit by bit."""
    step, number = fan_in * weight_variance * np.mean([1, slope**2]), 0
    if step == 1 or (step < 1) != (ratio < 1):
        return 0
    for size in 2 ** np.arange(20)[::-1]:
        number += size * ((step ** (number + size) > ratio) == (ratio < 1))
    return number + 1


def scaled_weights(noise):
    weights = []
    for number, layer in enumerate(noise):
        variance = (1 if number == len(noise) - 1 else 2) / layer.shape[1]
        weights.append(layer * np.sqrt(variance))
    return weights


def scaled_weights_then_the_last(noise):
    weights = [math.sqrt(2) * layer / math.sqrt(len(layer[0])) for layer in noise]
    weights[-1] = weights[-1] * 0.5**0.5
    return tuple(weights)


def scaled_weights_by_matrices(noise):
    *hidden, last = noise
    return [layer @ np.diag(np.full(layer.shape[1], (2 / layer.shape[1]) ** 0.5)) for layer in hidden] + [
        np.divide(last, last.shape[1] ** 0.5)
    ]


def branch_scale(growth, blocks, factor):
    return math.sqrt((growth ** (1 / blocks) - 1) / factor), math.floor(math.log(growth) / math.log(1 + factor))


def branch_scale_by_logarithms(growth, blocks, factor):
    number = 0
    while (number + 1) * np.log1p(factor) <= np.log(growth):
        number += 1
    return [np.sqrt(np.expm1(np.log(growth) / blocks) / factor), number]


def branch_scale_by_roots_of_a_polynomial(growth, blocks, factor):
    """Newton's method on (1 + s^2 factor)^blocks = growth, in s^2."""
    square = (growth - 1) / factor
    for _ in range(3000):
        power = (1 + square * factor) ** (blocks - 1)
        square -= ((1 + square * factor) * power - growth) / (blocks * factor * power)
    reached, number = 1 + factor, 0
    while reached <= growth:
        reached, number = reached * (1 + factor), number + 1
    return [math.sqrt(square), np.int64(number)]


ANSWERS = {
    "06-1": (predict_second_moments, predict_second_moments_in_loops, predict_second_moments_by_logarithms),
    "06-2": (xavier, xavier_transposed_twice, xavier_in_loops),
    "06-3": (he, he_by_gain, he_in_columns),
    "06-4": (break_symmetry, break_symmetry_by_noise, break_symmetry_in_loops),
    "06-5": (flat_share, flat_share_by_cosh, flat_share_by_logarithms),
    "06-6": (layers_until, layers_until_one_by_one, layers_until_by_powers),
    "06-7": (scaled_weights, scaled_weights_then_the_last, scaled_weights_by_matrices),
    "06-8": (branch_scale, branch_scale_by_logarithms, branch_scale_by_roots_of_a_polynomial),
}
