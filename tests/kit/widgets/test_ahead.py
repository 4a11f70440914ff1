"""What is drawn ahead of the hand: stages of the next choices, and nothing that a run would have to wait for."""

import pytest

from course_lib.chapters.ch01_backprop.widgets import graph_stepper
from course_lib.chapters.ch05_adaptive.widgets import adaptive_race
from course_lib.chapters.ch06_initialisation.widgets import deep_training_race
from course_lib.widgets import ahead as aheads
from course_lib.widgets.ahead import ahead, choices, nearest
from course_lib.widgets.stage import Stage, Wings


@pytest.fixture
def drawn(monkeypatch):
    """How many stages have been drawn."""
    stages = []
    first = Stage.__init__
    monkeypatch.setattr(Stage, "__init__", lambda self, *args: (stages.append(self), first(self, *args))[1])
    monkeypatch.setattr(aheads, "REST", 0.0)
    return stages


def test_the_choices_nearest_to_the_present_one_come_first():
    assert nearest(["a", "b", "c", "d"], "b") == ["a", "c", "d"]
    assert nearest(list(range(20)), 10) == [9, 11, 8, 12, 7, 13, 6, 14]


def test_a_choice_that_was_drawn_ahead_needs_no_new_stage_and_looks_as_it_would_have(drawn):
    figure, other = graph_stepper(), graph_stepper()
    at = figure.settings_of_controls()
    ahead(figure)
    for values in choices(other, at):
        before = len(drawn)
        figure.set(**values)
        assert len(drawn) == before
        other.set(**values)
        assert figure.png() == other.png() and figure.caption == other.caption and not figure.problem
        figure.set(**at)
        other.set(**at)


def test_the_figure_stands_as_it_stood(drawn):
    figure = graph_stepper()
    at, picture = figure.settings_of_controls(), figure.png()
    ahead(figure)
    assert figure.settings_of_controls() == at and figure.png() == picture


def test_a_figure_that_the_hand_has_left_lets_go_of_most_stages(drawn):
    left, near = adaptive_race(), graph_stepper()
    ahead(left)
    assert len(left.wings._aside) > Wings.LEFT
    ahead(near)
    assert len(left.wings._aside) <= Wings.LEFT and len(near.wings._aside) > 0


def test_no_run_is_made_ahead(drawn, monkeypatch):
    figure = deep_training_race()
    figure.stop()
    figure.join(10)
    monkeypatch.setattr(type(figure), "work", lambda *_: pytest.fail("a run was made"))
    ahead(figure)


def test_a_hand_that_comes_near_starts_it_and_a_new_stage_starts_it_anew(drawn, monkeypatch):
    begun = []
    monkeypatch.setattr("course_lib.widgets.live.ahead_later", begun.append)
    figure = graph_stepper()
    figure.set(
        graph=next(value["graph"] for value in choices(figure, figure.settings_of_controls()) if "graph" in value)
    )
    assert begun == []
    figure._message(figure, {"near": True}, [])
    figure.set(mode="forward")
    figure.set(graph=graph_stepper().graph)
    assert begun == [figure, figure]


def test_a_reel_has_its_next_choices_and_their_sweeps(drawn, monkeypatch):
    figure, other = adaptive_race(), adaptive_race()
    ahead(figure)
    before, surface = len(drawn), figure.controls()[0].options[1][0]
    with monkeypatch.context() as patch:
        patch.setattr(type(figure), "sweep", lambda *_: pytest.fail("a sweep was made"))
        figure.set(surface=surface)
    assert len(drawn) == before
    other.set(surface=surface)
    assert figure.png() == other.png() and figure.caption == other.caption and figure.step == other.step
