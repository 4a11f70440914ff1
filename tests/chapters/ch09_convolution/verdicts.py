"""What comes out of chapter 9's claims; ``tests/kit/claims`` holds the chapter to it."""

VERDICTS = {
    "C-09-1": "holds",
    "C-09-2": "holds if",
    "C-09-3": "holds if",
    "C-09-4": "holds if",
    "C-09-5": "holds",
    "C-09-6": "holds",
    "C-09-7": "holds if",
}

# Other numbers than the measured ones, and what the rule then has to say.
OTHERWISE = [
    ("C-09-1", {"forward": 0.1}, "fails"),
    ("C-09-1", {"d_w": 0.1}, "fails"),
    ("C-09-1", {"filled": 1.0}, "fails"),
    ("C-09-2", {"c1": 2.0}, "fails"),
    ("C-09-2", {"c5": 100.0, "share": 0.9}, "holds"),
    ("C-09-3", {"gain": -3.0}, "fails"),
    ("C-09-3", {"gain": 0.0}, "not shown"),
    ("C-09-3", {"lost": 1.0}, "holds"),
    ("C-09-4", {"interior": 0.1}, "fails"),
    ("C-09-4", {"border": 0.0, "stride_one": 0.0, "pool_one": 0.0}, "holds"),
    ("C-09-5", {"params": 3.0}, "fails"),
    ("C-09-5", {"sum_max": 0.1}, "fails"),
    ("C-09-5", {"slope": 0.0}, "fails"),
    ("C-09-6", {"gain": -3.0}, "fails"),
    ("C-09-6", {"gain": 0.0}, "not shown"),
    ("C-09-6", {"moved": -5.0}, "holds if"),
    ("C-09-7", {"size": 1.0}, "fails"),
    ("C-09-7", {"width": 0.5}, "fails"),
    ("C-09-7", {"lenet": 14.0}, "holds"),
]

# These are run again and have to come out the same; the others take seconds, with the same seeded functions.
TWICE = ["C-09-1", "C-09-4", "C-09-5"]

# The errata that the chapter has.
ERRATA = ["E51", "E52"]
