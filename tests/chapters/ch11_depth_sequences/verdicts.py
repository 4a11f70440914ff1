"""What comes out of chapter 11's claims; ``tests/kit/claims`` holds the chapter to it."""

VERDICTS = {
    "C-11-1": "holds if",
    "C-11-2": "holds if",
    "C-11-3": "holds",
    "C-11-4": "holds",
    "C-11-5": "not shown",
    "C-11-6": "holds if",
    "C-11-7": "holds",
    "C-11-8": "holds",
}

# Other numbers than the measured ones, and what the rule then has to say.
OTHERWISE = [
    ("C-11-1", {"driven": 1.5}, "holds"),
    ("C-11-1", {"linear": 0.5}, "fails"),
    ("C-11-2", {"large": 0.5}, "holds"),
    ("C-11-2", {"small": 1.5}, "fails"),
    ("C-11-3", {"vanishing": -0.5}, "fails"),
    ("C-11-3", {"exploding": -0.5}, "fails"),
    ("C-11-4", {"ratio": 0.5}, "fails"),
    ("C-11-4", {"clipped": 0.17}, "not shown"),
    ("C-11-5", {"printed": 9.0}, "fails"),
    ("C-11-5", {"small": 9.0}, "fails"),
    ("C-11-6", {"gap": -1.0}, "fails"),
    ("C-11-6", {"large": 0.9}, "holds"),
    ("C-11-7", {"gate": -2.0}, "fails"),
    ("C-11-7", {"path": 0.5}, "partly"),
    ("C-11-8", {"full": 0.5, "mixed": 0.5}, "fails"),
    ("C-11-8", {"mixed": 1.5, "later": 1.01}, "holds"),
    ("C-11-8", {"later": 0.2}, "partly"),
]

# These are run again and have to come out the same; the others read stored results.
TWICE = ["C-11-1", "C-11-3", "C-11-7"]

# The errata that the chapter has.
ERRATA = ["E17"]
