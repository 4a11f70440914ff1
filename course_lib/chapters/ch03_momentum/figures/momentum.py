"""What momentum does to one coordinate: the weights of past gradients, damping, and the roots behind it."""

import numpy as np

from course_lib.chapters.ch03_momentum.experiments import momentum_rate
from course_lib.figures.methods import styles_of
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend
from course_lib.objective import Objective
from course_lib.optimizers import Momentum
from course_lib.run import descend, iterate
from course_lib.stochastic import with_gradient_noise
from course_lib.surfaces import quadratic


def unrolled_weights(momentum, num_steps):
    """Weights of the gradients of steps t, t-1, ..., 1 in the velocity at ``t = num_steps``, ``(num_steps,)``.

    Measured, by feeding ``Momentum`` one gradient of -1 and then zeros: momentum^age (3.19).

    Source: L4's expansion to t = 4, carried on.
    """
    pulses = iter([-1.0] + [0.0] * (num_steps - 1))
    pulse = Objective(lambda theta: 0 * theta[..., 0], lambda theta: np.full_like(theta, next(pulses)))
    run = iterate(pulse, Momentum(1.0, momentum), [0.0], num_steps)  # (3.19)
    return np.array([state.velocity[0] for _, state in run])[1:]


def momentum_weights_figure(momenta=(0.5, 0.9, 0.99), num_steps=60):
    """Return ``(figure, alt)``: how much each past gradient counts, and what the weights sum to.

    The weights are momentum^age; their sum (1 - momentum^t) / (1 - momentum) grows to 1 / (1 - momentum):
    no average, a step that much longer (E22).
    """
    figure, (weights_ax, sum_ax) = new_figure(ncols=2)
    t = np.arange(1, num_steps + 1)
    findings = []
    styles = styles_of(f"momentum {momentum:g}" for momentum in momenta)
    for momentum, style in zip(momenta, styles.values(), strict=True):
        weights = unrolled_weights(momentum, num_steps)
        sums = np.cumsum(weights)
        marks = {"marker": style.marker, "markevery": num_steps // 8, "color": style.color, "lw": 2.2}
        weights_ax.plot(t - 1, weights, style.dashes, label=f"momentum {momentum:g}", **marks)
        sum_ax.plot(t, sums, style.dashes, **marks)
        sum_ax.axhline(1 / (1 - momentum), color="#666666", lw=1, ls=":")
        half = np.searchsorted(sums, sums[-1] / 2) + 1
        limit = 1 / (1 - momentum)
        findings.append(f"momentum {momentum:g}: sum {sums[-1]:.3g} of at most {limit:.3g}, half from the last {half}")
    weights_ax.set(title="Weight of a past gradient", xlabel="age in steps", ylabel="weight", ylim=(0, 1.05))
    sum_ax.set(title="Sum of the weights", xlabel="step t", ylabel="sum (dotted: limit)", yscale="log")
    sum_ax.set_ylim(0.9, 1.5 * max(1 / (1 - np.array(momenta))))
    outside_legend(figure, weights_ax)
    return figure, f"Weights of past gradients in the velocity after {num_steps} steps: {'; '.join(findings)}."


def critical_momentum(scaled_rate):
    """The momentum at which one coordinate stops creeping and begins to swing: (1 - sqrt(scaled_rate))^2.

    ``scaled_rate`` is learning rate times curvature; there the two roots of (3.12) meet.
    """
    return (1 - np.sqrt(scaled_rate)) ** 2


def settling_steps(thetas, share=0.01):
    """First step after which ``|thetas|`` stays under ``share`` of its start; None if it does not."""
    loud = np.flatnonzero(~(np.abs(thetas) < share * np.abs(thetas[0])))
    return int(loud[-1]) + 1 if loud[-1] < len(thetas) - 1 else None


def damping_figure(scaled_rate=0.04, momenta=None, num_steps=120):
    """Return ``(figure, alt)``: one coordinate with too little, just enough and too much momentum.

    Args:
        scaled_rate: learning rate times curvature.
        momenta: three or more momenta; left out, half the critical one, the critical one, and 0.95.
        num_steps: length of the runs.
    """
    critical = critical_momentum(scaled_rate)
    momenta = (critical / 2, critical, 0.95) if momenta is None else momenta
    figure, (swing, size) = new_figure(ncols=2)
    findings = []
    for index, momentum in enumerate(momenta):
        style = line_style(index)
        theta = descend(quadratic([1.0]), Momentum(scaled_rate, momentum), [1.0], num_steps).thetas[:, 0]
        kind = "critically" if np.isclose(momentum, critical) else "over-" if momentum < critical else "under-"
        label = f"{kind}damped, momentum {momentum:.3g}".replace("critically", "critically ")
        marks = {"marker": style.marker, "markevery": num_steps // 10, "color": style.color, "lw": 2.2}
        swing.plot(theta, style.dashes, label=label, **marks)
        size.semilogy(np.maximum(np.abs(theta), 1e-12), style.dashes, **marks)
        turns = np.count_nonzero(np.diff(np.sign(theta)))
        settled = settling_steps(theta)
        when = f"under 1 % after {settled} steps" if settled else f"not under 1 % within {num_steps} steps"
        findings.append(f"{label}: {when}, crosses the minimum {turns} times")
    swing.axhline(0, color="#888888", lw=0.8)
    swing.set(title="One coordinate", xlabel="step t", ylabel=r"$\theta$", xlim=(0, num_steps))
    size.set(
        title="Its distance to the minimum", xlabel="step t", ylabel=r"$|\theta|$", xlim=(0, num_steps), ylim=(1e-6, 2)
    )
    outside_legend(figure, swing)
    return figure, f"One coordinate with learning rate × curvature {scaled_rate:g}; {'; '.join(findings)}."


def characteristic_roots(scaled_rate, momentum):
    """Both roots of r^2 - (1 + momentum - scaled_rate) r + momentum = 0, (3.12), shape ``(..., 2)``, complex."""
    b, c = np.broadcast_arrays(1 + momentum - np.asarray(scaled_rate, dtype=float), momentum)
    root = np.sqrt((b * b - 4 * c).astype(complex))
    return np.stack([(b + root) / 2, (b - root) / 2], axis=-1)


def roots_figure(momentum=0.6, scaled_rate=0.5):
    """Return ``(figure, alt)``: the two roots of one coordinate as the learning rate grows, and the rate they give.

    They start at 1 and ``momentum``, meet, run on the circle of radius sqrt(momentum) while the coordinate
    swings, meet again on the negative axis, and one leaves the unit circle at 2 (1 + momentum).
    """
    figure, (plane, rate_ax) = new_figure(ncols=2)
    end = 2.2 * (1 + momentum)
    scaled = np.linspace(0, end, 2001)
    angle = np.linspace(0, 2 * np.pi, 200)
    plane.plot(np.cos(angle), np.sin(angle), "-", color="black", lw=1.2, label="unit circle: the edge")
    radius = np.sqrt(momentum)
    plane.plot(radius * np.cos(angle), radius * np.sin(angle), ":", color="#666666", label="radius √momentum")
    for index, (roots, name) in enumerate(
        zip(characteristic_roots(scaled, momentum).T, ("first", "second"), strict=True)
    ):
        style = line_style(index)
        plane.plot(roots.real, roots.imag, style.dashes, color=style.color, lw=3, label=f"{name} root")
        here = characteristic_roots(scaled_rate, momentum)[index]
        plane.plot(
            here.real, here.imag, style.marker, color=style.color, markersize=11, markeredgecolor="black", zorder=5
        )
    plane.set(title="Roots in the complex plane", xlabel="real part", ylabel="imaginary part")
    plane.set(xlim=(-1.6, 1.6), ylim=(-1.15, 1.15))
    plane.set_aspect("equal")
    rate_ax.plot(
        scaled, momentum_rate(scaled, momentum, 1.0), "-", color="#009E73", lw=2.5, label="rate: larger modulus"
    )
    rate_ax.plot(scaled, np.abs(1 - scaled), "--", color="#666666", lw=1.5, label="without momentum")
    rate = float(momentum_rate(scaled_rate, momentum, 1.0))
    rate_ax.plot(scaled_rate, rate, "o", color="#009E73", markersize=11, markeredgecolor="black", zorder=5)
    rate_ax.axhline(1, color="black", lw=1.2)
    rate_ax.set(title="Rate of this coordinate", xlabel="learning rate × curvature", ylabel="rate a step")
    rate_ax.set(xlim=(0, end), ylim=(0, 1.3))
    outside_legend(figure, plane, rate_ax)
    low, high = (1 - radius) ** 2, (1 + radius) ** 2
    kind = "complex: it swings" if low < scaled_rate < high else "real"
    return figure, (
        f"Roots of one coordinate at momentum {momentum:g}: complex, with rate √momentum = {radius:.3f}, while "
        f"learning rate × curvature lies between {low:.3g} and {high:.3g}; divergence from {2 * (1 + momentum):.3g} "
        f"on. At {scaled_rate:g} the roots are {kind}, rate {rate:.3f}; without momentum it would be "
        f"{abs(1 - scaled_rate):.3f}."
    )


def two_forms_figure(learning_rate=0.1, momentum=0.9, num_steps=60, cut_after=24):
    """Return ``(figure, alt)``: learning rate inside against outside the velocity (E20).

    Constant on the left; on the right a tenth of it after step ``cut_after``: outside, the old velocity is
    cut as well and the run stops at once; inside, it goes on and only new gradients count less.
    """

    def cut(t):
        return learning_rate if t <= cut_after else learning_rate / 10

    figure, axes = new_figure(ncols=2, sharey=True)
    gaps = []
    for ax, title, schedule in (
        (axes[0], "Constant learning rate", None),
        (axes[1], f"A tenth of it after step {cut_after}", cut),
    ):
        paths = []
        for index, outside in enumerate((False, True)):
            style, name = line_style(index), "outside: L3, PyTorch" if outside else "inside: L0, L1, L2"
            optimizer = Momentum(learning_rate, momentum, learning_rate_outside=outside)
            paths.append(descend(quadratic([1.0]), optimizer, [1.0], num_steps, schedule).thetas[:, 0])
            ax.plot(
                paths[-1],
                style.dashes,
                color=style.color,
                lw=2.4,
                marker=style.marker,
                markevery=(3 * index, 6),
                label=name,
            )
        gaps.append(np.abs(paths[0] - paths[1]).max())
        ax.set(title=title, xlabel="step t", xlim=(0, num_steps))
    axes[1].axvline(cut_after, color="#888888", lw=1)
    axes[0].set_ylabel(r"$\theta$")
    outside_legend(figure, axes[0])
    return figure, (
        f"Momentum with the learning rate inside and outside the velocity, momentum {momentum:g}, {num_steps} steps: "
        f"the paths differ by at most {gaps[0]:.1g} at a constant learning rate, by {gaps[1]:.2g} where it is cut to a "
        f"tenth after step {cut_after}."
    )


def noise_level_figure(
    learning_rate=0.05, momenta=(0.0, 0.5, 0.9), noise_scale=1.0, num_runs=500, num_steps=200, seed=0
):
    """Return ``(figure, alt)``: under gradient noise, momentum against plain descent with the same long-run step.

    A momentum run with learning_rate * (1 - momentum) moves as far in the long run as plain descent with
    ``learning_rate``: mean squares of ``num_runs`` runs on f = theta^2 / 2 from theta = 3.
    """
    noisy = with_gradient_noise(quadratic([1.0]), noise_scale)
    figure, axes = new_figure(ncols=2, sharey=True)
    levels = {"same": [], "matched": []}
    styles = styles_of(f"momentum {momentum:g}" for momentum in momenta)
    for ax, key, title in ((axes[0], "same", "Same learning rate"), (axes[1], "matched", "Same long-run step")):
        for momentum, style in zip(momenta, styles.values(), strict=True):
            rate = learning_rate * ((1 - momentum) if key == "matched" else 1)
            start = np.full((num_runs, 1), 3.0)
            run = descend(noisy, Momentum(rate, momentum), start, num_steps, rng=np.random.default_rng(seed))
            mean_square = np.mean(run.thetas[..., 0] ** 2, axis=1)
            levels[key].append(mean_square[num_steps // 2 :].mean())
            marks = {"marker": style.marker, "markevery": num_steps // 8, "color": style.color, "lw": 2.0}
            ax.semilogy(mean_square, style.dashes, label=f"momentum {momentum:g}", **marks)
        ax.set(title=title, xlabel="step t", xlim=(0, num_steps))
    axes[0].set_ylabel("mean of θ² over the runs")
    outside_legend(figure, axes[0])
    names = ", ".join(f"{momentum:g}" for momentum in momenta)
    listed = {key: ", ".join(f"{level:.2g}" for level in found) for key, found in levels.items()}
    return figure, (
        f"Mean square distance of {num_runs} runs under gradient noise, second half of {num_steps} steps, for momentum "
        f"{names}: {listed['same']} at the same learning rate; {listed['matched']} when the learning rate is scaled by "
        "1 - momentum."
    )
