"""Chapter 7, the other norms: what a sample's output has to do with the rest of its batch."""

import numpy as np

from course_lib.claims.kit import Claim, Evidence, Line, Measured, Plot, fails, holds, holds_if
from course_lib.layers import BatchNorm, GroupNorm, LayerNorm, RMSNorm

CHANNELS, NUM_SEEDS = 8, 10
NORMS = {
    "layer": lambda: LayerNorm(CHANNELS),
    "group": lambda: GroupNorm(2, CHANNELS),
    "rms": lambda: RMSNorm(CHANNELS),
    "batch": lambda: BatchNorm(CHANNELS),
}


def _moved(make, seed):
    """Largest change of a sample's output from a batch of its own kind to one of others, and from training on."""
    rng, layer = np.random.default_rng([708, seed]), make()
    sample = rng.normal(size=(1, CHANNELS))
    batches = [np.concatenate([sample, 3 * rng.normal(size=(7, CHANNELS)) + shift]) for shift in (0.0, 2.0)]
    ours, others = (layer.forward(batch, training=True)[0] for batch in batches)
    later = layer.forward(sample, training=False)[0]
    return max(np.max(np.abs(ours - others)), np.max(np.abs(ours - later)))


def _alone():
    found = {name: np.array([_moved(make, seed) for seed in range(NUM_SEEDS)]) for name, make in NORMS.items()}
    numbers = {
        name: Measured(off.max() if off.max() > 1e-9 else 0.0, label=f"{name} norm: a sample's output changes by up to")
        for name, off in found.items()
        if name != "batch"
    }
    numbers["batch"] = Measured(found["batch"].min(), label="batch norm: it changes by at least", digits=2)
    seeds = np.arange(NUM_SEEDS)
    lines = tuple(Line(f"{name} norm", seeds, np.maximum(off, 1e-17)) for name, off in found.items())
    return Evidence(numbers, Plot("seed", "change of a sample's output", lines, "y"))


def _judge_alone(n):
    if max(n["layer"].value, n["group"].value, n["rms"].value) > 1e-9:
        return fails("what a sample becomes depends on the others in its batch")
    if n["batch"].value > 1e-3:
        return holds("a sample becomes the same in every batch and at inference; under batch normalisation it does not")
    return holds_if("anything is meant: under batch normalisation it does, too, here")


ALONE = Claim(
    id="C-07-8",
    lecture="L4 l.325 (Ba et al. 2016, section 3); Wu and He 2018, section 3",
    statement="Layer and group normalisation work the same in training and at inference, whatever the batch",
    condition="One sample of 8 channels among two sets of 7 others, and alone at inference; 10 seeds",
    rule="Fails if layer, group or RMS normalisation changes the sample's output by more than 1e-9. Holds if batch "
    "normalisation changes it by more than 0.001 in every seed, 'holds if' when it does not.",
    experiment=_alone,
    judge=_judge_alone,
    identity=True,
)
