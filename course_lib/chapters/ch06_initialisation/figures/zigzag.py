"""One linear unit with two inputs: what inputs of one sign do to its updates, and what slows it down in truth."""

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.zigzag import NUM_STEPS, START, TARGET, condition
from course_lib.figures.style import PALETTE, new_figure

LEVELS = (0.03, 0.3, 1.0, 2.5, 5.0)


class Picture:
    """The artists of the figure; ``move`` sets them."""

    def __init__(self):
        self.figure, (plane, curve) = new_figure(10.5, 4.6, ncols=2, width_ratios=(1, 1.15))
        plane.set(xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), xlabel="first weight", ylabel="second weight", aspect="equal")
        self.ellipses = [plane.plot([], [], color="#999999", lw=1)[0] for _ in LEVELS]
        (self.path,) = plane.plot([], [], "-", color=PALETTE[1], lw=2)
        (self.dots,) = plane.plot([], [], "o", color=PALETTE[1], ms=5, mec="black", mew=0.5)
        plane.plot(*TARGET, "*", color="black", ms=15)
        plane.plot(*START, "s", color="black", ms=9)
        curve.set(xlim=(0, NUM_STEPS), ylim=(1e-8, 1e3), yscale="log", xlabel="update", ylabel="loss over all samples")
        curve.grid(True, axis="y", color="#DDDDDD", lw=0.8)
        (self.loss,) = curve.plot([], [], color=PALETTE[0], lw=2.4)
        self.moving = [*self.ellipses, self.path, self.dots, self.loss]

    def move(self, descent):
        """Show ``descent``."""
        values, vectors = np.linalg.eigh(descent.hessian)
        circle = np.array([np.cos(turn := np.linspace(0, 2 * np.pi, 100)), np.sin(turn)])
        for line, level in zip(self.ellipses, LEVELS, strict=True):
            line.set_data(*(TARGET[:, None] + vectors @ (np.sqrt(2 * level / values)[:, None] * circle)))
        self.path.set_data(*descent.path.T)
        self.dots.set_data(*descent.path[:30].T)
        self.loss.set_data(np.arange(NUM_STEPS + 1), np.clip(descent.losses, 1e-9, 1e4))


def zigzag_text(descent, mean, batch_size):
    """The finding: share of updates of one sign, condition number, loss at the end."""
    sign = "all positive" if mean >= 1 else "of both signs"
    return (
        f"Inputs from {mean - 1:.2g} to {mean + 1:.2g} ({sign}), batches of {batch_size}: in "
        f"{100 * descent.one_sign:.0f} % of the updates both weights move the same way. Condition number "
        f"{condition(descent.hessian):.3g}; loss {descent.losses[0]:.2g} before and {descent.losses[-1]:.2g} after "
        f"{NUM_STEPS} updates."
    )
