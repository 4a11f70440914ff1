"""What comes out of chapter 2's claims; ``tests/kit/claims`` holds the chapter to it."""

VERDICTS = {
    "C-02-1": "holds if",
    "C-02-2": "holds if",
    "C-02-3": "holds",
    "C-02-4": "holds if",
    "C-02-5": "holds if",
    "C-02-6": "holds if",
    "C-02-7": "holds",
    "C-02-8": "holds if",
    "C-02-9": "holds if",
    "C-02-10": "partly",
    "C-02-11": "not shown",
}

# Other numbers than the measured ones, and what the rule then has to say.
OTHERWISE = [
    ("C-02-1", {"bias": 9.0}, "fails"),
    ("C-02-1", {"slope": -0.5}, "fails"),
    ("C-02-1", {"half": 1.0}, "holds"),
    ("C-02-2", {"ball": 0.0}, "fails"),
    ("C-02-2", {"deviation": 0.5}, "fails"),
    ("C-02-2", {"interpolated": 0.3}, "holds"),
    ("C-02-3", {"ratio": 1.1}, "fails"),
    ("C-02-3", {"slope": -0.5}, "fails"),
    ("C-02-3", {"end": 50.0}, "holds if"),
    ("C-02-4", {"fitted": -1.0}, "holds"),
    ("C-02-4", {"disagree": 0.0}, "fails"),
    ("C-02-5", {"late": 0.0}, "fails"),
    ("C-02-5", {"first": 0.4}, "holds"),
    ("C-02-6", {"small": 3.0}, "fails"),
    ("C-02-6", {"large": 1.0}, "holds"),
    ("C-02-7", {"rate": 0.9}, "fails"),
    ("C-02-7", {"at_limit": 0.9}, "fails"),
    ("C-02-7", {"beyond": 0.99}, "fails"),
    ("C-02-8", {"last_n": 0.9}, "fails"),
    ("C-02-8", {"all": 0.5}, "holds"),
    ("C-02-9", {"slope": -1.0}, "fails"),
    ("C-02-9", {"fixed": 0.0}, "holds"),
    ("C-02-10", {"sharp_same": 0.8}, "fails"),
    ("C-02-10", {"sharp_same": float("nan")}, "not shown"),
    ("C-02-10", {"train": 1.2}, "not shown"),
    ("C-02-10", {"test": 1.3}, "holds"),
    ("C-02-10", {"test": 0.8}, "not shown"),
    ("C-02-11", {"train": 0.8}, "not shown"),
    ("C-02-11", {"test": 0.9}, "fails"),
    ("C-02-11", {"test": 1.3}, "holds"),
]

# These are run again and have to come out the same; the others take seconds, with the same seeded functions.
TWICE = ["C-02-1", "C-02-2", "C-02-3", "C-02-4", "C-02-5", "C-02-6", "C-02-7", "C-02-8", "C-02-9", "C-02-10", "C-02-11"]

# Numbers that a closed form gives: claim, name of the deviation, how large it may be.
CLOSE = [
    ("C-02-1", "theory", 0.08),
    ("C-02-2", "deviation", 0.03),
    ("C-02-3", "formula", 1e-9),
    ("C-02-6", "theory", 0.05),
]

# The errata that the chapter has.
ERRATA = ["E11", "E12", "E13", "E14", "E15", "E16", "E19"]
