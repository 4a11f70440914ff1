"""If it works, look, for chapter 10: the student's own function trains, evaluates and tests LeNet on the digits."""

import numpy as np

from course_lib.chapters.ch10_cnn_training.experiments import evaluate, lenet, load_images
from course_lib.chapters.ch10_cnn_training.experiments.batches import Batches
from course_lib.chapters.ch10_cnn_training.experiments.tuning import geometric_rates
from course_lib.chapters.ch10_cnn_training.figures.training import guesses_figure
from course_lib.devices import pick_device, require_torch
from course_lib.figures.curves import curves_figure
from course_lib.figures.show import show
from course_lib.torch_nets import residual_class


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


def _best_of_epochs(function):
    """Twelve epochs of LeNet with batchnorm, wrong labels among its digits; which epoch is kept."""
    torch, images, device = require_torch(), load_images("digits", wrong=0.2), pick_device("cpu")
    model = lenet(images.shape, batchnorm=True, seed=0)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    train, validation = list(Batches(images.train, 64, device, seed=1)), list(Batches(images.validation, 100, device))
    given = model, optimizer, torch.nn.CrossEntropyLoss(), train, validation, 12
    losses = np.array([float(loss) for loss in function(*given)])
    curves = {"yours": (np.arange(1, len(losses) + 1), losses)}
    show(curves_figure(curves, "Validation loss, a fifth of the labels wrong", "epoch", "validation loss"))
    kept = evaluate(model, validation).loss
    print(f"the best epoch is not the last one: {losses.argmin() < len(losses) - 1}")
    print(f"the model has the parameters of the best epoch: {abs(kept - losses.min()) < 1e-4}")


def _bytes(function):
    """Memory against the batch size: four convolutions on images of 32 x 32 in colour, Adam."""
    layers, sizes = [(32, 3, 1), (32, 3, 2), (64, 3, 1), (64, 3, 2)], 2 ** np.arange(10)
    found = np.array([[float(part) for part in function((3, 32, 32), layers, int(m), 2)] for m in sizes]) / 2**20
    names = "parameters, gradients, moments", "activations"
    curves = {name: (sizes, line) for name, line in zip(names, found.T, strict=True)}
    show(curves_figure(curves, "Four convolutions, Adam", "batch size", "MiB", log="xy"))
    print(f"a batch of {sizes[-1]} needs {found[-1, 1]:.0f} MiB for activations, {found[-1, 0]:.1f} MiB for the rest")


def _epochs(function):
    """Epochs in a minute against the batch size: 2 ms to start a step, a tenth of a ms for each image."""
    sizes = 2 ** np.arange(10)
    found = np.array([float(function(60.0, 50_000, int(m), 2e-3, 1e-4, 10_000)) for m in sizes])
    show(curves_figure({"epochs": (sizes, found)}, "One minute", "batch size", "epochs that are finished", log="x"))
    print(f"in a minute {found[0]:.0f} epochs with single images, {found[-1]:.0f} with batches of {sizes[-1]}")


def _block(function):
    """A block with the weights of the library's, images of digits, with stride 1 and with stride 2."""
    torch, images = require_torch(), load_images("digits")
    x = torch.as_tensor(images.validation.x[:20], dtype=torch.float32)
    for stride, maps in ((1, 1), (2, 4)):
        torch.manual_seed(stride)
        theirs = residual_class()(1, maps, stride, batchnorm=False)
        for parameter in theirs.parameters():
            if parameter.ndim == 1:
                torch.nn.init.zeros_(parameter)
        w_skip = None if isinstance(theirs.skip, torch.nn.Identity) else theirs.skip[0].weight.detach()
        with torch.no_grad():
            right = theirs(x)
            yours = function(x, theirs.F[0].weight.detach(), theirs.F[2].weight.detach(), w_skip, stride)
        same = "the same as" if torch.allclose(torch.as_tensor(yours), right, atol=1e-5) else "not the same as"
        print(f"stride {stride}: {tuple(yours.shape)}, {same} the library's block")


LOOKS = {
    "10-1": _training,
    "10-2": _evaluation,
    "10-3": _range,
    "10-4": _best_of_epochs,
    "10-5": _bytes,
    "10-6": _epochs,
    "10-8": _block,
}
