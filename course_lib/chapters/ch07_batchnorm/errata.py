"""Errata of chapter 7: E47 to E49 of the lectures, each run as printed and as it should be."""

import numpy as np

from course_lib.claims.errata import Erratum, Row
from course_lib.layers import BatchNorm, GroupNorm

EPS = 1e-5


def printed_batch_norm(x):
    """L1 l.378 as printed: no eps; a feature that does not vary becomes 0 / 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0))


def _without_eps():
    rng = np.random.default_rng(47)
    x = rng.normal(size=(8, 4))
    x[:, 1] = 0.0  # a pixel that is black in every image of the batch
    right = BatchNorm(4).forward(x, training=True)
    one, layer = x[:1], BatchNorm(4)
    layer.forward(x, training=True)
    company = [BatchNorm(4).forward(np.vstack([one, rng.normal(size=(7, 4))]), training=True)[0] for _ in range(2)]
    alone = [layer.forward(np.vstack([one, rng.normal(size=(7, 4))]))[0] for _ in range(2)]
    return (
        Row(
            "finite outputs of 32, one feature constant",
            *(np.isfinite(y).sum() for y in (printed_batch_norm(x), right)),
        ),
        Row("gradient through a feature with standard deviation 1e-6 is multiplied by", 1e6, 1 / np.sqrt(1e-12 + EPS)),
        Row("same sample, two batches: largest difference", *(np.max(np.abs(a - b)) for a, b in (company, alone))),
    )


def _two_of_four():
    layer = BatchNorm(1)
    stds = np.array([1.0, 3.0])
    rng = np.random.default_rng(48)
    batches = rng.normal(size=(200_000, 4))
    return (
        Row("numbers of a unit that gradient descent moves", 4, sum(p.size for p in layer.params.values())),
        Row("batches of spread 1 and 3: spread kept", stds.mean(), np.sqrt(np.mean(stds**2))),
        Row(
            "variance 1, batches of 4: variance kept", batches.var(axis=1).mean(), batches.var(axis=1, ddof=1).mean(), 2
        ),
    )


def _group():
    x = np.random.default_rng(49).normal(size=(1, 8, 3, 3))
    flat = x.mean(axis=(2, 3))
    batch = (flat - flat.mean(axis=0)) / np.sqrt(flat.var(axis=0) + EPS)
    return (Row("largest output for one sample of 8 features", np.max(np.abs(batch)), _largest(GroupNorm(2, 8), flat)),)


def _largest(layer, x):
    return np.max(np.abs(layer.forward(x, training=True)))


ERRATA = (
    Erratum(
        id="E47",
        where="L1 l.376",
        printed="x_hat = (x - E[x]) / sqrt(var[x]); nothing about inference",
        right="(x - mean) / sqrt(var + eps), mean and variance of the mini-batch; at inference running statistics",
        why="Without eps a feature that does not vary is 0 / 0, and one that hardly varies sends back huge gradients. "
        "E and var are those of the mini-batch, so a sample's answer depends on its neighbours until inference fixes "
        "them.",
        compare=_without_eps,
    ),
    Erratum(
        id="E48",
        where="L4 l.313",
        printed="the model estimates 4 parameters for each unit by gradients; the standard deviation is averaged; less "
        "covariate shift and (same page) a smoother landscape are given as reasons",
        right="gamma and beta are learned, mean and variance are buffers; the unbiased variance is averaged; the two "
        "reasons come from papers that contradict each other",
        why="No gradient reaches the running statistics. The mean of standard deviations is smaller than the root of "
        "the mean variance. Santurkar et al. (2018) measured that the shift is not what makes the difference.",
        compare=_two_of_four,
        claim="C-07-2",
    ),
    Erratum(
        id="E49",
        where="L1 l.382",
        printed="group normalisation is [He 2018], a new technique",
        right="Wu and He 2018; it differs from batch normalisation by the axes, and does not need a batch",
        why="The first author is Yuxin Wu. What matters is not said: statistics of groups of channels of one sample, "
        "so one sample is enough, where batch normalisation returns zeros.",
        compare=_group,
        claim="C-07-3",
        heads=("batch norm", "group norm"),
    ),
)
