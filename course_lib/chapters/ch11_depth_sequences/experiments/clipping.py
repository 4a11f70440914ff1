"""The adding task with momentum, its gradients as they come, clipped, or all brought to one length (E17)."""

from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch11_depth_sequences.experiments.sequences import adding, started
from course_lib.optimizers import Momentum, clip_by_norm, with_clipping
from course_lib.run import iterate

LENGTH, HIDDEN, BATCH, NUM_STEPS = 20, 12, 16, 1000
RATES = tuple(float(f"{rate:.2g}") for rate in 0.003 * 1.5 ** np.arange(13))
GUESSING = 1 / 6  # mean squared error of the answer 1, whatever came
ARMS = {"no clipping": None, "clipped at 1": 1.0, "clipped at 0.1": 0.1, "always 0.1 long": "always"}


class Trained(NamedTuple):
    """What came of a stack of runs ``(seeds, rates)``.

    Attributes:
        loss: mean squared error on 500 fresh sequences; of what overflowed, inf.
        curves: the loss of each batch, ``(num_steps + 1, seeds, rates)``.
        norms: lengths of the gradients before clipping, ``(num_steps, seeds, rates)``.
    """

    loss: np.ndarray
    curves: np.ndarray
    norms: np.ndarray


def rescaled(gradient, length):
    """The gradient brought to one ``length``, however short it was; L3's formula as printed."""
    norm = np.linalg.norm(gradient, axis=-1, keepdims=True)
    return gradient * length / np.where(norm == 0, 1, norm)


def trained(clip, rates, seeds, num_steps=NUM_STEPS, radius=1.0):
    """Train one net for every seed and rate in one run; ``clip``: ``None``, a longest norm, or one length's word."""
    seeds, rates = list(seeds), np.asarray(rates, dtype=float)
    task, norms, curves = adding((len(seeds), 1), BATCH, LENGTH, HIDDEN), [], []

    def seen(gradient):
        norms.append(np.linalg.norm(gradient, axis=-1))
        if clip is None:
            return gradient
        return rescaled(gradient, 0.1) if clip == "always" else clip_by_norm(gradient, clip)

    start, rng = started(seeds, HIDDEN, 2, radius)[:, None], np.random.default_rng([7, min(seeds)])
    test = adding((), 500, LENGTH, HIDDEN).sample(np.random.default_rng(77))
    with np.errstate(all="ignore"):
        for theta, _ in iterate(with_clipping(task, seen), Momentum(rates[:, None]), start, num_steps, rng=rng):
            curves.append(task.value(theta))
        loss = test.value(theta)
    return Trained(np.where(np.isfinite(loss), loss, np.inf), np.array(curves), np.array(norms))


def at_their_best(arms=ARMS, rates=RATES, choosing=range(6), reporting=range(20, 40), num_steps=NUM_STEPS):
    """Each arm at its own best rate, chosen on some seeds and reported on others.

    Returns:
        For every arm ``rate``, ``loss (reporting seeds)``, ``acted`` (the share of the updates in which clipping
        changed the gradient, by the length that the arm clips at), and ``choosing``: the mean loss at each rate.
    """
    found = {}
    for name, clip in arms.items():
        tried = np.minimum(trained(clip, rates, choosing, num_steps).loss, 10.0).mean(axis=0)
        rate = rates[int(np.argmin(tried))]
        runs = trained(clip, [rate], reporting, num_steps)
        longest = np.inf if clip is None else 0.1 if clip == "always" else clip
        acted = np.mean(runs.norms > longest, axis=0)[:, 0]
        found[name] = {"rate": rate, "loss": runs.loss[:, 0], "acted": acted, "choosing": tried}
    return found
