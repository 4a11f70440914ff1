"""What comes out of chapter 5's claims; ``tests/kit/claims`` holds the chapter to it."""

VERDICTS = {
    "C-05-1": "holds if",
    "C-05-2": "fails",
    "C-05-3": "fails",
    "C-05-4": "holds if",
    "C-05-5": "fails",
    "C-05-6": "holds if",
    "C-05-7": "holds if",
    "C-05-8": "fails",
    "C-05-9": "fails",
    "C-05-10": "partly",
    "C-05-11": "holds if",
    "C-05-12": "partly",
    "C-05-13": "holds if",
    "C-05-14": "holds if",
    "C-05-15": "holds if",
    "C-05-16": "fails",
    "C-05-17": "holds if",
    "C-05-18": "holds",
    "C-05-19": "partly",
}

# Other numbers than the measured ones, and what the rule then has to say.
OTHERWISE = [
    ("C-05-1", {"small": -0.1}, "fails"),
    ("C-05-1", {"tuned": 0.5}, "holds"),
    ("C-05-2", {"tied": 0.1}, "holds"),
    ("C-05-3", {"spread": 2.0, "digits_1": 120.0}, "holds"),
    ("C-05-4", {"exact": 0.1}, "fails"),
    ("C-05-4", {"down": 0.0}, "holds"),
    ("C-05-5", {"ratio": 0.1}, "holds"),
    ("C-05-6", {"even": 0.01}, "fails"),
    ("C-05-6", {"strong": 9.0}, "holds"),
    ("C-05-7", {"normal": 0.5}, "fails"),
    ("C-05-7", {"heavy": 0.062}, "not shown"),
    ("C-05-7", {"normal": 0.001, "heavy": 0.001}, "holds"),
    ("C-05-8", {"first": 1.0}, "holds"),
    ("C-05-9", {"adam": 0.0}, "holds"),
    ("C-05-10", {"rmsprop": 0.1}, "fails"),
    ("C-05-10", {"order": 0.0, "correction": 0.0}, "holds"),
    ("C-05-11", {"noise_0": 0.1}, "holds"),
    ("C-05-11", {"noise_0.03": 1.0, "noise_0.3": 1.0, "noise_1": 1.0}, "fails"),
    ("C-05-12", {"way_rmsprop_0": 9.0, "width_rmsprop_0": 0.1}, "fails"),
    ("C-05-12", {"width_rmsprop_0": 3.0, "width_rmsprop_45": 3.0}, "holds"),
    ("C-05-13", {"adagrad": -1.0}, "fails"),
    ("C-05-13", {"adagrad_even": 9.0}, "holds"),
    ("C-05-14", {"worst": -1.0}, "holds"),
    ("C-05-14", {"usual": 0.9}, "fails"),
    ("C-05-15", {"axis": 0.5}, "fails"),
    ("C-05-15", {"turned": 5.0}, "holds"),
    ("C-05-16", {"steps": -9.0, "clock": -1.0}, "holds"),
    ("C-05-16", {"steps": -9.0}, "partly"),
    ("C-05-17", {"rmsprop_kept": -0.1, "adam_kept": -0.1}, "fails"),
    ("C-05-17", {"adam_kept": -0.1}, "not shown"),
    ("C-05-17", {"adam_own": 0.2}, "holds"),
    ("C-05-18", {"gain": -0.5}, "fails"),
    ("C-05-19", {"ftrl": 99.0}, "fails"),
    ("C-05-19", {"proximal": 10.0}, "holds"),
    ("C-05-19", {"useful": 50.0}, "not shown"),
]

# These are run again and have to come out the same; the others take seconds, with the same seeded functions.
TWICE = ["C-05-2", "C-05-11", "C-05-17"]

# Numbers that a closed form gives: claim, name of the deviation, how large it may be.
CLOSE = [
    ("C-05-1", "theory", 0.05),
    ("C-05-3", "theory", 1e-9),
    ("C-05-4", "exact", 1e-12),
    ("C-05-5", "deviation", 0.03),
    ("C-05-6", "theory", 0.01),
    ("C-05-8", "theory", 1e-11),
    ("C-05-9", "theory", 1e-12),
    ("C-05-9", "sgd", 1e-11),
    ("C-05-10", "rmsprop", 1e-12),
]

# The errata that the chapter has.
ERRATA = ["E32", "E33", "E34", "E35", "E36", "E37", "E38", "E40", "E41", "E42", "E43"]
