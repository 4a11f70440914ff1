"""Right answers to the exercises of chapter 8, written differently."""

import math
from bisect import bisect_left

import numpy as np


def dropout(x, d_y, drop_rate, draw, training):
    if not training:
        return x.copy(), d_y.copy()
    keep = 1 - drop_rate
    mask = (draw(x.shape) < keep) / keep
    return x * mask, d_y * mask


def dropout_by_where(x, d_y, drop_rate, draw, training):
    keep = 1.0 - drop_rate if training else 1.0
    kept = np.asarray(draw(x.shape)) < keep
    return np.where(kept, x / keep, 0.0), np.where(kept, d_y / keep, 0.0)


def dropout_entry_by_entry(x, d_y, drop_rate, draw, training):
    y, d_x = np.array(x), np.array(d_y)
    if training:
        for i in range(len(x)):
            numbers = draw(len(x[i]))
            for j in range(len(x[i])):
                factor = 1 / (1 - drop_rate) if numbers[j] < 1 - drop_rate else 0
                y[i, j], d_x[i, j] = x[i, j] * factor, d_y[i, j] * factor
    return [y.tolist(), d_x.tolist()]


def dropout_in_a_copy(x, d_y, drop_rate, draw, training):
    y, d_x = x.copy(), d_y.copy()
    if training:
        dropped = ~(draw(np.shape(x)) < 1 - drop_rate)
        for array in (y, d_x):
            array /= 1 - drop_rate
            array[dropped] = 0
    return y, d_x


def early_stopping(theta, epoch, validation_loss, patience, max_epochs):
    best_loss, waited, t = np.inf, 0, 0
    best_theta, best_epoch = theta, 0
    loss = validation_loss(theta)
    if loss < best_loss:
        best_loss = loss
    while t < max_epochs and waited < patience:
        t += 1
        theta = epoch(theta)
        loss = validation_loss(theta)
        if loss < best_loss:
            best_loss, best_theta, best_epoch, waited = loss, theta, t, 0
        else:
            waited += 1
    return best_theta, best_epoch, t


def early_stopping_with_a_list(theta, epoch, validation_loss, patience, max_epochs):
    path = [theta]
    losses = [np.nan_to_num(validation_loss(theta), nan=np.inf)]
    while len(path) <= max_epochs and len(path) - 1 - int(np.argmin(losses)) < patience:
        path.append(epoch(path[-1]))
        losses.append(np.nan_to_num(validation_loss(path[-1]), nan=np.inf))
    best = int(np.argmin(losses))
    return path[best].copy(), best, len(path) - 1


def early_stopping_with_a_break(theta, epoch, validation_loss, patience, max_epochs):
    best = (np.copy(theta), 0)
    low = float(validation_loss(theta))
    if math.isnan(low):
        low = math.inf
    for t in range(1, max_epochs + 1):
        theta = epoch(theta)
        loss = float(validation_loss(theta))
        if not math.isnan(loss) and loss < low:
            low, best = loss, (np.copy(theta), t)
        if t - best[1] == patience:
            break
    return [best[0], float(best[1]), np.int64(t)]


def penalty(weight, bias, l1_penalty, l2_penalty):
    value = l1_penalty * np.sum(np.abs(weight)) + l2_penalty / 2 * np.sum(weight**2)
    return value, l1_penalty * np.sign(weight) + l2_penalty * weight, np.zeros_like(bias)


def penalty_looped(weight, bias, l1_penalty, l2_penalty):
    value, slopes = 0.0, []
    for row in weight:
        slopes.append([])
        for w in row:
            value += l1_penalty * abs(w) + 0.5 * l2_penalty * w * w
            slopes[-1].append(l2_penalty * w + l1_penalty * (int(w > 0) - int(w < 0)))
    return [value, slopes, [0.0 for _ in bias]]


def penalty_by_norms(weight, bias, l1_penalty, l2_penalty):
    flat = weight.ravel()
    value = l1_penalty * np.linalg.norm(flat, 1) + 0.5 * l2_penalty * np.linalg.norm(weight) ** 2
    signs = np.divide(weight, np.abs(weight), out=np.zeros_like(weight), where=weight != 0)
    return float(value), l1_penalty * signs + l2_penalty * weight, 0 * bias


def penalty_by_einsum(weight, bias, l1_penalty, l2_penalty):
    value = l2_penalty * np.einsum("oi,oi->", weight, weight) / 2 + l1_penalty * np.einsum("oi->", np.abs(weight))
    d_weight = l2_penalty * weight
    d_weight[weight > 0] += l1_penalty
    d_weight[weight < 0] -= l1_penalty
    return value, d_weight, np.zeros(len(bias))


def monte_carlo_prediction(hidden, weight, bias, drop_rate, uniform):
    keep = 1 - drop_rate
    scores = (hidden * (uniform < keep) / keep) @ weight.T + bias
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return p.mean(axis=0), p.std(axis=0)


def monte_carlo_prediction_looped(hidden, weight, bias, drop_rate, uniform):
    members = []
    for numbers in uniform:
        rows = []
        for h, u in zip(hidden, numbers, strict=True):
            s = [
                bias[c] + sum(weight[c, i] * h[i] / (1 - drop_rate) for i in range(len(h)) if u[i] < 1 - drop_rate)
                for c in range(len(bias))
            ]
            e = [math.exp(one - max(s)) for one in s]
            rows.append([one / sum(e) for one in e])
        members.append(rows)
    mean = sum(np.array(rows) for rows in members) / len(members)
    return mean, np.sqrt(sum((np.array(rows) - mean) ** 2 for rows in members) / len(members))


