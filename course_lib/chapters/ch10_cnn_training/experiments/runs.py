"""What of chapters 5 to 8 survives on a convolutional network: experiments over seeds, on data that needs no download.

Each function trains many networks and returns plain lists, so that the numbers can be stored; ``seeds`` and
``num_epochs`` make a short version of each.
"""

from dataclasses import replace
from functools import cache

import numpy as np

from course_lib.chapters.ch10_cnn_training.experiments.images import load_images
from course_lib.chapters.ch10_cnn_training.experiments.training import OPTIMIZERS, Settings, train_network
from course_lib.chapters.ch10_cnn_training.experiments.tuning import grid_points, random_points, range_test, search
from course_lib.devices import pick_device
from course_lib.torch_nets import INITIALISATIONS, lenet, residual_net

RATES = tuple(float(f"{rate:.2g}") for rate in np.geomspace(1e-4, 1, 9))
RANGES = {"learning_rate": (1e-4, 1.0), "weight_decay": (1e-7, 1e-3)}


@cache
def _images(name, seed, wrong=0.0):
    return load_images(name, seed, wrong)


def _trained(seed, settings, data="digits", wrong=0.0, make=lenet, **network):
    """``History`` of one run: split, initial weights and order of the samples all come from ``seed``."""
    images = _images(data, seed, wrong)
    net = make(images.shape, seed=seed, **network)
    return train_network(net, images, replace(settings, seed=seed), pick_device("cpu"))


def accuracies(seeds=range(10), num_epochs=10):
    """Test accuracy on the digits: LeNet, LeNet for 2.5 times as long, with batchnorm, residual net.

    The longer training's length and rate were chosen on other seeds, 100 to 109. ``{network: [one a seed]}``.
    """
    longer = round(2.5 * num_epochs)
    kinds = {
        "LeNet": (lenet, {"batchnorm": False}, Settings(num_epochs, learning_rate=0.005)),
        "LeNet, longer": (lenet, {"batchnorm": False}, Settings(longer, learning_rate=0.01)),
        "LeNet with batchnorm": (lenet, {"batchnorm": True}, Settings(num_epochs, learning_rate=0.01)),
        "residual net": (residual_net, {"batchnorm": True}, Settings(num_epochs, learning_rate=0.01)),
    }
    return {
        name: [_trained(s, settings, make=make, **network).accuracy for s in seeds]
        for name, (make, network, settings) in kinds.items()
    }


def optimizers(seeds=range(10, 20), tuning_seeds=range(3), rates=RATES, num_epochs=10, names=OPTIMIZERS):
    """Every optimizer at its own best constant learning rate, LeNet on the digits.

    Returns ``{optimizer: {"rate": best of rates on tuning_seeds, "accuracy": [[one an epoch] a seed]}}``; the seeds
    that choose the rate are not the ones that are reported.
    """
    found = {}
    for name in names:
        settings = Settings(num_epochs, optimizer=name, schedule="constant")
        scores = [
            np.mean([_early(_trained(s, replace(settings, learning_rate=r))) for s in tuning_seeds]) for r in rates
        ]
        best = rates[int(np.argmax(scores))]
        runs = [_trained(s, replace(settings, learning_rate=best)) for s in seeds]
        found[name] = {"rate": best, "accuracy": [_padded(run, num_epochs) for run in runs]}
    return found


def _padded(history, num_epochs):
    """Test accuracy after every epoch; a run that diverged keeps its last one."""
    curve = history.curve("test", "accuracy")
    return curve + [curve[-1]] * (num_epochs - len(curve))


def _early(history):
    """Mean test accuracy over the epochs: rewards being quick and arriving."""
    return float(np.mean(_padded(history, 10)[: len(history.epochs)]))


def normalisation(seeds=range(20, 25), rates=RATES, num_epochs=5):
    """Test accuracy over learning rates, momentum 0.9, LeNet with and without batchnorm.

    Returns ``{"rates": ..., "without": [[one a seed] a rate], "with": ...}``.
    """
    settings = Settings(num_epochs, optimizer="momentum", schedule="constant")
    sweep = {
        name: [[_trained(s, replace(settings, learning_rate=r), batchnorm=on).accuracy for s in seeds] for r in rates]
        for name, on in (("without", False), ("with", True))
    }
    return {"rates": list(rates), **sweep}


