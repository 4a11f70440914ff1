"""Two coordinates with nothing to learn: what weight decay makes of them in Adam, with a penalty and decoupled."""

import numpy as np

from course_lib.chapters.ch05_adaptive.experiments.weight_decay import DECAY_STEPS, NAMES


def draw_decay(axes):
    """Prepare both axes; return the lines: three methods and two theories, first of the flat coordinate."""
    from course_lib.figures.methods import styles_of  # claims use the runs and draw nothing

    lines = []
    for ax, title in zip(axes, ("Flat coordinate", "Steep coordinate"), strict=True):
        ax.set(xlim=(0, DECAY_STEPS), ylim=(-0.05, 1.1), xlabel="step", title=title)
        ax.grid(True, axis="y", color="#DDDDDD", lw=0.8)
        for index, (name, style) in enumerate(styles_of(NAMES).items()):
            about = {"color": style.color, "lw": 3, "marker": style.marker, "ms": 8, "markevery": (20 * index, 60)}
            lines += ax.plot([], [], style.dashes, label=name, **about)
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
