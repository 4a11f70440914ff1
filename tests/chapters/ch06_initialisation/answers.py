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
    size = w_out.shape[1]
    shares = np.arange(1, size + 1)
    return w_out * shares / shares.mean()


def break_symmetry_by_noise(w_out):
    noise = np.random.default_rng(0).normal(size=w_out.shape)
    return w_out + 0.1 * (noise - noise.mean(axis=1, keepdims=True))


def break_symmetry_in_loops(w_out):
    rows, size = w_out.shape
    new = [[0.0] * size for _ in range(rows)]
    for k in range(rows):
        for j in range(size):
            new[k][j] = float(w_out[k][j]) * (1 + 0.1 * (j - (size - 1) / 2))
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


ANSWERS = {
    "06-1": (predict_second_moments, predict_second_moments_in_loops, predict_second_moments_by_logarithms),
    "06-2": (xavier, xavier_transposed_twice, xavier_in_loops),
    "06-3": (he, he_by_gain, he_in_columns),
    "06-4": (break_symmetry, break_symmetry_by_noise, break_symmetry_in_loops),
    "06-5": (flat_share, flat_share_by_cosh, flat_share_by_logarithms),
}
