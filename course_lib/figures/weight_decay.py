"""Two coordinates with nothing to learn: what weight decay makes of them in Adam, with a penalty and decoupled."""

import numpy as np

from course_lib.objective import Objective
from course_lib.optimizers import AdamW
from course_lib.run import iterate

DECAY_STEPS = 400
NAMES = ("Adam", "Adam + L2 penalty", "AdamW")


def _alternating(sizes, penalties):
    """Gradients ``sizes``, of alternating sign, plus those of penalties, one for each row: asked for once a step."""
    signed = iter(np.where(np.arange(DECAY_STEPS + 1) % 2, -1.0, 1.0)[:, None] * np.asarray(sizes))
    return Objective(lambda theta: 0 * theta[..., 0], lambda theta: next(signed) + penalties * theta)


def decoupled_theory(own_steps, decay, learning_rate):
    """theta from 1 where each step is Adam's own, which knows nothing of theta, and the decay, (5.16)."""
    theta = [np.ones(2)]
    for step in own_steps:
        theta.append((1 - learning_rate * decay) * theta[-1] + step)
    return np.array(theta)


def penalty_theory(own_steps, decay, learning_rate, sizes):
    """theta from 1 under a penalty whose pull is divided by the root mean square of gradient and pull together.

    Beside Adam's own step each one takes off learning_rate * decay * theta / sqrt(size^2 + (decay * theta)^2).
    """
    theta = [np.ones(2)]
    for step in own_steps:
        pull = decay * theta[-1]
        theta.append(theta[-1] + step - learning_rate * pull / np.hypot(sizes, pull))
    return np.array(theta)


def decay_runs(decay, learning_rate, sizes):
    """``{name: (DECAY_STEPS + 1, 2)}``: Adam, Adam with a penalty, AdamW, and both theories."""
    penalties, decays = np.array([0.0, decay, 0.0])[:, None], np.array([0.0, 0.0, decay])[:, None]
    method = AdamW(learning_rate, beta2=0.99, weight_decay=decays)  # without a decay it is Adam: one run for all three
    walk = iterate(_alternating(sizes, penalties), method, np.ones((3, 2)), DECAY_STEPS)
    runs = dict(zip(NAMES, np.array([theta for theta, _ in walk]).swapaxes(0, 1), strict=True))
    own_steps = np.diff(runs["Adam"], axis=0)
    runs["decoupled theory"] = decoupled_theory(own_steps, decay, learning_rate)
    runs["penalty theory"] = penalty_theory(own_steps, decay, learning_rate, np.asarray(sizes))
    return runs


def draw_decay(axes):
    """Prepare both axes; return the lines: three methods and two theories, first of the flat coordinate."""
    from course_lib.figures.style import line_style  # claims use the runs and draw nothing

    lines = []
    for ax, title in zip(axes, ("Flat coordinate", "Steep coordinate"), strict=True):
        ax.set(xlim=(0, DECAY_STEPS), ylim=(-0.05, 1.1), xlabel="step", title=title)
        ax.grid(True, axis="y", color="#DDDDDD", lw=0.8)
        for index, name in enumerate(NAMES):
            style = line_style(index)
            lines += ax.plot([], [], style.dashes, color=style.color, lw=3, label=name)
        lines += ax.plot([], [], ":", color="black", lw=1.6, label="theory")
        lines += ax.plot([], [], ":", color="black", lw=1.6)
    axes[0].set_ylabel(r"$\theta$")
    return lines


def move_decay(lines, runs):
    """Show ``runs`` of ``decay_runs``."""
    t = np.arange(DECAY_STEPS + 1)
    for coordinate in (0, 1):
        for index, run in enumerate(runs.values()):
            lines[5 * coordinate + index].set_data(t, run[:, coordinate])


def decay_text(runs, decay, learning_rate, sizes, num_steps):
    """The finding in words."""
    left = "; ".join(f"{name} {run[-1, 0]:.2g} and {run[-1, 1]:.2g}" for name, run in list(runs.items())[:3])
    return (
        f"Weight decay {decay:.3g}, learning rate {learning_rate:.3g}, gradients of alternating sign, sizes "
        f"{sizes[0]:.3g} and {sizes[1]:.3g}: of theta = 1 there is left after {num_steps} steps, flat and "
        f"steep: {left}; AdamW and "
        f"its theory differ by {np.max(np.abs(runs['AdamW'] - runs['decoupled theory'])):.0e}."
    )
