"""What looking at every argument costs a training step: with the doors of the library, and with them held open.

Run: ``python benchmarks/validation.py [--rounds 61]``. One thread, medians of rounds in turns, and the same against
itself, which says what the measurement can see. Target: less than 3 % of a training step.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import sys
import time
from contextlib import contextmanager
from itertools import pairwise

import numpy as np

from course_lib import layers
from course_lib.network import Network, NetworkLoss
from course_lib.optimizers import Adam

OPEN = {
    "numbers": lambda name, value, *shape, **kinds: value,
    "as_input": lambda layer, x, *shape: x,
    "as_gradient": lambda layer, d_y, shape: d_y,
    "flag": lambda name, value: value,
    "generator": lambda name, value: value,
    "having": lambda name, value, *methods: value,
    "count": lambda name, value, *limits, **more: value,
    "vector": lambda name, value: value,
}


@contextmanager
def held_open():
    """No door looks at anything."""
    rooms = [module for name, module in sys.modules.items() if name.startswith("course_lib.")]
    kept = [(room, name, getattr(room, name)) for room in rooms for name in OPEN if hasattr(room, name)]
    for room, name, _ in kept:
        setattr(room, name, OPEN[name])
    try:
        yield
    finally:
        for room, name, door in kept:
            setattr(room, name, door)


def training(widths, batch_size, num_steps):
    """A function that takes so many steps of Adam on a network with batch normalisation."""
    rng, parts = np.random.default_rng(0), []
    for fan_in, fan_out in pairwise(widths):
        parts += [layers.Linear(fan_in, fan_out, rng), layers.BatchNorm(fan_out), layers.ReLU()]
    x, y = rng.normal(size=(1024, widths[0])), rng.integers(widths[-1], size=1024)
    loss, adam = NetworkLoss(Network(*parts), x, y, layers.CrossEntropy(), batch_size=batch_size), Adam()

    def run():
        theta, draw = loss.network.theta.copy(), np.random.default_rng(1)
        state = adam.init(theta)
        for _ in range(num_steps):
            theta, state = adam.step(loss.sample(draw), theta, state)

    return run


def seconds(run):
    start = time.process_time()
    run()
    return time.process_time() - start


def main(rounds):
    for title, widths, batch_size, num_steps in (
        ("784 - 128 - 10, batches of 64", (784, 128, 10), 64, 20),
        ("64 - 128 - 128 - 10, batches of 64", (64, 128, 128, 10), 64, 30),
        ("8 - 16 - 4, batches of 16: nothing but overhead", (8, 16, 4), 16, 150),
    ):
        run, times = training(widths, batch_size, num_steps), []
        for _ in range(rounds + 1):
            doors = seconds(run)
            with held_open():
                open_doors = seconds(run)
            times.append((doors, open_doors, seconds(run)))
        doors, open_doors, again = np.array(times[1:]).T
        cost, noise = np.median(doors / open_doors) - 1, np.median(again / doors) - 1
        step = 1e6 * np.median(doors) / num_steps
        print(f"{title}: {step:.0f} us a step, the doors {100 * cost:+.1f} % (the same again {100 * noise:+.1f} %)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=61)
    main(parser.parse_args().rounds)
