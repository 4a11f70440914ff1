"""Regularisers beside their theory: shrinkage by eigenvalue, zeros, and the average over all masks."""

import numpy as np

from course_lib.chapters.ch08_dropout.experiments.dropout_ensemble import (
    exact_average,
    monte_carlo_average,
    small_net,
    weight_scaling,
)
from course_lib.chapters.ch08_dropout.experiments.shrinkage import (
    bowl,
    early_stopping_factor,
    l2_factor,
    matching_l2_penalty,
    proximal_descent,
)
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend
from course_lib.objective import with_l1_penalty
from course_lib.optimizers import SGD, soft_threshold
from course_lib.run import descend

MINIMUM = np.array([3.0, -2.0, 1.2, -0.7, 0.4, -0.3, 0.15, -0.05])
CURVATURES = np.linspace(0.6, 1.4, 8)


def stopped_run(eigenvalues, learning_rate, num_steps):
    """Where gradient descent from 0 towards the minimum (1, ..., 1) stands after ``num_steps`` steps."""
    objective = bowl(eigenvalues, np.ones(len(eigenvalues)))
    return descend(objective, SGD(learning_rate), np.zeros(len(eigenvalues)), num_steps).thetas[-1]


def shrinkage_figure(learning_rate=0.1, num_steps=50):
    """Return ``(figure, alt)``: what early stopping and an L2 penalty leave of each eigenvector, and how they match."""
    figure, (left, right) = new_figure(10.5, 4.3, ncols=2)
    eigenvalues = np.geomspace(1e-3, 1 / learning_rate, 200)
    run = np.geomspace(1e-3, 1 / learning_rate, 15)
    penalty = 1 / (learning_rate * num_steps)
    stopped, shrunk = early_stopping_factor(eigenvalues, learning_rate, num_steps), l2_factor(eigenvalues, penalty)
    blue, orange = line_style(0), line_style(1)
    left.semilogx(eigenvalues, stopped, "-", color=blue.color, label="1 − (1 − ηλ)ᵗ")
    left.semilogx(
        run,
        stopped_run(run, learning_rate, num_steps),
        "o",
        color=blue.color,
        mec="black",
        ms=8,
        label=f"gradient descent, {num_steps} steps",
    )
    left.semilogx(eigenvalues, shrunk, "--", color=orange.color, label="λ / (λ + α), α = 1 / (ηt)")
    left.axvline(penalty, color="#999999", lw=1, ls=":")
    left.set(title="What is left of the minimum", xlabel="eigenvalue λ", ylabel="factor")
    exact = matching_l2_penalty(eigenvalues, learning_rate, num_steps) / penalty
    right.loglog(eigenvalues, np.maximum(exact, 1e-9), "-", color=line_style(2).color)
    right.axhline(1, color=orange.color, ls="--")
    right.set(title="Penalty that matches exactly, over 1 / (ηt)", xlabel="eigenvalue λ", ylim=(1e-3, 3))
    outside_legend(figure, left)
    gap = np.abs(stopped - shrunk)
    alt = (
        f"Learning rate {learning_rate:g}, {num_steps} steps, against L2 penalty {penalty:g}: the factors differ by at "
        f"most {gap.max():.3f}, at eigenvalue {eigenvalues[gap.argmax()]:.2g}; at eigenvalue 0.001 they are "
        f"{stopped[0]:.5f} and {shrunk[0]:.5f}. The penalty that matches exactly is {exact[0]:.2f} of 1 / (ηt) there, "
        f"and {np.interp(0.5, eigenvalues, exact):.2f} at eigenvalue 0.5."
    )
    return figure, alt


def l1_paths(l1_penalty=0.5, learning_rate=0.1, num_steps=200):
    """``(proximal, subgradient, minimum)``: both paths ``(num_steps + 1, 8)``, and the minimum that they look for."""
    objective = bowl(CURVATURES, MINIMUM)
    proximal = proximal_descent(objective, l1_penalty, learning_rate, np.ones(8), num_steps)
    penalised = with_l1_penalty(objective, l1_penalty)
    subgradient = descend(penalised, SGD(learning_rate), np.ones(8), num_steps).thetas
    return proximal, subgradient, soft_threshold(MINIMUM, l1_penalty / CURVATURES)