def monte_carlo_prediction_by_einsum(hidden, weight, bias, drop_rate, uniform):
    masked = np.where(uniform < 1 - drop_rate, hidden, 0.0) / (1.0 - drop_rate)
    scores = np.einsum("kbn,cn->kbc", masked, weight) + bias
    p = np.exp(scores - np.logaddexp.reduce(scores, axis=2)[..., None])
    mean = np.average(p, axis=0)
    return mean, np.sqrt(np.mean((p - mean) ** 2, axis=0))


def monte_carlo_prediction_by_moments(hidden, weight, bias, drop_rate, uniform):
    first, second = 0, 0
    for numbers in uniform:
        scores = (hidden * (numbers < 1 - drop_rate)) @ (weight.T / (1 - drop_rate)) + bias
        p = 1 / np.exp(np.minimum(scores[:, None, :] - scores[:, :, None], 700)).sum(axis=-1)
        first, second = first + p / len(uniform), second + p**2 / len(uniform)
    return first, np.sqrt(np.maximum(second - first**2, 0))


def early_stopping_by_recursion(theta, epoch, validation_loss, patience, max_epochs):
    def go(theta, t, lowest, best):
        loss = validation_loss(theta)
        lowest, best = (loss, (theta, t)) if loss < lowest else (lowest, best)
        return (*best, t) if t == max_epochs or t - best[1] >= patience else go(epoch(theta), t + 1, lowest, best)

    return go(theta, 0, math.inf, (theta, 0))


def choose_and_report(validation, test):
    run, epoch = np.unravel_index(np.nanargmin(validation), validation.shape)
    return run, epoch, test[run, epoch]


def choose_and_report_in_loops(validation, test):
    best, chosen = math.inf, (0, 0)
    for run in range(len(validation)):
        for epoch in range(len(validation[run])):
            if validation[run][epoch] < best:
                best, chosen = validation[run][epoch], (run, epoch)
    return (*chosen, float(test[chosen]))


def choose_and_report_run_by_run(validation, test):
    clean = np.where(np.isnan(validation), np.inf, validation)
    run = int(clean.min(axis=1).argmin())
    epoch = int(clean[run].argmin())
    return run, epoch, test[run][epoch]


def ensemble_variance(variance, correlation, num_nets, target):
    common = correlation * variance
    mean = common + (variance - common) / num_nets
    if target >= variance:
        return mean, 1
    return mean, int(np.ceil((variance - common) / (target - common))) if target > common else 0


def ensemble_variance_by_matrices(variance, correlation, num_nets, target):
    def of(number):
        matrix = np.array([[variance, correlation * variance]])  # two different entries, and how often they occur
        return (matrix @ [number, number * (number - 1)])[0] / number**2

    needed = 1 + bisect_left(range(1, 10**6), True, key=lambda number: bool(of(number) <= target))
    return np.array([of(num_nets), needed if needed < 10**6 else 0])


def ensemble_variance_by_counting(variance, correlation, num_nets, target):
    def of(k):
        return (k * variance + k * (k - 1) * correlation * variance) / k**2

    if variance > target and correlation * variance >= target:
        return [of(num_nets), 0.0]
    number = 1
    while of(number) > target:
        number += 1
    return [of(num_nets), float(number)]


def steps_like_penalty(curvatures, learning_rate, l2_penalty):
    left = l2_penalty / (curvatures + l2_penalty)
    return np.log(left) / np.log(1 - learning_rate * curvatures)


def steps_like_penalty_one_by_one(curvatures, learning_rate, l2_penalty):
    return [-math.log1p(h / l2_penalty) / math.log1p(-learning_rate * h) for h in curvatures]


def steps_like_penalty_by_base_two(curvatures, learning_rate, l2_penalty):
    share = 1 / (1 + l2_penalty / curvatures)
    return np.log2(1 - share) / np.log2(1 - curvatures * learning_rate)


def best_penalty(truth, deviation, curvature):
    true, noise = np.sum(truth**2), np.sum(deviation**2)
    return curvature * noise / true, true / (true + noise)


def best_penalty_from_the_share(truth, deviation, curvature):
    """The best share is found first, as the vertex of a parabola; (8.3) is solved for the penalty."""
    true, noise = float(truth @ truth), float(deviation @ deviation)
    share = true / (true + noise)
    error = (1 - share) ** 2 * true + share**2 * noise
    return [curvature * (1 / share - 1), error / noise if noise else 1.0]


def best_penalty_looped(truth, deviation, curvature):
    true = noise = 0.0
    for coordinate, spread in zip(truth, deviation, strict=True):
        true, noise = true + coordinate * coordinate, noise + spread * spread
    ratio = noise / true
    return np.array(curvature * ratio), np.array(1 / (1 + ratio))


ANSWERS = {
    "08-1": (dropout, dropout_by_where, dropout_entry_by_entry, dropout_in_a_copy),
    "08-2": (early_stopping, early_stopping_with_a_list, early_stopping_with_a_break, early_stopping_by_recursion),
    "08-3": (penalty, penalty_looped, penalty_by_norms, penalty_by_einsum),
    "08-4": (
        monte_carlo_prediction,
        monte_carlo_prediction_looped,
        monte_carlo_prediction_by_einsum,
        monte_carlo_prediction_by_moments,
    ),
    "08-5": (choose_and_report, choose_and_report_in_loops, choose_and_report_run_by_run),
    "08-6": (ensemble_variance, ensemble_variance_by_matrices, ensemble_variance_by_counting),
    "08-7": (steps_like_penalty, steps_like_penalty_one_by_one, steps_like_penalty_by_base_two),
    "08-8": (best_penalty, best_penalty_from_the_share, best_penalty_looped),
}
