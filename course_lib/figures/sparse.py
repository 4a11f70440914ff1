"""Rare features: who learns the weight of a word that hardly ever occurs?"""

from functools import lru_cache

import numpy as np

from course_lib.optimizers import SGD, Adagrad, Adam, RMSprop
from course_lib.run import iterate
from course_lib.stochastic import logistic_loss

METHODS = {"SGD": SGD, "Adagrad": Adagrad, "RMSprop": RMSprop, "Adam": Adam}
NUM_FEATURES, NUM_SAMPLES, BATCH_SIZE, NUM_STEPS = 40, 3000, 10, 600
RATES = tuple(float(f"{rate:.3g}") for rate in np.geomspace(1e-3, 30, 19))


def frequencies(rare=True):
    """How often each feature is on: from 1/2 down to 1/200, or 1/10 for all."""
    return np.geomspace(0.5, 0.005, NUM_FEATURES) if rare else np.full(NUM_FEATURES, 0.1)


def rare_words(seed, rare=True):
    """``(FiniteSum, weights)``: labels 0 and 1 from features that are on or off, drawn with true weights of +-3."""
    rng = np.random.default_rng([505, seed])
    x = (rng.random((NUM_SAMPLES, NUM_FEATURES)) < frequencies(rare)).astype(float)
    weights = 3.0 * rng.permutation(np.resize([1.0, -1.0], NUM_FEATURES))
    y = (rng.random(NUM_SAMPLES) < 1 / (1 + np.exp(-x @ weights))).astype(float)
    return logistic_loss(x, y, BATCH_SIZE), weights


def tuned_run(name, seed, rare=True):
    """``(best rate, theta (40,), loss)``: all learning rates in one run, the one with the lowest loss at the end."""
    objective, _ = rare_words(seed, rare)
    optimizer = METHODS[name](learning_rate=np.array(RATES)[:, None])
    rng = np.random.default_rng([5, seed])
    for theta, _ in iterate(objective, optimizer, np.zeros((len(RATES), NUM_FEATURES)), NUM_STEPS, rng=rng):  # noqa: B007
        pass
    with np.errstate(all="ignore"):
        losses = np.nan_to_num(objective.value(theta), nan=np.inf)
    best = int(np.argmin(losses))
    return RATES[best], theta[best], float(losses[best])


@lru_cache(maxsize=64)
def learned(name, seed, rare=True):
    """``(share of the true weight that was learned (40,), loss)`` with the best learning rate."""
    _, theta, loss = tuned_run(name, seed, rare)
    return theta / rare_words(seed, rare)[1], loss


def sparse_figure(num_seeds=4):
    """Return ``(figure, alt)``: share of each true weight that is learned, by how rare the feature is; and the loss."""
    from course_lib.figures.style import line_style, new_figure  # claims use the runs and draw nothing
    from course_lib.figures.surface import outside_legend

    figure, (share_ax, loss_ax) = new_figure(9.5, 4.2, ncols=2, width_ratios=(1.6, 1))
    groups, said = frequencies().reshape(8, 5).mean(axis=1), []
    for index, name in enumerate(METHODS):
        style = line_style(index)
        runs = [learned(name, seed) for seed in range(num_seeds)]
        share = np.mean([row for row, _ in runs], axis=0).reshape(8, 5).mean(axis=1)
        losses = np.array([loss - learned("SGD", seed)[1] for seed, (_, loss) in enumerate(runs)])
        about = {"color": style.color, "marker": style.marker, "ms": 8, "mec": "black"}
        share_ax.plot(groups, share, style.dashes, label=name, **about)
        loss_ax.errorbar([index], losses.mean(), 2 * losses.std(ddof=1) / np.sqrt(num_seeds), capsize=5, **about)
        said.append(f"{name} {share[-1]:.2f}")
    share_ax.axhline(1, color="#888888", lw=0.8)
    share_ax.set(xscale="log", xlabel="how often the feature is on", ylabel="learned / true weight")
    share_ax.set(title="Weights learned", ylim=(0, 1.25))
    share_ax.invert_xaxis()
    loss_ax.set(title="Loss less than SGD's, same data", xlim=(-0.5, 3.5), xticks=range(4))
    loss_ax.axhline(0, color="#888888", lw=0.8)
    loss_ax.set_xticklabels(METHODS, rotation=20)
    outside_legend(figure, share_ax)
    return figure, (
        f"Share of the true weight that is learned for the 5 rarest of {NUM_FEATURES} features, on in fewer than 1 of "
        f"100 samples, after {NUM_STEPS} steps, learning rates tuned: {', '.join(said)}."
    )
