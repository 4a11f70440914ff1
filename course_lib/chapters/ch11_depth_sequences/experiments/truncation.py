"""What truncated BPTT cannot see: repeat the number that came LAG steps before, in nets that are small or large."""

import numpy as np

from course_lib.chapters.ch11_depth_sequences.experiments.sequences import echo, started
from course_lib.optimizers import Adam
from course_lib.run import iterate

LAG, LENGTH, BATCH, NUM_STEPS = 5, 24, 8, 800
CHUNKS = (1, 2, 4, 6, 8, 12, 24)
SIZES = (4, 24)
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03)
VARIANCE = 1 / 3  # of the numbers: what always answering 0 costs


def errors(hidden, chunk, rates, seeds, num_steps=NUM_STEPS):
    """Mean squared error over the variance of the numbers, ``(seeds, rates)``: 1 is guessing, 0 is right."""
    seeds, rates = list(seeds), np.asarray(rates, dtype=float)
    rng = np.random.default_rng([11, min(seeds)])
    start = started(seeds, hidden, 1, radius=0.9)
    start = (start + 0.1 * rng.normal(size=start.shape))[:, None]
    task = echo((len(seeds), 1), BATCH, LENGTH, LAG, hidden, chunk)
    test = echo((), 200, LENGTH, LAG, hidden).sample(np.random.default_rng(78))
    with np.errstate(all="ignore"):
        for theta, _ in iterate(task, Adam(rates[:, None]), start, num_steps, rng=rng):  # noqa: B007 - the last counts
            pass
        return np.nan_to_num(test.value(theta) / VARIANCE, nan=np.inf)


def at_their_best(sizes=SIZES, chunks=CHUNKS, choosing=range(6), reporting=range(20, 36), num_steps=NUM_STEPS):
    """``{size: {chunk: {"rate": ..., "error": (reporting seeds)}}}``, each at the best rate of the choosing seeds."""
    found = {}
    for size in sizes:
        found[size] = {}
        for chunk in chunks:
            tried = np.minimum(errors(size, chunk, RATES, choosing, num_steps), 10.0).mean(axis=0)
            rate = RATES[int(np.argmin(tried))]
            found[size][chunk] = {"rate": rate, "error": errors(size, chunk, [rate], reporting, num_steps)[:, 0]}
    return found
