"""The training dashboard of chapter 10: a convolutional network learns in the background while its curves grow."""

from functools import lru_cache
from typing import NamedTuple

import traitlets

from course_lib.chapters.ch10_cnn_training.experiments import (
    NETWORKS,
    OPTIMIZERS,
    Settings,
    load_images,
    train_network,
)
from course_lib.chapters.ch10_cnn_training.figures.dashboard import (
    NUM_IMAGES,
    chosen_layers,
    draw_dashboard,
    move_dashboard,
)
from course_lib.chapters.ch10_cnn_training.figures.training import guesses
from course_lib.devices import pick_device, require_torch
from course_lib.torch_nets import INITIALISATIONS, weighted_layers
from course_lib.validation import count, fraction, in_range
from course_lib.widgets.background import BackgroundFigure
from course_lib.widgets.controls import Menu, Progress, Slider, Ticks, log_positions

DATA = {
    "digits": ("digits", 0.0),
    "digits, 20 % wrong labels": ("digits", 0.2),
    "MNIST, 5 000 images": ("mnist5000", 0.0),
    "MNIST, 20 % wrong labels": ("mnist5000", 0.2),
}
SHORT = ("digits", "digits, noisy", "MNIST", "MNIST, noisy")  # what the menu has room for
MOST_EPOCHS = 40


@lru_cache(maxsize=4)
def _images(data):
    name, wrong = DATA[data]
    return load_images(name, seed=0, wrong=wrong)


class Payload(NamedTuple):
    """What a run reports: its history, the number of wrong images, and some of them ``(image, label, read)``."""

    history: object
    num_wrong: int
    wrong: tuple


class TrainingDashboard(BackgroundFigure):
    """A network in training; make it with ``training_dashboard``.

    Attributes:
        network: "LeNet" or "residual net".
        data: a name in ``DATA``.
        optimizer: one of ``cnn.OPTIMIZERS``.
        learning_rate, num_epochs: of the run; the learning rate is constant.
        switches: "batchnorm" and "dropout", those that are on.
        initialisation: one of ``cnn.INITIALISATIONS``.
    """

    network = traitlets.Unicode("LeNet").tag(sync=True)
    data = traitlets.Unicode("digits").tag(sync=True)
    optimizer = traitlets.Unicode("momentum").tag(sync=True)
    learning_rate = traitlets.Float(0.03).tag(sync=True)
    num_epochs = traitlets.Int(10).tag(sync=True)
    switches = traitlets.List(traitlets.Unicode()).tag(sync=True)
    initialisation = traitlets.Unicode(INITIALISATIONS[0]).tag(sync=True)

    rebuild_on = ("network", "data", "num_epochs", "switches")
    filmed = ("optimizer", "learning_rate", "initialisation")  # a page is written in minutes, not in hours

    def controls(self):
        return (
            Menu("network", "Network", _options(NETWORKS)),
            Menu("data", "Images", tuple(zip(DATA, SHORT, strict=True))),
            Menu("optimizer", "Optimizer", _options(OPTIMIZERS)),
            Menu("initialisation", "Weights at first", _options(INITIALISATIONS)),
            Ticks("switches", "With", (("batchnorm", "batchnorm"), ("dropout", "dropout 0.5"))),
            Slider("learning_rate", "Learning rate", log_positions(1e-4, 1, 41)),
            Slider("num_epochs", "Epochs", tuple(range(1, 21))),
            Progress(label="Training"),
        )

    def check(self):
        require_torch()  # said before a run begins
        for trait, choices in (
            ("network", NETWORKS),
            ("data", DATA),
            ("optimizer", OPTIMIZERS),
            ("initialisation", INITIALISATIONS),
        ):
            if getattr(self, trait) not in choices:
                raise ValueError(f"{trait} must be one of {', '.join(choices)}, but it is {getattr(self, trait)!r}.")
        unknown = set(self.switches) - {"batchnorm", "dropout"}
        if unknown:
            raise ValueError(f"There is no switch {unknown.pop()!r}: take batchnorm and dropout.")
        in_range("Learning rate", self.learning_rate, 1e-6, 100)
        in_range("Epochs", count("Epochs", self.num_epochs), 1, MOST_EPOCHS)

    def settings(self):
        return (
            self.network,
            self.data,
            self.optimizer,
            self.learning_rate,
            self.num_epochs,
            tuple(sorted(self.switches)),
            self.initialisation,
        )

    def work(self, settings, report, stopped):
        network, data, optimizer, learning_rate, num_epochs, switches, initialisation = settings
        images, net = _images(data), _network(network, data, switches, initialisation)
        chosen = Settings(num_epochs, optimizer=optimizer, learning_rate=learning_rate, schedule="constant")
        last = None

        def on_epoch(history):
            nonlocal last
            indices, read, _ = guesses(net, images, only_wrong=True)
            few = zip(indices[:NUM_IMAGES], read[:NUM_IMAGES], strict=True)
            shown = tuple((images.validation.x[i], int(images.validation.y[i]), int(guess)) for i, guess in few)
            last = Payload(history, len(indices), shown)
            report(last, len(history.epochs) / num_epochs)

        train_network(net, images, chosen, pick_device(), on_epoch, stopped, say=lambda text: None)
        return last

    def build(self):
        names = list(weighted_layers(_network(self.network, self.data, self.switches, self.initialisation)))
        self.layers = chosen_layers(names)
        figure, self.artists = draw_dashboard(self.layers, self.num_epochs, _images(self.data).shape)
        return figure, list(self.artists.values())

    def update(self):
        history = self.payload.history if self.payload else None
        move_dashboard(self.artists, history, self.payload.wrong if self.payload else (), self.layers)
        return self._text()

    def _text(self):
        """The finding in words."""
        extras = f" with {' and '.join(sorted(self.switches))}" if self.switches else ""
        what = f"{self.network}{extras} on {self.data}, {self.optimizer}, learning rate {self.learning_rate:.3g}"
        if self.payload is None:
            return f"{what}: training has begun."
        history, size = self.payload.history, len(_images(self.data).validation.y)
        done = len(history.epochs)
        if history.diverged:
            return f"{what}: the loss left the numbers in epoch {done}; take a smaller learning rate."
        last = history.epochs[-1]
        return (
            f"{what}: after {done} of {self.num_epochs} epochs {last.validation.accuracy:.1%} of {size} validation "
            f"images are right, {self.payload.num_wrong} wrong; training "
            f"loss {last.train.loss:.3g}, validation loss {last.validation.loss:.3g}."
        )


def _options(names):
    return tuple((name, name) for name in names)


def _network(network, data, switches, initialisation):
    drop_rate = fraction("drop_rate", 0.5 if "dropout" in switches else 0.0)
    return NETWORKS[network](
        _images(data).shape,
        batchnorm="batchnorm" in switches,
        drop_rate=drop_rate,
        initialisation=initialisation,
        seed=0,
    )


def training_dashboard(network="LeNet", data="digits", **values):
    """Return the live training dashboard: choose, and watch the network learn; the button stops it.

    Shown are loss and accuracy (training and validation), the norm of the gradient in five layers, and the images that
    the network gets wrong, the surest first. Training runs in the background, on a card where there is one; finished
    runs are kept, so that going back to a setting shows it at once.

    Raises:
        ValueError: a value that cannot be.
        PyTorchMissing: PyTorch is not installed.
    """
    return TrainingDashboard(network=network, data=data, **values)
