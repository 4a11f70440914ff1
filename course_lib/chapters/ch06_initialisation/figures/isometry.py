"""Singular values of the Jacobian from the input to the top: what orthogonal weights keep and normal ones do not."""

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.isometry import singular_values
from course_lib.chapters.ch06_initialisation.experiments.signals import in_words
from course_lib.figures.methods import styles_of
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend

CASES = (
    ("normal, 1/√n (LeCun)", "linear", 1.0),
    ("orthogonal", "linear", 1.0),
    ("normal, 1/√n (LeCun)", "tanh", 1.0),
    ("orthogonal", "tanh", 1.0),
    ("He", "relu", 1.0),
    ("orthogonal", "relu", np.sqrt(2)),
)
TINY = 1e-16
ROUNDING = 1e-12  # times the largest: what lies below is 0 up to rounding


def isometry_figure(depth=30):
    """Return ``(figure, alt)``: the singular values of six deep networks, from the largest to the smallest."""
    figure, ax = new_figure(9.5, 4.2)
    says = []
    for index, (initializer, activation, scale) in enumerate(CASES):
        values = singular_values(initializer, activation, scale, depth)
        label = f"{in_words(activation)}, {'normal' if initializer != 'orthogonal' else 'orthogonal'}"
        style = styles_of([label])[label]
        look = {"color": style.color, "marker": style.marker, "markevery": (index, 10)}
        ax.plot(np.maximum(values, TINY), style.dashes, label=label, lw=2.4, **look)
        rank = int(np.sum(values > ROUNDING * values[0]))
        low = f"{values[-1]:.1g}" if rank == len(values) else f"0, rank {rank}"
        says.append(f"{label}: {values[0]:.2g} to {low}")
    ax.set(yscale="log", ylim=(TINY, 1e3), xlabel="number of the singular value", ylabel="singular value")
    ax.axhline(1, color="black", lw=0.8)
    outside_legend(figure, ax)
    return figure, f"Singular values of the Jacobian of {depth} layers of 60 units: {'; '.join(says)}."
