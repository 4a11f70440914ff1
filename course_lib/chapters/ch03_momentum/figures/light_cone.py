"""Why no method that sees gradients only is faster: on a chain, news of the minimum travels one coordinate a step."""

import numpy as np

from course_lib.figures.style import new_figure
from course_lib.optimizers import SGD, Adam, Nesterov, Newton
from course_lib.run import descend
from course_lib.schedules import nesterov_momentum
from course_lib.surfaces import worst_case

METHODS = {
    "gradient descent": (SGD(1.0), None),
    "Nesterov": (Nesterov(1.0), {"momentum": nesterov_momentum}),
    "Adam": (Adam(0.1), None),
    "Newton": (Newton(), None),
}


def light_cone_runs(n=41, num_steps=40):
    """``{name: thetas (num_steps + 1, n)}`` on ``worst_case(n)``, from 0; Nesterov with rising momentum."""
    objective = worst_case(n)
    return {
        name: descend(objective, optimizer, np.zeros(n), num_steps, schedule).thetas
        for name, (optimizer, schedule) in METHODS.items()
    }


def light_cone_figure(n=41, num_steps=40, after=10):
    """Return ``(figure, alt)``: how far each coordinate has come, step by step; white where it is still 0."""
    figure, axes = new_figure(12, 3.9, ncols=len(METHODS), sharey=True)
    minimum, said = 1 - np.arange(1, n + 1) / (n + 1), []
    for ax, (name, thetas) in zip(axes, light_cone_runs(n, num_steps).items(), strict=True):
        share = np.where(thetas == 0, np.nan, np.clip(thetas / minimum, 0, 1))
        edges = np.arange(n + 1) + 0.5, np.arange(num_steps + 2) - 0.5
        image = ax.pcolormesh(*edges, share, cmap="cividis_r", vmin=0, vmax=1)
        ax.plot([0.5, num_steps + 0.5], [0, num_steps], "--", color="#D55E00", lw=1.8)
        ax.set(title=name, xlabel="coordinate", xlim=(0.5, n + 0.5), ylim=(num_steps, 0))
        ax.title.set_fontsize(14)
        said.append(f"{name} {np.count_nonzero(thetas[after])}")
    axes[0].set_ylabel("step")
    figure.colorbar(image, ax=axes).set_label("share of the way", fontsize=13)
    return figure, f"Coordinates of {n} that are no longer 0 after {after} steps: {', '.join(said)}."
