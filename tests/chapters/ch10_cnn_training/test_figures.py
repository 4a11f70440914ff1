"""Chapter 10's pictures: drawn without warnings, everything inside, alt texts that any machine would give."""

import warnings

import numpy as np
import pytest

pytest.importorskip("torch")

from course_lib.chapters.ch10_cnn_training.experiments import (
    Settings,
    grid_points,
    lenet,
    load_images,
    random_points,
    range_test,
    train_network,
)
from course_lib.chapters.ch10_cnn_training.experiments.tuning import Trial
from course_lib.chapters.ch10_cnn_training.figures.dashboard import chosen_layers
from course_lib.chapters.ch10_cnn_training.figures.training import (
    guesses,
    guesses_figure,
    history_figure,
    picture,
    range_figure,
    search_figure,
    throughput_figure,
)
from course_lib.devices import pick_device

CPU = pick_device("cpu")
RANGES = {"learning_rate": (1e-4, 1.0), "weight_decay": (1e-6, 1e-2)}


@pytest.fixture(scope="module")
def images():
    return load_images("digits", limit=300)


def _searches():
    rng = np.random.default_rng(0)
    points = {"grid": grid_points(RANGES, 3, rng), "random": random_points(RANGES, 9, rng)}
    return {name: [Trial(values, rng.uniform()) for values in tried] for name, tried in points.items()}


def _range(images):
    return range_test(lenet(seed=0), images, Settings(optimizer="Adam"), num_steps=40, device=CPU)


FIGURES = {
    "guesses": lambda images: guesses_figure(lenet(seed=0), images, only_wrong=True),
    "history": lambda images: history_figure(
        {"a": train_network(lenet(seed=0), images, Settings(2), CPU)}, "Title", "the finding"
    ),
    "range": lambda images: range_figure({"Adam": _range(images), "again": _range(images)}, "the finding"),
    "search": lambda images: search_figure(_searches()),
    "throughput": lambda images: throughput_figure({"float32": {1: 100.0, 16: 900.0, 64: 0.0}}, "LeNet"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_everything_written_lies_inside_and_the_alt_text_holds_no_measured_digits(images, name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure, alt = FIGURES[name](images)
        figure.canvas.draw()
    assert alt.endswith(".") and 30 < len(alt) < 400 and "0." not in alt
    renderer, (width, height) = figure.canvas.get_renderer(), figure.bbox.size
    for ax in figure.axes:
        for text in (ax.title, ax.xaxis.label, ax.yaxis.label):
            box = text.get_window_extent(renderer)
            if text.get_text() and ax.axison:
                assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, text


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
