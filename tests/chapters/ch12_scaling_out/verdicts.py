"""What comes out of chapter 12's claims; ``tests/kit/claims`` holds the chapter to it."""

VERDICTS = {
    "C-12-1": "holds if",
    "C-12-2": "holds if",
    "C-12-3": "holds",
    "C-12-4": "holds if",
    "C-12-5": "holds if",
    "C-12-6": "holds if",
    "C-12-7": "holds if",
    "C-12-8": "fails",
    "C-12-9": "holds if",
    "C-12-10": "holds",
    "C-12-11": "holds",
    "C-12-12": "holds if",
}

# Other numbers than the measured ones, and what the rule then has to say.
OTHERWISE = [
    ("C-12-1", {"equal": 0.1}, "fails"),
    ("C-12-1", {"plain": 0.0, "norm": 0.0}, "holds"),
    ("C-12-2", {"wait": 1.0, "real": 1.0}, "fails"),
    ("C-12-2", {"real": 1.0}, "not shown"),
    ("C-12-2", {"spare": 5.0}, "holds"),
    ("C-12-3", {"age": 0.5}, "fails"),
    ("C-12-3", {"cost": 1.0}, "not shown"),
    ("C-12-4", {"heavy tail": 0.5}, "fails"),
    ("C-12-4", {"network": 2.0}, "holds"),
    ("C-12-4", {"heavy tail": 1.0}, "not shown"),
    ("C-12-5", {"spread": 2.0, "heavy tail": 2.0}, "holds"),
    ("C-12-5", {"network": 0.5}, "fails"),
    ("C-12-5", {"spread": 2.0}, "not shown"),
    ("C-12-5", {"spread": 2.0, "heavy tail": 2.0, "network": 0.5}, "partly"),
    ("C-12-6", {"large": 1.0}, "fails"),
    ("C-12-6", {"small": 3.0}, "holds"),
    ("C-12-7", {"eight": 0.3}, "fails"),
    ("C-12-7", {"far": 0.9}, "holds"),
    ("C-12-7", {"far": 0.5}, "not shown"),
    ("C-12-8", {"own": 1.5}, "holds"),
    ("C-12-8", {"loss": 1.2}, "not shown"),
    ("C-12-9", {"ratio": 1.0}, "holds"),
    ("C-12-9", {"ratio": 30.0}, "fails"),
    ("C-12-9", {"ratio": 0.1}, "fails"),
    ("C-12-10", {"often": 2.0}, "fails"),
    ("C-12-10", {"seldom": 3.0}, "holds if"),
    ("C-12-11", {"law": 0.1}, "fails"),
    ("C-12-11", {"many": 31.0}, "fails"),
    ("C-12-12", {"unequal": 0.1}, "fails"),
    ("C-12-12", {"norm": 0.0}, "holds"),
]

# These are run again and have to come out the same; the stored ones are the same anyway.
TWICE = ["C-12-1", "C-12-10"]

# The erratum that the chapter has.
ERRATA = ["E18"]
