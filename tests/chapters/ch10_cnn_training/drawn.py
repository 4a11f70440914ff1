"""How ``tests/kit/figures`` draws those of chapter 10 that need arguments, or take long by themselves."""

import numpy as np

from course_lib.chapters.ch10_cnn_training.experiments import (
    RandomFlip,
    RandomShift,
    Settings,
    grid_points,
    lenet,
    load_images,
    random_points,
    range_test,
    residual_net,
    train_network,
)
from course_lib.chapters.ch10_cnn_training.experiments.tuning import Trial
from course_lib.chapters.ch10_cnn_training.figures.inside import (
    changed_figure,
    evidence_figure,
    filters_figure,
    maps_figure,
)
from course_lib.chapters.ch10_cnn_training.figures.training import (
    guesses_figure,
    history_figure,
    range_figure,
    search_figure,
    throughput_figure,
)
from course_lib.devices import pick_device

RANGES = {"learning_rate": (1e-4, 1.0), "weight_decay": (1e-6, 1e-2)}


def _images():
    return load_images("digits", limit=300)


def _searches():
    rng = np.random.default_rng(0)
    points = {"grid": grid_points(RANGES, 3, rng), "random": random_points(RANGES, 9, rng)}
    return {name: [Trial(values, rng.uniform()) for values in tried] for name, tried in points.items()}


def _range():
    test = range_test(lenet(seed=0), _images(), Settings(optimizer="Adam"), num_steps=40, device=pick_device("cpu"))
    return range_figure({"Adam": test, "again": test}, "both find 1 place")


def _history():
    runs = {name: train_network(lenet(seed=0), _images(), Settings(2), pick_device("cpu")) for name in ("one", "other")}
    return history_figure(runs, "Title", "2 epochs")


def _colour(make):
    return make((3, 8, 8), seed=0)


FIGURES = {
    "changed": lambda: changed_figure(_images(), {"shifts": RandomShift(1), "mirror images": RandomFlip()}),
    "evidence": lambda: evidence_figure(lenet(seed=0), _images(), count=4, side=3),
    "evidence names": lambda: evidence_figure(lenet(seed=0), _images(), names=[f"crescent {i}" for i in range(10)]),
    "filters": lambda: filters_figure(lenet(seed=0), lenet(seed=1)),
    "filters colour": lambda: filters_figure(_colour(residual_net), _colour(residual_net)),
    "maps": lambda: maps_figure(lenet(seed=0), _images().validation.x[0], "3"),
    "guesses": lambda: guesses_figure(lenet(seed=0), _images()),
    "guesses wrong": lambda: guesses_figure(lenet(seed=0), _images(), title="1 net", only_wrong=True),
    "history": _history,
    "range": _range,
    "search": lambda: search_figure(_searches()),
    "throughput": lambda: throughput_figure({"float32": {1: 100.0, 16: 900.0, 64: 0.0}}, "LeNet on 28 x 28"),
}