def dropout(seeds=range(30, 35), num_epochs=12, drop_rate=0.5, data="mnist5000", wrong=0.2):
    """Test accuracy without and with dropout, on right labels and with a share of wrong ones, LeNet.

    Returns ``{"right labels": {"0": [one a seed], "0.5": ...}, "wrong labels": ...}``.
    """
    settings = Settings(num_epochs, learning_rate=0.003, schedule="constant")
    return {
        name: {
            f"{rate:g}": [_trained(s, settings, data, share, drop_rate=rate).accuracy for s in seeds]
            for rate in (0.0, drop_rate)
        }
        for name, share in (("right labels", 0.0), ("wrong labels", wrong))
    }


def initialisations(seeds=range(40, 45), num_epochs=4):
    """Test accuracy for every initialisation, residual blocks without and with batchnorm, and LeNet.

    Returns ``{network: {initialisation: [one a seed]}}``.
    """
    settings = Settings(num_epochs, optimizer="momentum", learning_rate=0.05, schedule="constant")
    kinds = {
        "LeNet": (lenet, False),
        "LeNet with batchnorm": (lenet, True),
        "residual net without batchnorm": (residual_net, False),
        "residual net with batchnorm": (residual_net, True),
    }
    return {
        network: {
            name: [_trained(s, settings, make=make, batchnorm=on, initialisation=name).accuracy for s in seeds]
            for name in INITIALISATIONS
        }
        for network, (make, on) in kinds.items()
    }


def searches(repeats=20, side=3, num_epochs=3):
    """The best of ``side``^2 trials on a grid (shifted at random) and of as many random ones.

    Returns ``{"grid": [best accuracy a repeat], "random": ..., "rates": {"grid": ..., "random": ...}}``, the last
    one how many different learning rates were tried.
    """
    found = {"grid": [], "random": [], "rates": {"grid": side, "random": side**2}}
    settings = Settings(num_epochs, optimizer="momentum", schedule="constant")
    for repeat in range(repeats):
        rng, images = np.random.default_rng(50 + repeat), _images("digits", 50 + repeat)
        points = {"grid": grid_points(RANGES, side, rng), "random": random_points(RANGES, side**2, rng)}
        for name, tried in points.items():
            trials = search(lambda: lenet(seed=repeat), images, tried, settings, pick_device("cpu"))  # noqa: B023
            found[name].append(max(trial.accuracy for trial in trials))
    return found


def range_tests(seeds=range(60, 65), rates=RATES, num_epochs=4, names=("SGD", "momentum", "Adam")):
    """The rate that the range test names, what it reaches, and what the best rate of a sweep reaches.

    Returns ``{optimizer: {"named": [one a seed], "reached": ..., "tenth": ..., "swept": [[one a seed] a rate]}}``;
    "tenth" is the accuracy at a tenth of the named rate.
    """
    found = {}
    for name in names:
        settings = Settings(num_epochs, optimizer=name, schedule="constant")
        named = [_named(s, replace(settings, seed=s)) for s in seeds]
        swept = [[_trained(s, replace(settings, learning_rate=r)).accuracy for s in seeds] for r in rates]
        reached = {
            label: [
                _trained(s, replace(settings, learning_rate=r * part)).accuracy
                for s, r in zip(seeds, named, strict=True)
            ]
            for label, part in (("reached", 1.0), ("tenth", 0.1))
        }
        found[name] = {"named": named, **reached, "swept": swept}
    return found


def _named(seed, settings):
    """The rate that the range test names."""
    return range_test(lenet(seed=seed), _images("digits", seed), settings, device=pick_device("cpu")).best


EXPERIMENTS = {
    "accuracies": accuracies,
    "optimizers": optimizers,
    "normalisation": normalisation,
    "dropout": dropout,
    "initialisations": initialisations,
    "searches": searches,
    "range_tests": range_tests,
}
