"""Which part of the course stands on which: a file imports only from below, files of one floor leave each other alone.

Library, kits, chapters, grading, tools, from the ground up; to read the library, read it by floor.
``tests/tools/test_floors.py`` reads the imports, those inside functions too, and holds the house to these tables; it
also allows no circle anywhere.
"""

WORKSHOP = ("floors", "kept", "off_limits", "switches")  # below all others, and no part of the library that is taught
LIBRARY = (
    (*WORKSHOP, "validation", "place"),
    ("objective", "settings"),
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
    ),
    ("optimizers", "layers"),
    ("network", "run", "gradcheck", "torch_nets"),
)
KITS = (("figures", "progress", "glossary"), ("widgets", "checks", "claims"))
FLOORS = (*LIBRARY, *KITS, ("chapters",), ("grading",), ("tools",))

PARTS = {  # of a chapter: which other parts of the same chapter each may import; no chapter imports another
    "experiments": (),
    "figures": ("experiments",),
    "widgets": ("experiments", "figures"),
    "look": ("experiments", "figures"),
    "checks": (),
    "glossary": (),
    "claims": ("experiments",),
    "conventions": ("experiments", "claims"),
    "errata": ("experiments", "claims", "conventions"),
}


def below(room):
    """All names on the floors below that of ``room``, in order."""
    own = next(number for number, floor in enumerate(FLOORS) if room in floor)
    return tuple(name for floor in FLOORS[:own] for name in floor)


def from_up(room):
    """All names on the floor of ``room`` and above."""
    return tuple(name for floor in FLOORS for name in floor if name not in below(room))
