"""What comes out of chapter 8's claims; ``tests/kit/claims`` holds the chapter to it."""

VERDICTS = {
    "C-08-1": "holds",
    "C-08-2": "holds if",
    "C-08-3": "holds if",
    "C-08-4": "fails",
    "C-08-5": "partly",
    "C-08-6": "holds if",
    "C-08-7": "holds if",
    "C-08-8": "holds if",
    "C-08-9": "holds if",
    "C-08-10": "holds",
}

# Other numbers than the measured ones, and what the rule then has to say.
OTHERWISE = [
    ("C-08-1", {"deviation": 0.1}, "fails"),
    ("C-08-1", {"linear": 0.1}, "holds if"),
    ("C-08-1", {"scaled": 0.7}, "fails"),
    ("C-08-1", {"scaled": 0.98}, "not shown"),
    ("C-08-2", {"deviation": 0.5}, "fails"),
    ("C-08-2", {"double": 1.0, "zero": 1.0}, "holds"),
    ("C-08-2", {"double": 0.5}, "fails"),
    ("C-08-10", {"hidden": 0.3}, "fails"),
    ("C-08-10", {"inputs": 0.0}, "not shown"),
    ("C-08-10", {"hidden_mini": 0.1}, "holds if"),
    ("C-08-3", {"linear": 0.1}, "fails"),
    ("C-08-3", {"softmax": 0.0, "relu": 0.0}, "holds"),
    ("C-08-4", {"fit": 1.0}, "holds"),
    ("C-08-4", {"fit": 2.0}, "fails"),
    ("C-08-5", {"gain": -0.1}, "fails"),
    ("C-08-5", {"gain": 0.0}, "not shown"),
    ("C-08-5", {"dead": -0.1}, "holds"),
    ("C-08-6", {"formula": 0.1}, "fails"),
    ("C-08-6", {"dropout_low": 0.2}, "holds"),
    ("C-08-6", {"dropout_high": 1.5}, "fails"),
    ("C-08-7", {"formula": 0.1}, "fails"),
    ("C-08-7", {"order": 0.5}, "fails"),
    ("C-08-7", {"flat": 0.5}, "fails"),
    ("C-08-7", {"all": 0.0}, "holds"),
    ("C-08-8", {"few": -0.1}, "fails"),
    ("C-08-8", {"few": 0.0}, "not shown"),
    ("C-08-8", {"clean": 0.1, "many": 0.1, "narrow": 0.1}, "holds"),
    ("C-08-9", {"gain": -0.1}, "fails"),
    ("C-08-9", {"gain": 0.0}, "not shown"),
    ("C-08-9", {"missed": 0.0}, "holds"),
]

# These are run again and have to come out the same; the others take seconds, with the same seeded functions.
TWICE = ["C-08-1", "C-08-2", "C-08-3", "C-08-6", "C-08-7"]

# The errata that the chapter has.
ERRATA = ["E5", "E50"]
