"""What becomes of weight decay inside Adam and beside it."""

import numpy as np

from course_lib.objective import Objective
from course_lib.optimizers import AdamW
from course_lib.run import iterate

DECAY_STEPS = 400
NAMES = ("Adam", "Adam + L2 penalty", "AdamW")


def _alternating(sizes, penalties):
    """Gradients ``sizes``, of alternating sign, plus those of penalties, one for each row: asked for once a step."""
    signed = iter(np.where(np.arange(DECAY_STEPS + 1) % 2, -1.0, 1.0)[:, None] * np.asarray(sizes))
    return Objective(lambda theta: 0 * theta[..., 0], lambda theta: next(signed) + penalties * theta)


def decoupled_theory(own_steps, decay, learning_rate):
    """theta from 1 where each step is Adam's own, which knows nothing of theta, and the decay, (5.16)."""
    theta = [np.ones(2)]
    for step in own_steps:
        theta.append((1 - learning_rate * decay) * theta[-1] + step)
    return np.array(theta)


def penalty_theory(own_steps, decay, learning_rate, sizes):
    """theta from 1 under a penalty whose pull is divided by the root mean square of gradient and pull together.

    Beside Adam's own step each one takes off learning_rate * decay * theta / sqrt(size^2 + (decay * theta)^2).
    """
    theta = [np.ones(2)]
    for step in own_steps:
        pull = decay * theta[-1]
        theta.append(theta[-1] + step - learning_rate * pull / np.hypot(sizes, pull))
    return np.array(theta)


def decay_runs(decay, learning_rate, sizes):
    """``{name: (DECAY_STEPS + 1, 2)}``: Adam, Adam with a penalty, AdamW, and both theories."""
    penalties, decays = np.array([0.0, decay, 0.0])[:, None], np.array([0.0, 0.0, decay])[:, None]
    method = AdamW(learning_rate, beta2=0.99, weight_decay=decays)  # without a decay it is Adam: one run for all three
    walk = iterate(_alternating(sizes, penalties), method, np.ones((3, 2)), DECAY_STEPS)
    runs = dict(zip(NAMES, np.array([theta for theta, _ in walk]).swapaxes(0, 1), strict=True))
    own_steps = np.diff(runs["Adam"], axis=0)
    runs["decoupled theory"] = decoupled_theory(own_steps, decay, learning_rate)
    runs["penalty theory"] = penalty_theory(own_steps, decay, learning_rate, np.asarray(sizes))
    return runs
