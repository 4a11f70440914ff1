"""Chapter 12, sums of gradients: what a ring sends, and what going through a batch piece by piece adds up to."""

import numpy as np

from course_lib.chapters.ch12_scaling_out.experiments.parallel import (
    accumulated,
    digits_loss,
    ring_all_reduce,
    ring_bytes,
    shard,
    small_net,
)
from course_lib.claims.kit import Claim, Evidence, Line, Measured, Plot, fails, holds, holds_if

# --- C-12-11 ------------------------------------------------------------------------------------------

WORKERS, ENTRIES = (2, 3, 4, 8, 16, 32), 960  # 960 entries can be cut for every one of these numbers of workers


def _ring():
    rng, off, sent = np.random.default_rng(1211), [], []
    for workers in WORKERS:
        vectors = rng.normal(size=(workers, ENTRIES))
        ring = ring_all_reduce(vectors)
        off.append(np.max(np.abs(ring.states[-1] - vectors.sum(axis=0))))
        sent.append(ring.sent.max() / ENTRIES)
    theory = np.array([ring_bytes(workers, 1.0) for workers in WORKERS])  # (12.10)
    numbers = {
        "sum": Measured(_floor(max(off)), label="distance of what every worker holds from the sum, largest"),
        "law": Measured(_floor(np.max(np.abs(sent - theory))), label="sent, from 2 (N - 1) / N gradients, largest"),
        "few": Measured(sent[0], label="gradients that each worker sends, 2 workers"),
        "many": Measured(sent[-1], label="the same, 32 workers"),
        "server": Measured(float(WORKERS[-1]), label="gradients that one server receives, 32 workers"),
    }
    x = np.array(WORKERS)
    lines = (
        Line("ring, sent by each worker", x, np.array(sent)),
        Line("one server, received", x, x.astype(float)),
        Line("2 (N - 1) / N", x, theory, theory=True),
    )
    return Evidence(numbers, Plot("workers", "gradients over the busiest link", lines, "xy"))


def _floor(value):
    """Rounding errors differ between machines: what is below 1e-9 reads 0."""
    return float(value) if value > 1e-9 else 0.0


def _judge_ring(n):
    if max(n["sum"].value, n["law"].value) > 1e-9:
        return fails("a worker does not end with the sum, or sends another amount")
    if n["many"].value < 2:
        return holds("less than two gradients each, however many there are; one server would receive all of them")
    return fails("a worker sends more, the more workers there are")


RING = Claim(
    id="C-12-11",
    lecture="Patarasu and Yuan 2009, section 3",
    statement="In a ring the data that each worker sends hardly depends on the number of workers",
    condition="Gradients of 960 entries, summed by 2 to 32 workers that speak with one neighbour each",
    rule="Fails if a worker ends with anything else than the sum, or sends anything else than 2 (N - 1) / N gradients "
    "(1e-9), or if one of 32 sends two gradients or more; else holds.",
    experiment=_ring,
    judge=_judge_ring,
    identity=True,
)

# --- C-12-12 ------------------------------------------------------------------------------------------

SEEDS = range(10)
PIECES = {"equal": (16, 16, 16, 16), "unequal": (40, 12, 9, 3)}


def _apart(sizes, norm, seed):
    """How far the sum over the pieces of a batch is from the gradient of the whole batch, relative."""
    loss, rng = digits_loss(small_net(seed, norm=norm)), np.random.default_rng([1212, seed])
    batch, theta = rng.choice(1000, sum(sizes), replace=False), loss.network.theta.copy()
    whole, parts = loss.on(batch).gradient(theta), accumulated(loss, theta, shard(batch, sizes))
    return np.linalg.norm(parts - whole) / np.linalg.norm(whole)


def _accumulation():
    plain = {name: [_apart(sizes, False, seed) for seed in SEEDS] for name, sizes in PIECES.items()}
    norm = [_apart(PIECES["equal"], True, seed) for seed in SEEDS]
    numbers = {name: Measured(_floor(max(off)), label=f"{name} pieces: off by at most") for name, off in plain.items()}
    numbers["norm"] = Measured(min(norm), label="batch normalisation in the net: off by at least", digits=2)
    lines = (
        *(Line(f"{name} pieces", np.array(SEEDS), np.maximum(off, 1e-17)) for name, off in plain.items()),
        Line("with batch normalisation", np.array(SEEDS), np.array(norm)),
    )
    return Evidence(numbers, Plot("seed", "distance from the gradient of the batch, relative", lines, "y"))


def _judge_accumulation(n):
    if max(n["equal"].value, n["unequal"].value) > 1e-9:
        return fails("the sum over the pieces is another gradient")
    if n["norm"].value > 1e-3:
        return holds_if("no layer looks at the whole batch: batch normalisation takes its statistics from each piece")
    return holds("whatever the layers")


ACCUMULATION = Claim(
    id="C-12-12",
    lecture="L3 l.62 (one machine in the place of many)",
    statement="Going through a large batch piece by piece and adding up the gradients is training with the large batch",
    condition="Gradients of a 64-32-10 net on 64 digits in four pieces, weighted by their sizes, 10 seeds",
    rule="Fails if the sum over equal or unequal pieces is off by more than 1e-9 of the batch's gradient. 'Holds if' "
    "when with batch normalisation it is off by more than 0.001 in every seed; else holds.",
    experiment=_accumulation,
    judge=_judge_accumulation,
    identity=True,
)
