"""The quick encoder writes PNGs that others read, and blitting shows what a full draw shows."""

import io

import numpy as np
import pytest
from matplotlib.image import imread

from course_lib.figures.style import new_figure
from course_lib.widgets.stage import Stage, Wings, encode_png


def decoded(png):
    return np.round(imread(io.BytesIO(png), format="png") * 255).astype(np.uint8)


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 13, 3), (40, 30, 4)])
def test_another_decoder_reads_the_same_pixels(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    np.testing.assert_array_equal(decoded(encode_png(pixels)), pixels[..., :3])


def staged():
    figure, axes = new_figure(4, 3)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    (line,) = axes.plot([], [], color="black", linewidth=5)
    return figure, line, Stage(figure, [line])


def test_blitting_shows_what_a_full_draw_shows():
    figure, line, stage = staged()
    line.set_data([0.1, 0.9], [0.1, 0.8])
    blitted = decoded(stage.png())
    line.set_animated(False)
    figure.canvas.draw()
    np.testing.assert_array_equal(blitted, np.asarray(figure.canvas.buffer_rgba())[..., :3])


def test_nothing_of_the_picture_before_is_left():
    _, line, stage = staged()
    empty = stage.png()
    line.set_data([0, 1], [0, 1])
    assert stage.png() != empty
    line.set_data([], [])
    assert stage.png() == empty == stage.background_png()


def test_boxes_say_where_the_axes_lie():
    figure, _, stage = staged()
    (box,) = stage.boxes["axes"]
    height = stage.boxes["size"][1]
    x, y = figure.axes[0].transData.transform((0.25, 0.75))
    assert x == pytest.approx(box["left"] + 0.25 * (box["right"] - box["left"]))
    assert height - y == pytest.approx(box["bottom"] + 0.75 * (box["top"] - box["bottom"]))


class Owner:
    """What a figure is to its stages: ``build`` gives it attributes."""

    def __init__(self):
        self.stage = self.line = self.drawn = None
        self.builds = []

    def build(self):
        self.builds.append(object())
        _, self.line, self.stage = staged()
        self.drawn = self.builds[-1]


def test_a_stage_that_was_drawn_before_comes_back_as_it_was():
    owner, wings = Owner(), Wings()
    wings.change(vars(owner), "a", owner.build)
    owner.line.set_data([0, 1], [0, 1])
    first, picture = (owner.stage, owner.line, owner.drawn), owner.stage.png()
    wings.change(vars(owner), "b", owner.build)
    assert owner.stage is not first[0] and owner.stage.png() != picture
    wings.change(vars(owner), "a", owner.build)
    assert (owner.stage, owner.line, owner.drawn) == first
    assert owner.stage.png() == picture
    assert len(owner.builds) == 2


def test_what_a_twin_has_drawn_need_not_be_drawn_again():
    owner, twin = Owner(), Owner()
    wings, of_twin = Wings(), Wings()
    wings.change(vars(owner), "a", owner.build)
    for key in "abc":
        of_twin.change(vars(twin), key, twin.build)
    wings.take_over(of_twin)
    wings.change(vars(owner), "b", lambda: pytest.fail("it is there"))
    assert owner.drawn is twin.builds[1] and owner.stage.png()
