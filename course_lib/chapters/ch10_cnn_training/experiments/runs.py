"""What of chapters 5 to 8 survives on a convolutional network: experiments over seeds, on data that needs no download.

Every arm trains at its own best learning rate for the horizon that is named. The rate is chosen on the *validation*
images of the tuning seeds; what is reported is the accuracy on the *test* images of other seeds. Each function trains
many networks and returns plain lists, so that the numbers can be stored; ``seeds``, ``rates`` and ``num_epochs`` make
a short version of each.
"""

from dataclasses import replace
from functools import cache

import numpy as np

from course_lib.chapters.ch10_cnn_training.experiments.counted import (
    best_of_random,
    best_on_grids,
    expected_different,
    values_between,
)
from course_lib.chapters.ch10_cnn_training.experiments.images import load_images
from course_lib.chapters.ch10_cnn_training.experiments.settings import OPTIMIZERS, Settings
from course_lib.chapters.ch10_cnn_training.experiments.training import score_on_test, train_network
from course_lib.chapters.ch10_cnn_training.experiments.transforms import RandomFlip, RandomShift
from course_lib.chapters.ch10_cnn_training.experiments.tuning import range_test
from course_lib.devices import pick_device
from course_lib.torch_nets import lenet, residual_net

FACTOR = 1.5  # between the rates of a grid: finer than the effects that are looked for


def rates_between(lowest, highest):
    """Learning rates from ``lowest`` on, each ``FACTOR`` times the one before."""
    number = round(np.log(highest / lowest) / np.log(FACTOR)) + 1
    return tuple(float(f"{lowest * FACTOR**k:.3g}") for k in range(number))


RATES = rates_between(0.0001, 2.0)
EDGE_RATES = rates_between(0.03, 1.2)
NAMES = tuple(name for name in OPTIMIZERS if name != "AdamW")  # without decay it is Adam
FEWER = 400  # training images of an experiment about what more of them would give
FEW = 1200  # training images of an experiment about learning by heart
COARSE = 3  # steps of the grid that a first look takes


@cache
def _images(name, seed, wrong=0.0, num_train=None):
    images = load_images(name, seed, wrong)
    return images._replace(train=images.train.take(slice(num_train)))


def _trained(seed, settings, data="digits", wrong=0.0, num_train=None, make=lenet, **network):
    """``(history, test accuracy)`` of one run: split, initial weights and order of the samples come from ``seed``."""
    images = _images(data, seed, wrong, num_train)
    net = make(images.shape, seed=seed, **network)
    history = train_network(net, images, replace(settings, seed=seed), pick_device("cpu"))
    return history, score_on_test(net, images).accuracy


def _tested(seed, settings, **run):
    return _trained(seed, settings, **run)[1]


