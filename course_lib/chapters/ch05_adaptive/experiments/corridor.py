"""Corridors at every angle: what Adagrad's rate for each coordinate is worth when the axes turn."""

import numpy as np

from course_lib.objective import Objective
from course_lib.run import descend

RATES = np.geomspace(1e-3, 3, 29)
ANGLES = np.arange(0.0, 91.0, 5.0)
FLOOR = 1e-9  # what is lower is drawn here: how much lower is luck with the last learning rate


def turned_corridors(condition_number, angles):
    """Ravines turned by ``angles`` (degrees) as one objective: theta ``(..., len(angles), 2)``."""
    a = np.deg2rad(angles)
    turn = np.stack([np.stack([np.cos(a), np.sin(a)], -1), np.stack([-np.sin(a), np.cos(a)], -1)], -1)  # columns
    hessian = turn @ np.diag([1.0, condition_number]) @ np.swapaxes(turn, -1, -2)
    return Objective(
        lambda theta: np.einsum("...i,...ij,...j->...", theta, hessian, theta) / 2,
        lambda theta: np.einsum("...ij,...j->...i", hessian, theta),
    ), turn


def tuned_losses(cls, condition_number=100.0, angles=ANGLES, num_steps=150, rates=RATES, start=(-1.8, 1.0)):
    """Lowest loss over the learning rates after ``num_steps`` for each angle, ``(angles,)``; the start turns, too."""
    objective, turn = turned_corridors(condition_number, np.asarray(angles, dtype=float))
    starts = turn @ np.asarray(start, dtype=float)
    rates = np.asarray(rates, dtype=float)[:, None, None]
    run = descend(objective, cls(learning_rate=rates), np.broadcast_to(starts, (len(rates), *starts.shape)), num_steps)
    with np.errstate(all="ignore"):
        last = np.mean(run.values[-10:], axis=0)  # no swing decides
    return np.min(np.nan_to_num(last, nan=np.inf, posinf=np.inf), axis=0)
