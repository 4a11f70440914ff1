"""What comes out of chapter 7's claims; ``tests/kit/claims`` holds the chapter to it."""

VERDICTS = {
    "C-07-1": "holds if",
    "C-07-2": "partly",
    "C-07-3": "holds",
    "C-07-4": "holds if",
    "C-07-5": "holds",
    "C-07-6": "holds",
    "C-07-7": "fails",
    "C-07-8": "holds",
}

# Other numbers than the measured ones, and what the rule then has to say.
OTHERWISE = [
    ("C-07-1", {"spread": 0.9}, "fails"),
    ("C-07-1", {"change": 0.9}, "fails"),
    ("C-07-1", {"change": 1.0}, "not shown"),
    ("C-07-1", {"local": 1.5}, "holds"),
    ("C-07-2", {"calm": 0.5}, "fails"),
    ("C-07-2", {"lost": 0.4}, "holds"),
    ("C-07-2", {"lost": 0.15}, "not shown"),
    ("C-07-2", {"jumps": 0.5}, "not shown"),
    ("C-07-3", {"gap_1": 0.0}, "fails"),
    ("C-07-3", {"gap_1": 0.3}, "not shown"),
    ("C-07-3", {"gap_2": 0.0}, "holds if"),
    ("C-07-3", {"group_large": 0.2}, "not shown"),
    ("C-07-4", {"gradient": 0.1}, "fails"),
    ("C-07-4", {"after": 0.0}, "holds"),
    ("C-07-5", {"ratio": 0.5}, "fails"),
    ("C-07-5", {"ratio": 1.0}, "not shown"),
    ("C-07-5", {"best": 0.9}, "partly"),
    ("C-07-6", {"angle": 0.1}, "fails"),
    ("C-07-6", {"growth": 1.0}, "holds if"),
    ("C-07-7", {"shallow": 1.5, "deep": 1.5}, "holds"),
    ("C-07-7", {"deep": 1.5}, "holds if"),
    ("C-07-7", {"shallow": 1.0, "deep": 1.0}, "not shown"),
    ("C-07-8", {"group": 0.1}, "fails"),
    ("C-07-8", {"batch": 0.0}, "holds if"),
]

# These are run again and have to come out the same; the others take seconds, with the same seeded functions.
TWICE = ["C-07-3", "C-07-4", "C-07-6"]

# The errata that the chapter has.
ERRATA = ["E47", "E48", "E49"]