def _own_rate(rates, seeds, settings, **run):
    """The rate with the best mean accuracy on the validation images at the end; a coarse look, then its neighbours."""

    @cache
    def score(rate):
        return np.mean([_trained(s, replace(settings, learning_rate=rate), **run)[0].accuracy for s in seeds])

    middle = rates.index(max(rates[COARSE // 2 :: COARSE] or rates, key=score))
    return max(rates[max(middle - COARSE + 1, 0) : middle + COARSE], key=score)


def _at_own_rate(rates, tuning_seeds, seeds, settings, **run):
    """``{"rate": chosen on tuning_seeds, "accuracy": [on the test images, one a seed]}``."""
    rate = _own_rate(rates, tuning_seeds, settings, **run)
    return {"rate": rate, "accuracy": [_tested(s, replace(settings, learning_rate=rate), **run) for s in seeds]}


def accuracies(seeds=range(10), tuning_seeds=range(100, 103), rates=RATES, num_epochs=10):
    """The digits: LeNet, LeNet for 2.5 times as long, with batchnorm, residual net; Adam, one cycle.

    Returns ``{network: {"rate": ..., "accuracy": [one a seed]}}``.
    """
    kinds = {
        "LeNet": (num_epochs, {"batchnorm": False}),
        "LeNet, longer": (round(2.5 * num_epochs), {"batchnorm": False}),
        "LeNet with batchnorm": (num_epochs, {"batchnorm": True}),
        "residual net": (num_epochs, {"batchnorm": True, "make": residual_net}),
    }
    return {
        name: _at_own_rate(rates, tuning_seeds, seeds, Settings(length), **run) for name, (length, run) in kinds.items()
    }


def optimizers(seeds=range(10, 20), tuning_seeds=range(3), rates=RATES, horizons=(1, 10), names=NAMES):
    """Every optimizer at its own best constant learning rate for each horizon, LeNet on the digits.

    Returns ``{optimizer: {epochs: {"rate": ..., "accuracy": [one a seed]}}}``. AdamW without decay is Adam.
    """
    return {
        name: {
            str(epochs): _at_own_rate(rates, tuning_seeds, seeds, Settings(epochs, optimizer=name, schedule="constant"))
            for epochs in horizons
        }
        for name in names
    }


def normalisation(seeds=range(20, 30), rates=EDGE_RATES, num_epochs=5):
    """Training loss of the last epoch over learning rates, momentum 0.9, LeNet with and without batchnorm.

    Returns ``{"rates": ..., "without": [[one a seed] a rate], "with": ...}``; ``None`` for a loss that is no number.
    """
    settings = Settings(num_epochs, optimizer="momentum", schedule="constant")

    def loss(seed, rate, on):
        history, _ = _trained(seed, replace(settings, learning_rate=rate), batchnorm=on)
        return None if history.diverged else history.epochs[-1].train.loss

    sweep = {
        name: [[loss(s, r, on) for s in seeds] for r in rates] for name, on in (("without", False), ("with", True))
    }
    return {"rates": list(rates), **sweep}


LABELS = {"right labels": 0.0, "wrong labels": 0.2}  # share that is wrong


def dropout(
    seeds=range(30, 38),
    tuning_seeds=(130,),
    rates=RATES[:11],
    num_epochs=30,
    data="mnist5000",
    labels=LABELS,
    drop_rates=(0.0, 0.5),
):
    """Without and with dropout 0.5, on right labels and with a share of wrong ones, LeNet, Adam at a constant rate.

    Few images (``FEW``) for many epochs: there is time to learn wrong labels by heart.
    Returns ``{"right labels": {"0": {"rate": ..., "accuracy": [one a seed]}, "0.5": ...}, "wrong labels": ...}``.
    """
    settings = Settings(num_epochs, schedule="constant")
    return {
        name: {
            f"{rate:g}": _at_own_rate(
                rates, tuning_seeds, seeds, settings, data=data, wrong=share, num_train=FEW, drop_rate=rate
            )
            for rate in drop_rates
        }
        for name, share in labels.items()
    }


CHANGES = {"none": (), "shifts": (RandomShift(2),), "mirror images": (RandomFlip(),)}


def augmentation(seeds=range(70, 80), tuning_seeds=(170,), rates=RATES[5:14], num_epochs=30, changes=CHANGES):
    """Few images of MNIST, as they are, shifted by up to two pixels, or mirrored; LeNet, Adam at a constant rate.

    Returns ``{change: {"rate": ..., "accuracy": [one a seed]}}``.
    """
    settings = Settings(num_epochs, schedule="constant")
    return {
        name: _at_own_rate(
            rates, tuning_seeds, seeds, replace(settings, augment=augment), data="mnist5000", num_train=FEWER
        )
        for name, augment in changes.items()
    }


KINDS = {
    "LeNet": ({"make": lenet, "batchnorm": False}, ("He", "1/n", "too small", "too large", "all alike")),
    "LeNet with batchnorm": ({"make": lenet, "batchnorm": True}, ("He", "too small", "too large", "all alike")),
    "residual net without batchnorm": ({"make": residual_net, "batchnorm": False}, ("He", "1/n")),
}


def initialisations(seeds=range(40, 50), tuning_seeds=(140,), rates=RATES[3:19], num_epochs=4, kinds=KINDS):
    """Initialisations, each at its own best rate, momentum 0.9: LeNet without and with batchnorm, residual net without.

    Returns ``{network: {initialisation: {"rate": ..., "accuracy": [one a seed]}}}``.
    """
    settings = Settings(num_epochs, optimizer="momentum", schedule="constant")
    return {
        network: {
            name: _at_own_rate(rates, tuning_seeds, seeds, settings, initialisation=name, **run) for name in schemes
        }
        for network, (run, schemes) in kinds.items()
    }


SPACE = {"learning_rate": (1e-4, 1.0, 24), "weight_decay": (1e-7, 1e-3, 6)}  # lowest, highest, values between them


def searches(seeds=range(50, 60), space=SPACE, side=3, num_epochs=3):
    """Every point of a space of learning rates and weight decays is trained; then all searches are counted out.

    So no luck of the search is left, but that of the seed: its split, initial weights and order of the samples. What is
    chosen is chosen on the validation images; what is returned is test accuracy, expected over ties and draws:
    ``{"grid": [[one for each place of the grid] a seed], "random": [one a seed], "rates": {"grid": ..., "random":
    ...}}``, the last one how many different learning rates a search tries.
    """
    axes = [values_between(*axis) for axis in space.values()]
    found = {"grid": [], "random": [], "rates": {"grid": side, "random": expected_different(len(axes[0]), side**2)}}
    for seed in seeds:
        points = [[_point(seed, rate, decay, num_epochs) for decay in axes[1].tolist()] for rate in axes[0].tolist()]
        validation, tested = np.moveaxis(np.array(points), -1, 0)
        found["grid"].append(best_on_grids(validation, tested, side))
        found["random"].append(best_of_random(validation, tested, side**2))
    return found


def _point(seed, rate, decay, num_epochs):
    """``(validation accuracy, test accuracy)`` at one point of the space; momentum 0.9."""
    settings = Settings(num_epochs, optimizer="momentum", learning_rate=rate, weight_decay=decay, schedule="constant")
    history, tested = _trained(seed, settings)
    return history.accuracy, tested


def range_tests(
    seeds=range(60, 70), tuning_seeds=range(160, 162), rates=RATES, num_epochs=4, names=("SGD", "momentum", "Adam")
):
    """The rate that one range test names, what it reaches, and what the best rate of a sweep reaches.

    Returns ``{optimizer: {"named": [one a seed], "reached": ..., "tenth": ..., "rate": chosen, "best": ...}}``; each
    of "reached", "tenth" (of the named rate) and "best" has one test accuracy a seed.
    """
    found = {}
    for name in names:
        settings = Settings(num_epochs, optimizer=name, schedule="constant")
        best = _at_own_rate(rates, tuning_seeds, seeds, settings)
        named = [
            range_test(lenet(seed=s), _images("digits", s), replace(settings, seed=s), device=pick_device("cpu")).best
            for s in seeds
        ]
        reached = {
            label: [_tested(s, replace(settings, learning_rate=r * part)) for s, r in zip(seeds, named, strict=True)]
            for label, part in (("reached", 1.0), ("tenth", 0.1))
        }
        found[name] = {"named": named, **reached, "rate": best["rate"], "best": best["accuracy"]}
    return found


EXPERIMENTS = {
    "accuracies": accuracies,
    "optimizers": optimizers,
    "normalisation": normalisation,
    "dropout": dropout,
    "augmentation": augmentation,
    "initialisations": initialisations,
    "searches": searches,
    "range_tests": range_tests,
}
