"""Adam's first steps in learning rates, measured and by theory: what the corrections are for."""

import numpy as np

KINDS = ("all alike", "one in ten", "pure noise")
VARIANTS = ("Adam: both corrected", "neither", "only the first")


def gradients_of(kind, num_steps):
    """``(num_steps,)``: all 1; 1 every tenth step, from the first on, else 0; or normal with mean 0 (seeded)."""
    if kind == "pure noise":
        return np.random.default_rng(12).normal(size=num_steps)
    t = np.arange(num_steps)
    return np.where((t % 10 == 0) | (kind != "one in ten"), 1.0, 0.0)


def step_lengths(gradients, beta1, beta2, eps=0.0):
    """Updates in learning rates, ``(3, num_steps)``, downhill positive: both corrected, neither, only the first.

    ``gradients`` ``(num_steps,)``. The recursions (5.12) to (5.15) on plain numbers, quick enough for a slider; eps
    outside. An update that would divide 0 by 0 is 0.
    """
    m = v = 0.0
    moments = []
    for g in np.asarray(gradients, dtype=float).tolist():
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g  # (5.12), (5.13)
        moments.append((m, v))
    m, v = np.array(moments).T
    t = np.arange(1, len(m) + 1)
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)  # (5.14)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.array([m_hat / (np.sqrt(v_hat) + eps), m / (np.sqrt(v) + eps), m_hat / (np.sqrt(v) + eps)])
    return np.where(np.isfinite(steps), steps, 0.0)


def constant_theory(beta1, beta2, num_steps):
    """What they are in closed form, ``(3, num_steps)``, where all gradients are alike and eps is 0.

    Both corrected: 1. Neither: (1 - beta1^t) / sqrt(1 - beta2^t). Only the first: 1 / sqrt(1 - beta2^t).
    """
    t = np.arange(1, num_steps + 1)
    first, second = 1 - beta1**t, np.sqrt(1 - beta2**t)
    return np.array([np.ones(num_steps), first / second, 1 / second])


def noise_level(beta1):
    """Root mean square of Adam's steps, in learning rates, in pure noise and in the long run: beta2 near 1.

    sqrt((1 - beta1) / (1 + beta1)): the standard deviation of an average of independent numbers, (5.12).
    """
    return np.sqrt((1 - beta1) / (1 + beta1))


def recent_lengths(steps):
    """Root mean square of the steps of the last fifth of the way to each t, shape of ``steps`` ``(..., num_steps)``.

    In noise a single step may have any length; this is what theory speaks of.
    """
    t = np.arange(1, np.shape(steps)[-1] + 1)
    before = 4 * t // 5
    sums = np.concatenate([np.zeros((*np.shape(steps)[:-1], 1)), np.cumsum(np.square(steps), axis=-1)], axis=-1)
    return np.sqrt(np.maximum(sums[..., t] - sums[..., before], 0) / (t - before))
