"""Online, mini-batch and full batch against three clocks: updates, epochs, time.

The bowls of ``figures.noise_ball``, a fixed learning rate, and for each batch size the expected distance (exact, by
(2.3) and (2.4)) with one run of SGD. What differs between the three pictures is only what is counted. Time is
a model with one number: an update costs ``fixed_cost`` + batch size, in units of one sample's gradient.
"""

import time
from functools import lru_cache

import numpy as np
from matplotlib.patheffects import Normal, Stroke

from course_lib.chapters.ch02_sgd_noise.experiments import expected_square, variance_factor
from course_lib.chapters.ch02_sgd_noise.figures.noise_ball import CURVATURES, SIZE, START, centres, spread
from course_lib.figures.style import line_style
from course_lib.layers import CrossEntropy, Linear, ReLU
from course_lib.network import Network, NetworkLoss

NUM_UPDATES = 256
NUM_EPOCHS = NUM_UPDATES // SIZE
CLOCKS = ("updates", "epochs", "time")
LABELS = ("updates", "epochs (32 gradients)", "time (online updates)")
LOWEST, HIGHEST = 1e-3, 300.0


def hand(clock, t, batch_size, fixed_cost):
    """Where ``clock`` stands after ``t`` updates; time is counted in updates with one sample."""
    if clock == "updates":
        return t
    if clock == "epochs":
        return t * batch_size / SIZE
    return t * (fixed_cost + batch_size) / (fixed_cost + 1)


def updates_in(clock, reading, batch_size, fixed_cost):
    """How many whole updates are done when ``clock`` shows ``reading``."""
    return int(reading / hand(clock, 1, batch_size, fixed_cost) + 1e-9)


def expected(batch_size, learning_rate, t):
    """Expected squared distance after ``t`` updates, batches drawn without replacement."""
    factor = variance_factor(SIZE, batch_size, "without replacement")
    return expected_square(t, START, np.diag(spread()), CURVATURES, learning_rate, factor)


@lru_cache(maxsize=8)
def _batch_means(batch_size):
    order = np.random.default_rng(7).permuted(np.tile(np.arange(SIZE), (NUM_UPDATES, 1)), axis=-1)
    return centres()[order[:, :batch_size]].mean(axis=1)


def one_run(batch_size, learning_rate):
    """Squared distances ``(num_updates + 1,)`` of one run; small batches are the beginnings of large ones."""
    pull = learning_rate * CURVATURES
    keep, kicks = 1 - pull, pull * _batch_means(batch_size)
    theta, seen = START, [START]
    for kick in kicks:
        theta = keep * theta + kick
        seen.append(theta)
    return np.sum(np.square(seen), axis=-1)


def draw_clocks(figure, axes):
    """Prepare the three axes; returns ``[(run, expected) lines of one axis for three contestants, ...]``."""
    made = []
    for ax, label in zip(axes, LABELS, strict=True):
        limit = NUM_EPOCHS if label.startswith("epochs") else NUM_UPDATES
        ax.set(xlim=(0, limit), ylim=(LOWEST, HIGHEST), yscale="log", xlabel=label)
        ax.grid(True, axis="y", color="#DDDDDD", lw=0.8)
        made.append([_pair_of_lines(ax, index) for index in range(3)])
    axes[0].set_ylabel("squared distance")
    figure.suptitle("Thick: expected, exactly. Thin: one run", fontsize=14)
    figure.get_layout_engine().set(w_pad=0.12)
    return made


def _pair_of_lines(ax, index):
    style = line_style(index)
    name = ("online", "mini-batch", "full batch")[index]
    (run,) = ax.plot([], [], style.dashes, color=style.color, lw=0.8, alpha=0.3)
    halo = [Stroke(linewidth=6, foreground="white"), Normal()]
    (mean,) = ax.plot([], [], style.dashes, color=style.color, lw=3.2, label=name, path_effects=halo)
    return run, mean


def move_clocks(lines, batch_size, learning_rate, fixed_cost):
    """Show one setting."""
    t = np.arange(NUM_UPDATES + 1)
    for index, size in enumerate((1, batch_size, SIZE)):
        curves = one_run(size, learning_rate), expected(size, learning_rate, t)
        for clock, of_axis in zip(CLOCKS, lines, strict=True):
            for line, curve in zip(of_axis[index], curves, strict=True):
                line.set_data(hand(clock, t, size, fixed_cost), np.maximum(curve, LOWEST / 10))


def clocks_text(batch_size, learning_rate, fixed_cost):
    """The finding in words: who is nearest when each clock has run down."""
    sizes, said = (1, batch_size, SIZE), []
    readings = zip(CLOCKS, (64, NUM_EPOCHS, 64), ("updates", "epochs", "online updates' time"), strict=True)
    for clock, reading, unit in readings:
        ends = {size: expected(size, learning_rate, updates_in(clock, reading, size, fixed_cost)) for size in sizes}
        best = min(ends, key=ends.get)
        listed = ", ".join(f"{ends[size]:.3g}" for size in sizes)
        said.append(f"after {reading} {unit} {listed}, nearest: batch size {best}")
    return (
        f"Expected squared distance with batch sizes {', '.join(map(str, sizes))}, learning rate {learning_rate:.3g}: "
        f"{'; '.join(said)}. An update costs {fixed_cost:g} + batch size."
    )


def measured_fixed_cost(samples=1024, rounds=15):
    """What an update costs on this machine before its first sample, in samples: the ``fixed_cost`` of a small network.

    Updates of a 64-32-10 network with 1 sample and with ``samples`` are timed in turns; medians. From
    time(m) = a + b m follows a / b. Machines differ, and one machine differs from minute to minute.

    Returns ``(fixed cost, time of the large update / time of the small one)``.
    """
    rng = np.random.default_rng(0)
    network = Network(Linear(64, 32, rng), ReLU(), Linear(32, 10, rng))
    objective = NetworkLoss(network, rng.normal(size=(samples, 64)), rng.integers(10, size=samples), CrossEntropy())
    theta = network.theta.copy()
    seconds = {1: [], samples: []}
    for _ in range(rounds):
        for size, taken in seconds.items():
            batch = objective.on(np.arange(size))
            began = time.perf_counter()
            for _ in range(5):
                batch.gradient(theta)
            taken.append(time.perf_counter() - began)
    small, large = np.median(seconds[1]), np.median(seconds[samples])
    ratio = large / small
    return float(max((samples - ratio) / max(ratio - 1, 1e-9), 0.0)), float(ratio)
