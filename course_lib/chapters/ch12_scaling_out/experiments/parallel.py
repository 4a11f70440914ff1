r"""Data-parallel training: shards of a batch, the average of their gradients, and a ring that forms it.

.. math::
    g = \frac1N \sum_w g_w \tag{12.1}

.. math::
    g = \sum_w \frac{m_w}{m} \, g_w, \qquad m = \sum_w m_w \tag{12.2}

.. math::
    \text{bytes that each worker sends} = 2 \, \frac{N - 1}{N} \cdot \text{bytes of the gradient} \tag{12.10}

Source: Goyal et al. 2017, section 2.3; ring all-reduce, Patarasu and Yuan 2009.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.initializers import he_normal
from course_lib.layers import BatchNorm, CrossEntropy, Linear, ReLU
from course_lib.network import Network, NetworkLoss
from course_lib.validation import finite


@lru_cache(maxsize=1)
def digits_split():
    """``(x_train, y_train, x_validation, y_validation, x_test, y_test)``: 1 000, 397 and 400 digits, pixels 0 to 1."""
    from course_lib.data import digits

    data = digits(flat=True)
    order = np.random.default_rng(12).permutation(len(data.y))
    x, y = data.x[order], data.y[order]
    x = x / max(x.max(), 1.0)
    x.setflags(write=False)
    return x[:1000], y[:1000], x[1000:1397], y[1000:1397], x[1397:], y[1397:]


def small_net(seed=0, hidden=32, norm=False):
    """A network 64-32-10 with rectified units, batch normalisation behind the first layer where ``norm``."""
    rng = np.random.default_rng([seed, 12])
    middle = (BatchNorm(hidden), ReLU()) if norm else (ReLU(),)
    return Network(Linear(64, hidden, rng, he_normal), *middle, Linear(hidden, 10, rng))


def digits_loss(network, batch_size=32):
    """Cross-entropy of ``network`` on the 1 000 training digits."""
    x, y, *_ = digits_split()
    return NetworkLoss(network, x, y, CrossEntropy(), batch_size=batch_size)


def shard(batch, sizes):
    """Cut the indices ``batch (m,)`` into one piece for each worker, of these sizes; an empty piece is allowed."""
    return np.split(np.asarray(batch), np.cumsum(sizes)[:-1])


def average(gradients, sizes=None):
    """The average of the workers' gradients ``(N, n)``, weighted by ``sizes (N,)`` if given: (12.1), (12.2)."""
    gradients = finite("gradients", gradients)
    if sizes is None:
        return gradients.mean(axis=0)  # (12.1)
    return np.asarray(sizes, dtype=float) / np.sum(sizes) @ gradients  # (12.2)


def worker_gradients(loss, theta, shards):
    """The gradient of each worker on its own piece, ``(N, n)``; a worker without samples sends zeros."""
    return np.array([loss.on(piece).gradient(theta) if len(piece) else np.zeros_like(theta) for piece in shards])


def accumulated(loss, theta, micro_batches):
    """The gradient of a large batch by one machine that goes through ``micro_batches`` one after the other, (12.2)."""
    total, seen = np.zeros_like(theta), 0
    for piece in micro_batches:
        total += len(piece) * loss.on(piece).gradient(theta)
        seen += len(piece)
    return total / seen


# --- The ring -------------------------------------------------------------------------------------------


class Ring(NamedTuple):
    """An all-reduce as a ring, step by step.

    Attributes:
        states: ``(2 (N - 1) + 1, N, n)``, what each worker holds before the first step and after each one.
        holds: ``(2 (N - 1) + 1, N, N)``, how many workers' gradients are summed in each chunk of each worker.
        sent: number of entries that each worker has sent in all, ``(N,)``.
    """

    states: np.ndarray
    holds: np.ndarray
    sent: np.ndarray


def ring_all_reduce(vectors):
    """Sum the ``vectors (N, n)`` of N workers, each of which speaks with its neighbour only.

    N - 1 steps add up (in step t worker w passes chunk w - t on), N - 1 more hand the sums round. Returns ``Ring``.
    """
    state = finite("vectors", vectors).copy()
    workers, entries = state.shape
    chunks = np.array_split(np.arange(entries), workers)
    holds, sent = np.ones((workers, workers), dtype=int), np.zeros(workers, dtype=int)
    states, held = [state.copy()], [holds.copy()]
    for t in range(2 * (workers - 1)):
        adding, old, old_holds = t < workers - 1, state.copy(), holds.copy()
        for worker in range(workers):
            chunk, to = (worker - t) % workers, (worker + 1) % workers  # the second round begins where the first ended
            where = chunks[chunk]
            state[to, where] = old[worker, where] + adding * old[to, where]
            holds[to, chunk] = old_holds[worker, chunk] + adding * old_holds[to, chunk]
            sent[worker] += len(where)
        states.append(state.copy())
        held.append(holds.copy())
    return Ring(np.array(states), np.array(held), sent)


def ring_bytes(workers, gradient_bytes):
    """Bytes that each worker sends in a ring, (12.10); through one server, the server receives N times the gradient."""
    return 2 * (workers - 1) / workers * gradient_bytes  # (12.10)
