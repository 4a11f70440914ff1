"""The part that needs a card: a residual net on 32 x 32 colour images. Without a card: a tenth of it.

CIFAR-10 where its folder is on this machine, else ten painted shapes of that size.
"""

from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch10_cnn_training.experiments.hardware import native
from course_lib.chapters.ch10_cnn_training.experiments.images import Images, load_images, split_and_standardised
from course_lib.chapters.ch10_cnn_training.experiments.settings import Settings
from course_lib.chapters.ch10_cnn_training.experiments.throughput import images_a_second
from course_lib.chapters.ch10_cnn_training.experiments.training import train_network
from course_lib.chapters.ch10_cnn_training.experiments.transforms import RandomFlip, RandomShift
from course_lib.data import DataNotFound, colour_shapes
from course_lib.torch_nets import residual_net

SHAPE = (3, 32, 32)


class Work(NamedTuple):
    """How much is trained: training images, feature maps of the first block, epochs, batch size."""

    num_images: int
    width: int
    num_epochs: int
    batch_size: int


WHOLE = Work(40_000, 64, 8, 256)
TENTH = Work(4_000, 8, 8, 64)  # of the images; and an eighth of the width, a 64th of the products


class Trained(NamedTuple):
    """The network, its images, its history, and the ``Work`` that was done."""

    network: object
    images: Images
    history: object
    work: Work


def colour_images(num_images, seed=0):
    """``Images`` of 3 x 32 x 32: CIFAR-10 if its folder is here (nothing is downloaded), else painted shapes."""
    try:
        return load_images("cifar10", seed, limit=num_images, download=False)
    except DataNotFound:
        rng = np.random.default_rng(seed)
        return split_and_standardised("colour shapes", colour_shapes(round(num_images / 0.7), rng), rng)


def colour_net(work, seed=0):
    """The residual net of ``work.width``, for colour images."""
    return residual_net(SHAPE, width=work.width, seed=seed)


def seconds_needed(work, device, precision="float32"):
    """Seconds that ``work`` takes on ``device``, from a few timed steps on 64 random images: training alone."""
    rate = images_a_second(colour_net(work), SHAPE, 64, device, precision, channels_last=True, seconds=0.1)
    return work.num_images * work.num_epochs / rate


def settings_for(work, device, images):
    """16 bits on a card, float32 on the CPU; shifts, and mirror images of photographs only."""
    augment = (RandomShift(4), RandomFlip()) if images.name == "cifar10" else (RandomShift(4),)
    card = device.type == "cuda"
    half = "bfloat16" if native("bfloat16", device) else "float16"
    return Settings(
        num_epochs=work.num_epochs,
        batch_size=work.batch_size,
        precision=half if card else "float32",
        channels_last=card,
        augment=augment,
    )


def train_in_colour(device, whole=WHOLE, tenth=TENTH, say=print, **more):
    """Train on colour images and return ``Trained``: all on a card, a tenth on the CPU, which says what all takes.

    ``more``: arguments of ``train_network`` (``on_epoch``, ``should_stop``).
    """
    work = whole if device.type == "cuda" else tenth
    if work is tenth:
        say(
            f"{whole.num_images:,} images, {whole.width} feature maps, {whole.num_epochs} epochs would take about "
            f"{seconds_needed(whole, device):.0f} s on this CPU: a tenth of the images and {tenth.width} feature maps."
        )
    images = colour_images(work.num_images)
    network = colour_net(work)
    history = train_network(network, images, settings_for(work, device, images), device, say=say, **more)
    return Trained(network, images, history, work)
