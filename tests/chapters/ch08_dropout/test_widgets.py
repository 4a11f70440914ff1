"""Chapter 8's live figures without a browser: every control from end to end, in any order, stopped and started."""

import time

import numpy as np
import pytest

from course_lib.chapters.ch08_dropout.figures.masks import NUM_MASKS
from course_lib.chapters.ch08_dropout.widgets import (
    OverfittingExplorer,
    early_stopping_scrubber,
    mask_viewer,
    overfitting_explorer,
)


def scrubber():
    return early_stopping_scrubber(num_samples=40)


@pytest.fixture
def short(monkeypatch):
    """The explorer with 12 epochs instead of 200."""
    defaults = OverfittingExplorer.settings
    monkeypatch.setattr(OverfittingExplorer, "settings", lambda self: defaults(self)._replace(num_epochs=12))


def test_the_order_in_which_values_are_set_does_not_matter(short):
    values = {"width": 16, "drop_rate": 0.5, "label_noise": 0.3, "patience": 5}
    captions = set()
    for order in (list(values), list(values)[::-1]):
        figure = overfitting_explorer(num_samples=40)
        for name in order:
            setattr(figure, name, values[name])
        assert figure.join(20)
        captions.add(figure.caption)
    assert len(captions) == 1


def test_a_training_can_be_stopped_and_what_it_reached_stays():
    figure = overfitting_explorer(num_samples=1000, width=200)
    for _ in range(200):
        if figure.progress > 0:
            break
        time.sleep(0.05)
    figure.stop()
    assert figure.join(20) and not figure.running
    assert 0 < figure.progress < 1 and "of 200 epochs" in figure.caption


def test_a_setting_that_was_trained_comes_back_at_once(short):
    figure = overfitting_explorer(num_samples=40, width=4)
    assert figure.join(20)
    said = figure.caption
    figure.width = 16
    assert figure.join(20) and figure.caption != said
    figure.width = 4
    assert figure.caption == said and not figure.running


@pytest.mark.parametrize(("patience", "ends"), [(1, True), (150, False)])
def test_the_line_where_patience_runs_out_is_drawn_where_it_does(patience, ends):
    figure = early_stopping_scrubber(num_samples=40, patience=patience)
    figure.png()
    assert (len(figure.end.get_xdata()) > 0) == ends == ("never runs out" not in figure.caption)


def test_many_samples_are_drawn_smaller_than_few():
    figure = early_stopping_scrubber(num_samples=40)
    figure.png()
    few = [artist.get_markersize() for artist in figure.plane[1:]]
    figure.num_samples = 300
    figure.png()
    many = [artist.get_markersize() for artist in figure.plane[1:]]
    assert all(after < before for before, after in zip(few, many, strict=True))


WRONG = [
    (mask_viewer, {"drop_rate": 1.0}),
    (mask_viewer, {"drop_rate": float("nan")}),
    (mask_viewer, {"masks": 0}),
    (mask_viewer, {"masks": NUM_MASKS + 1}),
    (mask_viewer, {"form": "twice"}),
    (scrubber, {"epoch": 151}),
    (scrubber, {"epoch": -1}),
    (scrubber, {"patience": 0}),
    (scrubber, {"num_samples": 3}),
    (overfitting_explorer, {"width": 0}),
    (overfitting_explorer, {"width": 4000}),
    (overfitting_explorer, {"drop_rate": 1.0}),
    (overfitting_explorer, {"l2_penalty": -1.0}),
    (overfitting_explorer, {"label_noise": 0.9}),
]


@pytest.mark.parametrize(("make", "values"), WRONG, ids=lambda value: str(value) if isinstance(value, dict) else "")
def test_a_wrong_value_is_named_and_the_old_one_stays(make, values, short):
    figure = make()
    if hasattr(figure, "join"):
        figure.join(20)
    before = figure.caption
    figure.set(**values)
    assert figure.problem
    (name,) = values
    assert getattr(figure, name) != values[name] and figure.caption == before


def test_more_masks_bring_the_mean_closer_to_inference():
    def off(masks):
        said = mask_viewer(0.5, masks).caption
        return abs(float(said.split("at inference ")[1].split(",")[0]) - 1)

    assert np.mean([off(m) for m in (400, 450, 500)]) < np.mean([off(m) for m in (1, 2, 3, 4)])


def test_a_frame_takes_little_once_the_figure_stands():
    figure = mask_viewer()
    start = time.process_time()
    for masks in range(1, 21):
        figure.masks = masks
    assert (time.process_time() - start) / 20 < 0.06
