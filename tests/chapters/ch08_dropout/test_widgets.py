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
from course_lib.widgets.controls import Menu, Slider

QUICK = {"mask_viewer": mask_viewer, "scrubber": lambda: early_stopping_scrubber(num_samples=40)}


def ends_and_middle(control):
    if isinstance(control, Slider):
        return [control.positions[i] for i in (0, -1, len(control.positions) // 2)]
    return [value for value, _ in control.options][:3] if isinstance(control, Menu) else []


@pytest.fixture
def short(monkeypatch):
    """The explorer with 12 epochs instead of 200."""
    defaults = OverfittingExplorer.settings
    monkeypatch.setattr(OverfittingExplorer, "settings", lambda self: defaults(self)._replace(num_epochs=12))


@pytest.mark.parametrize("name", QUICK)
def test_every_control_from_end_to_end_changes_the_picture(name):
    figure = QUICK[name]()
    for control in figure.controls():
        before = getattr(figure, control.trait)
        pictures = {figure.png()}
        for value in ends_and_middle(control):
            setattr(figure, control.trait, value)
            assert figure.problem == "", (control.trait, value)
            assert "nan" not in figure.caption and "inf" not in figure.caption.split()
            pictures.add(figure.png())
        assert len(pictures) > 1, control.trait
        setattr(figure, control.trait, before)


def test_every_control_of_the_explorer_trains_another_net(short):
    figure = overfitting_explorer(width=8, num_samples=40)
    assert figure.join(20)
    said = {figure.caption}
    for control in figure.controls():
        if not ends_and_middle(control):
            continue
        before = getattr(figure, control.trait)
        for value in ends_and_middle(control):
            setattr(figure, control.trait, value)
            assert figure.join(20) and figure.problem == "", (control.trait, value)
            assert "nan" not in figure.caption and "inf" not in figure.caption.split()
            said.add(figure.caption)
        setattr(figure, control.trait, before)
    assert len(said) > 12


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
    (QUICK["scrubber"], {"epoch": 151}),
    (QUICK["scrubber"], {"epoch": -1}),
    (QUICK["scrubber"], {"patience": 0}),
    (QUICK["scrubber"], {"num_samples": 3}),
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
