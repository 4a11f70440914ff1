"""The adding task of length 30, learned with the library's layers by one network of a kind."""

import numpy as np

from course_lib.data import adding_task
from course_lib.layers import GRU, LSTM, RNN, LastStep, LeastSquares, Linear
from course_lib.network import Network, NetworkLoss
from course_lib.optimizers import Adam, clip_by_norm, with_clipping
from course_lib.run import iterate

LENGTH, HIDDEN, BATCH, RATE, LONGEST = 30, 24, 32, 0.005, 1.0
CELLS = {
    "RNN": lambda rng: RNN(2, HIDDEN, rng),
    "LSTM": lambda rng: LSTM(2, HIDDEN, rng, forget_bias=2.0),
    "GRU": lambda rng: GRU(2, HIDDEN, rng, update_bias=2.0),
}


def learn(cell, num_steps=600, every=50, seed=0):
    """Train with Adam on clipped gradients; return ``(steps, errors)``, mean squared errors on 1000 fresh sequences.

    The answer 1, whatever came, has the error 1/6.
    """
    rng = np.random.default_rng(seed)
    network = Network(CELLS[cell](rng), LastStep(), Linear(HIDDEN, 1, rng))
    train, test = (
        NetworkLoss(network, data.x, data.y[:, None], LeastSquares(), batch_size=BATCH)
        for data in (adding_task(20_000, rng, LENGTH), adding_task(1000, rng, LENGTH))
    )
    tame = with_clipping(train, lambda gradient: clip_by_norm(gradient, LONGEST))
    errors = {}
    for step, (theta, _) in enumerate(iterate(tame, Adam(RATE), network.theta.copy(), num_steps, rng=rng)):
        if step % every == 0:
            errors[step] = test.value(theta)
    return np.array(list(errors)), np.array(list(errors.values()))
