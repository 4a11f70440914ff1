"""If it works, look, for chapter 10: the student's own function trains, evaluates and tests LeNet on the digits."""

import numpy as np

from course_lib.chapters.ch10_cnn_training.experiments import evaluate, lenet, load_images
from course_lib.chapters.ch10_cnn_training.experiments.batches import Batches
from course_lib.chapters.ch10_cnn_training.experiments.tuning import geometric_rates
from course_lib.chapters.ch10_cnn_training.figures.training import guesses_figure
from course_lib.devices import pick_device, require_torch
from course_lib.figures.curves import curves_figure
from course_lib.figures.show import show


def _loaded(batch_size=64):
    """LeNet, the digits in batches for training and for validation, and the loss function."""
    torch, images, device = require_torch(), load_images("digits"), pick_device("cpu")
    train = list(Batches(images.train, batch_size, device, seed=1))
    return lenet(seed=0), train, list(Batches(images.validation, 100, device)), torch.nn.CrossEntropyLoss(), images


def _training(function):
    """Three epochs with the student's step."""
    model, train, validation, loss_function, _ = _loaded()
    optimizer = require_torch().optim.Adam(model.parameters(), lr=0.005)
    losses = [float(function(model, optimizer, loss_function, x, y)) for _ in range(3) for x, y in train]
    finding = f"it starts at {losses[0]:.1f} and ends below {_rounded_up(max(losses[-10:]))}"
    steps = {"your steps": (range(1, len(losses) + 1), losses)}
    show(curves_figure(steps, "Training loss, LeNet on the digits", "step", "loss of the batch", finding=finding))
    print(f"more than 80 % of the validation digits right: {evaluate(model, validation).accuracy > 0.8}")


def _rounded_up(value):
    """The next of 0.5, 1, 2, 4, 8, ...: says little enough to be the same on every machine."""
    edge = 0.5
    while edge < value:
        edge *= 2
    return f"{edge:g}"


def _evaluation(function):
    """The student's scores beside the library's, in batches of several sizes."""
    model, _, _, loss_function, images = _loaded()
    for batch_size in (270, 100, 7):
        batches = list(Batches(images.validation, batch_size, pick_device("cpu")))
        loss, accuracy = map(float, function(model, loss_function, batches))
        right = evaluate(model, batches)
        same = abs(loss - right.loss) < 1e-5 and abs(accuracy - right.accuracy) < 1e-9
        print(f"batches of {batch_size}: {'the same as' if same else 'not the same as'} the library's")
    _draw_guesses(model, images)


def _draw_guesses(model, images):
    show(guesses_figure(model, images, count=12, title="An untrained LeNet's guesses"))


def _range(function):
    """The student's range test beside the library's, momentum on the digits."""
    model, train, _, loss_function, _ = _loaded()
    optimizer = require_torch().optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    batches = (train * 5)[:100]
    rates, losses, best = function(model, optimizer, loss_function, batches, 1e-4, 10.0)
    own = {"your losses": (rates, losses)}
    finding = f"your best rate lies between 0.001 and 1: {0.001 < float(best) < 1}"
    title = "Range test, LeNet on the digits, momentum 0.9"
    show(curves_figure(own, title, "learning rate", "loss of the batch", log="x", finding=finding))
    right = geometric_rates(1e-4, 10.0, 100)[: len(rates)]
    print(f"rates as the library's: {bool(np.allclose(rates, right, rtol=1e-9))}")
    print(f"stopped before the end: {len(losses) < 100}")


LOOKS = {"10-1": _training, "10-2": _evaluation, "10-3": _range}
