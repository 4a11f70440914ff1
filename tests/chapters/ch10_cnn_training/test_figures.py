"""Chapter 10's pictures: drawn without warnings, everything inside, alt texts that any machine would give."""

import numpy as np
import pytest

pytest.importorskip("torch")

from course_lib.chapters.ch10_cnn_training.experiments import (
    lenet,
    load_images,
)
from course_lib.chapters.ch10_cnn_training.figures.dashboard import chosen_layers
from course_lib.chapters.ch10_cnn_training.figures.training import (
    guesses,
    picture,
)


@pytest.fixture(scope="module")
def images():
    return load_images("digits", limit=300)


def test_guesses_are_the_networks_own_surest_first_and_leave_it_alone(images):
    network = lenet(seed=0, drop_rate=0.5).train()
    indices, read, sure = guesses(network, images, only_wrong=True)
    assert np.all(read != images.validation.y[indices]) and np.all(np.diff(sure) <= 0) and network.training
    everything, _, _ = guesses(network, images)
    assert sorted(everything) == list(range(len(images.validation.y)))


def test_pictures_have_the_order_that_imshow_takes():
    assert picture(np.arange(64.0).reshape(1, 8, 8)).shape == (8, 8)
    colour = picture(np.random.default_rng(0).normal(size=(3, 4, 5)))
    assert colour.shape == (4, 5, 3) and colour.min() == 0 and colour.max() == 1
    assert not picture(np.ones((1, 2, 2))).any()


def test_five_layers_are_chosen_with_both_ends():
    assert chosen_layers([f"l{i}" for i in range(10)]) == ["l0", "l2", "l4", "l7", "l9"]
    assert chosen_layers(["a", "b"]) == ["a", "b"]
