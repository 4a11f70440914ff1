"""How much quicker is one run of 1 000 learning rates than 1 000 runs?

Run: ``python benchmarks/ensemble.py``. Both ways take the same steps (that is checked first); the figure is
the ratio of the best of several timings, taken in turn so that a busy machine slows both.
"""

import sys
import time

import numpy as np

from course_lib.optimizers import SGD, Adam, Momentum
from course_lib.run import descend
from course_lib.surfaces import SURFACES

NUM_RUNS, NUM_STEPS, ROUNDS = 1000, 100, 3
TARGET = 50.0  # for SGD
SURFACE = SURFACES["rosenbrock"]


def together(optimizer, rates):
    """All runs as one ensemble; thetas of shape (num_steps + 1, num_runs, 2)."""
    return descend(SURFACE, optimizer(learning_rate=rates[:, None]), SURFACE.start, NUM_STEPS).thetas


def one_by_one(optimizer, rates):
    """The same by a loop over the learning rates."""
    runs = [descend(SURFACE, optimizer(learning_rate=rate), SURFACE.start, NUM_STEPS).thetas for rate in rates]
    return np.stack(runs, axis=1)


def seconds(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def ratio(optimizer):
    """Return ``(seconds of the loop, seconds of the ensemble)``, the best of ``ROUNDS`` each."""
    rates = np.geomspace(1e-5, 1e-3, NUM_RUNS)
    np.testing.assert_allclose(together(optimizer, rates), one_by_one(optimizer, rates), rtol=1e-10)
    rounds = [(seconds(one_by_one, optimizer, rates), seconds(together, optimizer, rates)) for _ in range(ROUNDS)]
    return tuple(map(min, zip(*rounds, strict=True)))


def main():
    print(f"{NUM_RUNS} runs of {NUM_STEPS} steps on {SURFACE.title}")
    ratios = {}
    for optimizer in SGD, Momentum, Adam:
        loop, ensemble = ratio(optimizer)
        ratios[optimizer] = loop / ensemble
        print(
            f"{optimizer.__name__:9} loop {loop:7.3f} s   ensemble {1e3 * ensemble:7.2f} ms   {loop / ensemble:6.0f} x"
        )
    if ratios[SGD] < TARGET:
        sys.exit(f"SGD reached {ratios[SGD]:.0f} x, less than {TARGET:.0f} x.")


if __name__ == "__main__":
    main()