def zeros_figure(l1_penalty=0.5, learning_rate=0.1, num_steps=200):
    """Return ``(figure, alt)``: the coordinates on their way to an L1 minimum, with and without soft threshold."""
    proximal, subgradient, exact = l1_paths(l1_penalty, learning_rate, num_steps)
    figure, axes = new_figure(10.5, 4.0, ncols=2, sharey=True)
    zero = exact == 0
    for ax, path, title in zip(axes, (subgradient, proximal), ("Subgradient steps", "Soft threshold"), strict=True):
        for j in range(8):
            style = line_style(1 if zero[j] else 0)
            ax.plot(np.abs(path[:, j]), style.dashes, color=style.color, lw=1.5)
        ax.set_yscale("symlog", linthresh=1e-3, linscale=0.6)
        ax.set(title=title, xlabel="step", xlim=(0, num_steps), ylim=(0, 5))
        ax.set_yticks([0, 1e-3, 1e-2, 1e-1, 1], labels=["0", "0.001", "0.01", "0.1", "1"])
    axes[0].set_ylabel("|coordinate|")
    for index, label in ((0, "not 0 at the minimum"), (1, "exactly 0 at the minimum")):
        axes[0].plot([], [], line_style(index).dashes, color=line_style(index).color, label=label)
    outside_legend(figure, axes[0])
    counts = [int(np.sum(path[-1] == 0)) for path in (subgradient, proximal)]
    chatter = np.abs(subgradient[-20:, zero]).max()
    alt = (
        f"L1 penalty {l1_penalty:g} on 8 coordinates, of which {zero.sum()} are 0 at the minimum; after {num_steps} "
        f"steps of learning rate {learning_rate:g} subgradient steps have {counts[0]} exact zeros and still chatter "
        f"up to {chatter:.3f} around 0 (learning rate times penalty: {learning_rate * l1_penalty:g}), steps with a "
        f"soft threshold have {counts[1]}, and are {np.abs(proximal[-1] - exact).max():.0e} off the minimum."
    )
    return figure, alt


def ensemble_nets():
    """The three nets of ``averages_figure``, with ten inputs each, and one input."""
    rng = np.random.default_rng(10)
    nets = {
        "one linear layer": small_net((10, 3), rng),
        "one layer, softmax": small_net((10, 3), rng, "softmax"),
        "ReLU between, softmax": small_net((10, 30, 3), rng, "softmax"),
    }
    return nets, rng.uniform(0.2, 1.0, 10)


def averages(drop_rate=0.5, sizes=(1, 3, 10, 30, 100, 300), repetitions=60):
    """``{net: (error of weight scaling, errors of Monte Carlo (sizes,))}``, root mean square over the outputs."""
    nets, x = ensemble_nets()
    found = {}
    for name, net in nets.items():
        exact, rng = exact_average(net, x, drop_rate), np.random.default_rng(11)
        monte_carlo = [
            np.sqrt(
                np.mean([(monte_carlo_average(net, x, drop_rate, size, rng) - exact) ** 2 for _ in range(repetitions)])
            )
            for size in sizes
        ]
        found[name] = float(np.sqrt(np.mean((weight_scaling(net, x) - exact) ** 2))), np.array(monte_carlo)
    return found


def averages_figure(drop_rate=0.5, sizes=(1, 3, 10, 30, 100, 300)):
    """Return ``(figure, alt)``: distance from the average over all 1024 masks, by random masks and by the whole net."""
    figure, ax = new_figure(9.5, 4.6)
    said = []
    for index, (name, (scaling, errors)) in enumerate(averages(drop_rate, sizes).items()):
        style = line_style(index)
        ax.loglog(sizes, errors, style.marker + "-", color=style.color, mec="black", label=name)
        if scaling > 1e-12:
            ends = [sizes[0], sizes[-1]]
            ax.plot(ends, [scaling] * 2, style.marker + "--", color=style.color, mfc="white", ms=9)
        whole = f"{scaling:.4f}" if scaling > 1e-12 else "0"
        better = next((size for size, error in zip(sizes, errors, strict=True) if error < scaling), None)
        passed = f", passed by {better} masks" if better and scaling > 1e-12 else ""
        said.append(
            f"{name}: {errors[0]:.3f} with 1 mask, {errors[-1]:.3f} with {sizes[-1]}, the whole net {whole}{passed}"
        )
    ax.set(title="Dashed: the whole net, once", xlabel="number of random masks", ylabel="distance from the average")
    ax.set_xticks(sizes, labels=[str(size) for size in sizes])
    ax.minorticks_off()
    outside_legend(figure, ax)
    return figure, f"Distance from the average over all 1024 masks, drop rate {drop_rate:g}. {'; '.join(said)}."
