"""The floors of the library: a file imports only from lower floors, files of one floor leave each other alone.

"To read the library, read it by number." ``tests/test_floors.py`` reads the imports and holds the
library to this table; a new file gets a row here. Files inside one package (``figures/``, ``widgets/``,
...) may import each other, as long as no circle arises.
"""

FLOORS = (
    ("floors", "objective", "validation", "place"),
    (
        "progress",
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
    ("figures",),
    ("widgets", "checks", "claims"),
    ("notebook_tools", "grading", "equations"),
    ("documents", "nbgrader", "release", "pages"),
    ("lab", "commands"),
    ("doctor",),
    ("cli",),
)
