"""A live figure works without a browser: set a trait, and picture and caption follow."""

import numpy as np
import pytest
import traitlets

from course_lib.figures.style import new_figure
from course_lib.validation import positive
from course_lib.widgets.controls import Menu, Point, Slider, Ticks, description, even_positions, log_positions
from course_lib.widgets.live import LiveFigure


class Parabola(LiveFigure):
    scale = traitlets.Float(1.0).tag(sync=True)
    terms = traitlets.Int(2).tag(sync=True)
    shape = traitlets.Unicode("up").tag(sync=True)
    rebuild_on = ("shape",)
    builds = draws = 0

    def controls(self):
        return (
            Slider("scale", "Scale", log_positions(0.1, 10)),
            Slider("terms", "Terms", (1, 2, 3)),
            Menu("shape", "Shape", (("up", "Up"), ("down", "Down"))),
        )

    def follow(self, changed):
        if "shape" in changed and "scale" not in changed:
            self.scale = 1.0

    def build(self):
        self.builds += 1
        figure, axes = new_figure(4, 3)
        axes.set(xlim=(-1, 1), ylim=(-10, 10), title={"up": "Up", "down": "Down"}[self.shape])
        (self.line,) = axes.plot([], [])
        return figure, [self.line]

    def update(self):
        self.draws += 1
        x = np.linspace(-1, 1, 50)
        self.line.set_data(x, positive("scale", self.scale) * x**self.terms)
        return f"The highest value is {self.scale:.3g}."


def test_a_trait_moves_picture_and_caption_and_the_background_stays():
    figure = Parabola()
    before = figure.png()
    figure.scale = 5.0
    assert figure.png() != before
    assert figure.png().startswith(b"\x89PNG")
    assert figure.caption == "The highest value is 5."
    assert (figure.builds, figure.draws) == (1, 2)


def test_the_same_values_give_the_same_picture_in_any_order():
    figure = Parabola()
    before = figure.png()
    for scale in (10.0, 0.1, 3.0, 1.0):
        figure.scale = scale
    assert figure.png() == before


@pytest.mark.parametrize("bad", [float("nan"), -1.0, 0.0, float("inf")])
def test_a_wrong_value_is_named_and_nothing_else_changes(bad):
    figure = Parabola(scale=2.0)
    before = figure.png(), figure.caption
    figure.scale = bad
    assert figure.problem.startswith("scale must be a finite number larger than 0")
    assert (figure.png(), figure.caption, figure.scale) == (*before, 2.0)
    figure.scale = 3.0
    assert figure.problem == ""
    assert figure.caption == "The highest value is 3."


def test_a_wrong_value_at_the_start_is_an_error():
    with pytest.raises(ValueError, match="scale must be"):
        Parabola(scale=-1.0)


def test_the_background_is_drawn_again_after_a_failed_attempt():
    figure = Parabola()
    figure.set(shape="down", scale=-1.0)
    assert figure.problem and figure.shape == "up"
    up = figure.png()
    figure.shape = "down"
    assert figure.png() != up


def test_traits_that_follow_are_drawn_with_the_one_that_was_set():
    figure = Parabola(scale=4.0)
    draws = figure.draws
    figure.shape = "down"
    assert figure.caption == "The highest value is 1."
    assert figure.draws == draws + 1


def test_several_traits_together_draw_once():
    figure = Parabola()
    figure.set(scale=2.0, terms=3)
    figure.set_state({"scale": 4.0, "terms": 1})  # as the front end sends them
    assert figure.draws == 3
    assert figure.caption == "The highest value is 4."


@pytest.mark.parametrize(
    "trait, text, says",
    [
        ("scale", "fast", "Scale must be a number"),
        ("terms", "1.5", "Terms must be a whole number"),
        ("scale", "", "Scale must be"),
    ],
)
def test_a_typed_word_is_answered_with_a_sentence(trait, text, says):
    figure = Parabola()
    before = figure.png()
    figure._message(figure, {"typed": trait, "text": text}, [])
    assert figure.problem.startswith(says)
    assert figure.png() == before


def test_a_typed_number_need_not_be_on_the_slider():
    figure = Parabola()
    figure._message(figure, {"typed": "scale", "text": "1,234"}, [])
    assert figure.scale == 1.234
    figure._message(figure, {"typed": "scale", "text": "fast"}, [])
    figure._message(figure, {"typed": "scale", "text": "1.234"}, [])  # the value that it has: the sentence goes
    assert figure.problem == ""


def test_the_picture_stands_beside_the_widget_with_its_alt_text():
    figure = Parabola()
    data, metadata = figure._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["image/png"] == figure.png()
    assert metadata["image/png"]["alt"] == figure.caption
    assert data["text/plain"] == "Parabola(scale=1.0, terms=2, shape='up')"  # what nbval compares: no address


def test_a_control_whose_trait_does_not_reach_the_browser_is_an_error():
    class Forgotten(Parabola):
        scale = traitlets.Float(1.0)

    with pytest.raises(TypeError, match=r"\.tag\(sync=True\) after scale"):
        Forgotten()


def test_descriptions_are_plain_data():
    assert description(Point("start", "Start")) == {"kind": "point", "trait": "start", "label": "Start", "axes": (0,)}
    assert description(Ticks("a", "A", ()))["kind"] == "ticks"


def test_positions_are_round_numbers_between_their_ends():
    positions = log_positions(1e-4, 1)
    assert (positions[0], positions[-1], len(positions)) == (1e-4, 1.0, 61)
    assert positions == tuple(sorted(set(positions)))
    assert even_positions(0, 0.9, 4) == (0.0, 0.3, 0.6, 0.9)
