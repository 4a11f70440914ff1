"""The floors of the library: a file imports only from lower floors, files of one floor leave each other alone.

"To read the library, read it by number." ``tests/test_floors.py`` reads the imports and holds the
library to this table; a new file gets a row here. Files inside one package (``figures/``, ``widgets/``,
...) may import each other, as long as no circle arises.
"""

FLOORS = (
    ("floors", "off_limits", "validation", "place"),
    ("objective",),
    (
        "devices",
        "surfaces",
        "benchmark_functions",
        "stochastic",
        "finite_differences",
        "schedules",
        "initializers",
        "data",
        "autodiff",
        "convergence",
        "shrinkage",
        "dropout_ensemble",
    ),
    ("optimizers", "layers", "noise_ball"),
    ("network", "run", "gradcheck", "landscape", "cnn"),
    ("batchnorm_runs", "overfitting", "signal_propagation"),
    ("figures", "progress"),
    ("widgets", "checks", "claims"),
    ("notebook_tools", "grading", "equations"),
    ("documents", "nbgrader", "release", "pages"),
    ("lab", "commands"),
    ("doctor",),
    ("cli",),
)


def below(room):
    """All names on the floors below that of ``room``, in order."""
    own = next(number for number, floor in enumerate(FLOORS) if room in floor)
    return tuple(name for floor in FLOORS[:own] for name in floor)


def from_up(room):
    """All names on the floor of ``room`` and above."""
    return tuple(name for floor in FLOORS for name in floor if name not in below(room))
