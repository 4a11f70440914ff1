"""What comes out of chapter 10's claims; ``tests/kit/claims`` holds the chapter to it."""

VERDICTS = {
    "C-10-1": "not shown",
    "C-10-2": "holds if",
    "C-10-3": "holds",
    "C-10-4": "holds",
    "C-10-5": "fails",
    "C-10-6": "holds if",
    "C-10-7": "holds",
    "C-10-8": "not shown",
    "C-10-9": "holds if",
}

# Other numbers than the measured ones, and what the rule then has to say.
OTHERWISE = [
    ("C-10-1", {"LeNet": 0.98, "LeNet, longer": 0.98, "LeNet with batchnorm": 0.98}, "fails"),
    ("C-10-1", {"LeNet": 0.98, "LeNet, longer": 0.99}, "holds if"),
    ("C-10-1", {"LeNet": 0.99}, "holds"),
    ("C-10-2", {"lead_1": -0.01}, "fails"),
    ("C-10-2", {"lead_1": 0.0}, "not shown"),
    ("C-10-2", {"lead_10": 0.01}, "holds"),
    ("C-10-3", {"ratio": 0.5}, "fails"),
    ("C-10-3", {"ratio": 1.0}, "not shown"),
    ("C-10-4", {"wrong labels": -0.01}, "fails"),
    ("C-10-4", {"wrong labels": 0.0}, "not shown"),
    ("C-10-4", {"more": 0.0}, "not shown"),
    ("C-10-4", {"wrong labels": 0.05, "more": -0.04}, "partly"),
    ("C-10-5", {"lenet": 0.03}, "not shown"),
    ("C-10-5", {"lenet": 0.1, "residual": 0.0}, "holds if"),
    ("C-10-5", {"lenet": 0.1, "residual": 0.1}, "holds"),
    ("C-10-6", {"too small": -0.1, "too large": -0.1}, "fails"),
    ("C-10-6", {"too large": 0.0}, "not shown"),
    ("C-10-6", {"all alike, bn": 0.95}, "holds"),
    ("C-10-7", {"difference": -0.01}, "fails"),
    ("C-10-7", {"difference": 0.0}, "not shown"),
    ("C-10-8", {"SGD": -0.5, "momentum": -0.5, "Adam": -0.5}, "fails"),
    ("C-10-8", {"SGD": 0.0, "momentum": -0.5}, "holds if"),
    ("C-10-8", {"SGD": 0.0, "momentum": 0.0}, "holds"),
    ("C-10-9", {"shifts": -0.05}, "fails"),
    ("C-10-9", {"shifts": 0.0}, "not shown"),
    ("C-10-9", {"mirror images": 0.0}, "holds"),
]

# These are run again and have to come out the same; the others take seconds, with the same seeded functions.
TWICE = ["C-10-1", "C-10-2", "C-10-3", "C-10-4", "C-10-5", "C-10-6", "C-10-7", "C-10-8", "C-10-9"]
