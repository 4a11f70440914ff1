"""What comes out of chapter 10's claims; ``tests/kit/claims`` holds the chapter to it."""

VERDICTS = {
    "C-10-1": "holds if",
    "C-10-2": "holds if",
    "C-10-3": "holds if",
    "C-10-4": "holds",
    "C-10-5": "fails",
    "C-10-6": "holds if",
    "C-10-7": "holds if",
    "C-10-8": "holds if",
}

# Other numbers than the measured ones, and what the rule then has to say.
OTHERWISE = [
    ("C-10-1", {"LeNet with batchnorm": 0.98, "LeNet, longer": 0.98}, "fails"),
    ("C-10-1", {"LeNet with batchnorm": 0.98}, "holds if"),
    ("C-10-1", {"LeNet, longer": 0.98}, "holds if"),
    ("C-10-1", {"LeNet": 0.99}, "holds"),
    ("C-10-2", {"early": -0.01}, "fails"),
    ("C-10-2", {"late": 0.01}, "holds"),
    ("C-10-3", {"range_bn": 2.0}, "fails"),
    ("C-10-3", {"largest": 3.2}, "holds"),
    ("C-10-4", {"wrong labels": 0.0}, "fails"),
    ("C-10-4", {"right labels": -0.01}, "holds if"),
    ("C-10-5", {"lenet": 0.01}, "holds if"),
    ("C-10-5", {"lenet": 0.01, "residual": 0.01}, "holds"),
    ("C-10-6", {"too small, bn": 0.5}, "fails"),
    ("C-10-6", {"too large, bn": 0.95, "all alike, bn": 0.95}, "holds"),
    ("C-10-7", {"difference": -0.01}, "fails"),
    ("C-10-7", {"difference": 0.01}, "holds"),
    ("C-10-8", {"SGD, tenth": -0.5}, "fails"),
    ("C-10-8", {"SGD": 0.0, "momentum": 0.0}, "holds"),
]

# These are run again and have to come out the same; the others take seconds, with the same seeded functions.
TWICE = ["C-10-1", "C-10-2", "C-10-3", "C-10-4", "C-10-5", "C-10-6", "C-10-7", "C-10-8"]
