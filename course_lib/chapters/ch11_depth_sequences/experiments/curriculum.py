"""The adding task from short to long (a curriculum), all lengths mixed, or the full length only; one amount of work.

Work is counted in steps of time gone through: an update on sequences of 5 costs a fifth of one on sequences of 25.
Sources: Bengio, Louradour, Collobert and Weston 2009; Zaremba and Sutskever 2014, section 4 (the mixture).
"""

import numpy as np

from course_lib.chapters.ch11_depth_sequences.experiments.sequences import adding, started
from course_lib.optimizers import Adam

LENGTH, SHORTEST, HIDDEN, BATCH = 25, 4, 16, 16
BUDGET = 1600 * LENGTH  # steps of time
RATES = (0.00058, 0.00087, 0.0013, 0.002, 0.003, 0.0045, 0.0068, 0.01)
PACES = (0.25, 0.5, 0.75, 0.9)  # share of the work after which the full length is reached for good
ARMS = {  # and the paces that each is tuned over
    "full length": (1.0,),
    "mixed": (1.0,),
    "mixed, then full": PACES,
    "short to long": PACES,
}


def next_length(arm, share, pace, rng):
    """Length of the next batch, when this ``share`` of the work is done."""
    if arm == "short to long":
        return min(LENGTH, int(SHORTEST + share / pace * (LENGTH - SHORTEST + 1)))
    if arm == "mixed" or (arm == "mixed, then full" and share < pace):
        return int(rng.integers(SHORTEST, LENGTH + 1))
    return LENGTH


def lengths_of(arm, pace, rng, budget=BUDGET):
    """Yield lengths until the work is done; the last update may go over it by less than one sequence."""
    done = 0
    while done < budget:
        length = next_length(arm, done / budget, pace, rng)
        yield length
        done += length


def trained(arm, pace, rates, seeds, budget=BUDGET):
    """Mean squared error at the full length after training, ``(seeds, rates)``; answering 1 has 1/6."""
    rng, seeds = np.random.default_rng([13, min(seeds)]), list(seeds)
    theta = np.repeat(started(seeds, HIDDEN, 2)[:, None], len(rates), axis=1)
    optimizer = Adam(np.array(rates)[:, None])
    state = optimizer.init(theta)
    tasks = {length: adding((len(seeds), 1), BATCH, length, HIDDEN) for length in range(SHORTEST, LENGTH + 1)}
    with np.errstate(all="ignore"):
        for length in lengths_of(arm, pace, rng, budget):
            theta, state = optimizer.step(tasks[length].sample(rng), theta, state)
        test = adding((), 500, LENGTH, HIDDEN).sample(np.random.default_rng(77))
        return np.nan_to_num(test.value(theta), nan=np.inf)


def at_their_best(arms=ARMS, rates=RATES, choosing=range(6), reporting=range(20, 36), budget=BUDGET):
    """``{arm: {"rate": ..., "pace": ..., "loss": (reporting seeds)}}``, tuned on the choosing seeds."""
    found = {}
    for arm, paces in arms.items():
        tried = [np.minimum(trained(arm, pace, rates, choosing, budget), 10.0).mean(axis=0) for pace in paces]
        k, j = np.unravel_index(np.argmin(tried), np.shape(tried))
        loss = trained(arm, paces[k], [rates[j]], reporting, budget)[:, 0]
        found[arm] = {"rate": rates[j], "pace": paces[k], "loss": loss}
    return found
