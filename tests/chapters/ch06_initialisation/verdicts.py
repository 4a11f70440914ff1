"""What comes out of chapter 6's claims; ``tests/kit/claims`` holds the chapter to it."""

VERDICTS = {
    "C-06-1": "holds if",
    "C-06-2": "holds if",
    "C-06-3": "holds if",
    "C-06-4": "holds if",
    "C-06-5": "holds if",
    "C-06-6": "holds if",
    "C-06-7": "holds if",
    "C-06-8": "partly",
}

# Other numbers than the measured ones, and what the rule then has to say.
OTHERWISE = [
    ("C-06-1", {"linear": 1.5}, "fails"),
    ("C-06-1", {"relu": 1.0, "tanh": 1.0}, "holds"),
    ("C-06-2", {"hundred": 1.0}, "holds"),
    ("C-06-2", {"hundred": 3.0}, "fails"),
    ("C-06-3", {"xavier_forward": 1.0}, "holds"),
    ("C-06-3", {"lecun_forward": 0.5}, "fails"),
    ("C-06-4", {"linear": 0.5}, "fails"),
    ("C-06-4", {"normal": 0.9}, "fails"),
    ("C-06-4", {"rank": 40.0}, "holds"),
    ("C-06-5", {"tied": 17.0}, "fails"),
    ("C-06-5", {"lasting": 10.0}, "fails"),
    ("C-06-5", {"noisy": 1.0}, "fails"),
    ("C-06-5", {"one_by_one": 0.0}, "holds"),
    ("C-06-6", {"deep": 0.0}, "fails"),
    ("C-06-6", {"shallow": 0.4, "long": 0.4}, "holds"),
    ("C-06-7", {"one": 0.9}, "fails"),
    ("C-06-7", {"all": 0.9}, "holds"),
    ("C-06-7", {"loss_all": -20.0}, "holds"),
    ("C-06-8", {"large": 0.0}, "fails"),
    ("C-06-8", {"biased": -0.1}, "holds"),
    ("C-06-8", {"biased": 0.0}, "not shown"),
    ("C-06-8", {"loss": 2.3}, "not shown"),
]

# These are run again and have to come out the same; the others take seconds, with the same seeded functions.
TWICE = ["C-06-3", "C-06-4", "C-06-7"]

# The errata that the chapter has.
ERRATA = ["E9", "E34 (symmetry)", "E44", "E45", "E46"]
