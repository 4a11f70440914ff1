"""Chapter 6's live figures: every control at its least, its most, in between and out of order; no browser needed."""

import time

import numpy as np
import pytest

from course_lib.chapters.ch06_initialisation.experiments import deep_training as training_figures
from course_lib.chapters.ch06_initialisation.experiments.signals import ACTIVATIONS, INITIALIZERS
from course_lib.chapters.ch06_initialisation.figures.signals import SHAPES
from course_lib.chapters.ch06_initialisation.widgets import (
    activations,
    dead_units,
    deep_training_race,
    signals,
    zigzag,
)
from course_lib.chapters.ch06_initialisation.widgets.training import DeadFigure, TrainingFigure

LIVE = {"signals": signals, "activations": activations, "zigzag": zigzag}


@pytest.mark.parametrize(
    ("name", "trait", "value", "sentence"),
    [
        ("signals", "activation", "swish", "There is no activation 'swish'"),
        ("signals", "initializer", "Kaiming", "There is no initialiser 'Kaiming'"),
        ("signals", "scale", float("nan"), "scale"),
        ("signals", "scale", -1.0, "scale"),
        ("signals", "depth", 0, "depth"),
        ("signals", "width", 10_000, "width"),
        ("signals", "shape", "round", "There is no shape 'round'"),
        ("activations", "spread", 0.0, "spread"),
        ("activations", "slope", 7.0, "slope"),
        ("zigzag", "batch_size", 3, "The batch size must be 1, 4, 16 or 64, but it is 3."),
        ("zigzag", "mean", float("inf"), "mean"),
        ("zigzag", "speed", 3.0, "speed"),
    ],
)
def test_a_wrong_value_is_one_sentence_and_changes_nothing(name, trait, value, sentence):
    figure = LIVE[name]()
    before = figure.png(), figure.caption, getattr(figure, trait)
    setattr(figure, trait, value)
    assert sentence in figure.problem
    assert (figure.png(), figure.caption, getattr(figure, trait)) == before
    with pytest.raises(ValueError, match=sentence.split("'")[0]):
        LIVE[name](**{trait: value})


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_histograms_stand_every_corner_of_their_sliders(activation):
    figure = signals(activation)
    corners = ((10.0, 20, 160, 0), (0.1, 20, 8, 1), (10.0, 1, 8, 2), (0.1, 1, 160, 3))
    for initializer, (scale, depth, width, shape) in zip(INITIALIZERS, corners * 2, strict=False):
        figure.set(initializer=initializer, scale=scale, depth=depth, width=width, shape=SHAPES[shape])
        assert figure.problem == ""
        assert f"{depth} layers" in figure.caption


def test_the_histograms_say_what_theory_and_the_draw_have_in_common():
    figure = signals("linear", "normal, 1/√n (LeCun)", scale=1.1, depth=20, width=160)
    assert "theory 6.7" in figure.caption  # 1.1 to the power of 20
    figure.set(activation="relu", initializer="He", scale=1.0)
    assert figure.caption.count("(theory 1)") == 2


def test_a_frame_of_the_histograms_takes_no_longer_than_a_tenth_of_a_second_of_work():
    figure, spent = signals(), []
    for scale in np.geomspace(0.2, 5, 12):
        start = time.thread_time()
        figure.scale = float(scale)
        spent.append(time.thread_time() - start)
    assert np.median(spent) < 0.1  # 0.02 on a quiet machine


def test_the_slope_is_shown_for_prelu_only():
    figure = activations("tanh")
    assert figure.hidden == ["slope"]
    figure.activation = "prelu"
    assert figure.hidden == []


# --- In the background ----------------------------------------------------------------------------------------


def test_dead_units_trains_in_the_background_and_keeps_what_it_found():
    DeadFigure._kept.clear()
    figure = dead_units(learning_rate=0.1)
    assert figure.running and "not reported" in figure.caption
    assert figure.join(60)
    assert "0 % after 12 epochs" in figure.caption
    first = figure.png()
    figure.bias = -50.0
    assert figure.join(60)
    assert "100 % of the hidden units are dead before training, 100 % after" in figure.caption
    figure.bias = 0.0
    assert (figure.running, figure.png()) == (False, first)


def test_setting_a_slider_of_a_training_figure_costs_a_frame_and_no_training():
    figure = dead_units()
    start = time.thread_time()
    for rate in (0.01, 3.0, 0.1, 1.0):
        figure.learning_rate = rate
    assert time.thread_time() - start < 0.6
    figure.stop()
    assert figure.join(10)


@pytest.mark.parametrize("values", [{"learning_rate": -1.0}, {"bias": float("nan")}, {"activation": "tanh"}])
def test_dead_units_names_a_wrong_value(values):
    with pytest.raises(ValueError, match=r"learning_rate|bias|There is no activation"):
        dead_units(**values)


def test_the_race_of_initialisers_shows_two_runs_each(monkeypatch):
    monkeypatch.setattr(TrainingFigure, "num_epochs", 2)
    TrainingFigure._kept.clear()
    figure = deep_training_race(("normal, 0.01", "He"), depth=2)
    assert figure.join(60)
    assert {name: len(runs) for name, runs in figure.payload.items()} == {"normal, 0.01": 2, "He": 2}
    assert "after 2 epochs: normal, 0.01 " in figure.caption
    figure.set(initializers=[], depth=16)
    assert figure.join(60)
    assert figure.caption == "No initialisation is ticked."
    figure.set(initializers=["He"], depth=1, learning_rate=1.0)
    assert figure.join(60)
    assert figure.problem == "" and "1 hidden layer of" in figure.caption
    TrainingFigure._kept.clear()


def test_the_race_can_be_stopped_and_keeps_what_there_is(monkeypatch):
    TrainingFigure._kept.clear()
    told = training_figures.run

    def slow(*args, **values):
        time.sleep(0.05)
        return told(*args, **values)

    monkeypatch.setattr(training_figures, "run", slow)
    figure = deep_training_race(tuple(INITIALIZERS), depth=3)
    while figure.payload is None and figure.running:
        time.sleep(0.01)
    figure.stop()
    assert figure.join(10)
    assert figure.progress < 1 and figure.payload
    assert figure.settings() not in TrainingFigure._kept


def test_the_race_names_a_wrong_value():
    figure = deep_training_race(("He",), depth=1)
    figure.join(60)
    figure.depth = 40
    assert "depth" in figure.problem and figure.depth == 1
    with pytest.raises(ValueError, match="There is no initialiser 'best'"):
        deep_training_race(("best",))
