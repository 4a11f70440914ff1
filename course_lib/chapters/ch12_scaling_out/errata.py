"""The erratum of chapter 12: gradients that are summed over the workers."""

import numpy as np

from course_lib.chapters.ch12_scaling_out.experiments.parallel import (
    average,
    digits_loss,
    shard,
    small_net,
    worker_gradients,
)
from course_lib.claims.errata import Erratum, Row

WORKERS, BATCH = 8, 256


def losses(combine, learning_rate=0.4, num_steps=40, seed=0):
    """Training loss before and after each update of eight workers whose gradients ``(8, n)`` are combined so."""
    loss, rng = digits_loss(small_net(seed)), np.random.default_rng(seed)
    theta = loss.network.theta.copy()
    values = [loss.value(theta)]
    for _ in range(num_steps):
        shards = shard(rng.choice(loss.size, BATCH, replace=False), [BATCH // WORKERS] * WORKERS)
        theta = theta - learning_rate * combine(worker_gradients(loss, theta, shards))
        values.append(loss.value(theta))
    return np.array(values)


def summed(gradients):
    """As L3 l.58 has it."""
    return gradients.sum(axis=0)


def _summed_or_averaged():
    loss = digits_loss(small_net())
    parts = worker_gradients(loss, loss.network.theta.copy(), shard(np.arange(BATCH), [BATCH // WORKERS] * WORKERS))
    lengths = [float(np.linalg.norm(combine(parts))) for combine in (summed, average)]
    return (
        Row("length of the first step over that of one machine with the whole batch", lengths[0] / lengths[1], 1.0),
        Row("loss after 40 updates, from 2.4", losses(summed)[-1], losses(average)[-1], 2),
        Row("the same, the rate divided by the eight workers", losses(summed, 0.05)[-1], losses(average)[-1], 2),
    )


ERRATA = (
    Erratum(
        id="E18",
        where="L3 l.58",
        printed="gradients are accumulated from the workers and summed before the update",
        right="averaged; or summed, with the learning rate divided by the number of workers",
        why="The sum grows with the number of workers, and with it the step: a rate that suits one machine is eight "
        "times too large for eight. The average is the gradient of the large batch. Read as one large batch whose "
        "loss is a sum, the sentence is a convention.",
        compare=_summed_or_averaged,
        claim="C-12-1",
    ),
)
