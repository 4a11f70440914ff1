"""Texts and images drawn quickly are what matplotlib draws: images to the pixel, texts to a pixel's shift."""

from contextlib import nullcontext

import numpy as np
import pytest
from matplotlib.axis import Axis
from matplotlib.text import Text

from course_lib.figures.style import new_figure
from course_lib.widgets.quick import draw, measured_once


def drawn(artist, quickly):
    """The canvas with ``artist`` alone on it; 0 where nothing is."""
    canvas = artist.get_figure(root=True).canvas
    canvas.renderer.clear()
    if quickly:
        draw(artist, canvas.get_renderer())
    else:
        artist.draw(canvas.get_renderer())
    pixels = np.asarray(canvas.buffer_rgba()).astype(int)
    return pixels * (pixels[..., 3:] > 0)


def axes_of(**about):
    figure, axes = new_figure(4, 3)
    axes.set(**about)
    figure.canvas.draw()
    figure.set_layout_engine("none")
    return axes


@pytest.mark.parametrize("origin", ["upper", "lower"])
@pytest.mark.parametrize("extent", [None, (0, 7, 0, 5), (2, 9, 1, 4), (-3, 20, 5, -1)])
@pytest.mark.parametrize("interpolation", ["nearest", "auto"])
def test_an_image_is_the_same_pixel_for_pixel(origin, extent, interpolation):
    axes = axes_of()
    values = np.random.default_rng(0).normal(size=(5, 7))
    image = axes.imshow(values, origin=origin, extent=extent, aspect="auto", interpolation=interpolation)
    axes.set(xlim=(0, 6), ylim=(4.2, -0.5))
    axes.get_figure().canvas.draw()
    differs = (drawn(image, True) != drawn(image, False)).any(axis=-1)
    assert drawn(image, True).any()
    assert differs.mean() < 0.005  # the border of a cell may fall on the next pixel


@pytest.mark.parametrize(
    "about",
    [
        {"ha": "center", "va": "center"},
        {"ha": "right", "va": "top", "rotation": 90},
        {"ha": "left", "va": "bottom", "weight": "bold", "color": "#D55E00", "fontsize": 19},
        {"bbox": {"facecolor": "white", "edgecolor": "black", "boxstyle": "round,pad=0.35", "linewidth": 3.4}},
    ],
)
def test_a_text_is_the_same_but_for_a_pixel(about):
    axes = axes_of(xlim=(0, 1), ylim=(0, 1))
    text = axes.text(0.5, 0.5, "words and $x^2$", **about)
    quick, own = drawn(text, True), drawn(text, False)
    np.testing.assert_allclose(quick.sum(axis=(0, 1)), own.sum(axis=(0, 1)), rtol=0.03, atol=20)  # the ink
    for pixels in (quick[..., 3], own[..., 3]):
        assert pixels.any()
    for axis in (0, 1):
        assert abs(middle(quick[..., 3], axis) - middle(own[..., 3], axis)) < 1


def middle(ink, axis):
    """Where the ink lies along an axis, in pixels."""
    return np.average(np.arange(ink.shape[axis]), weights=ink.sum(axis=1 - axis))


def test_a_word_that_changes_its_look_is_drawn_anew():
    axes = axes_of(xlim=(0, 1), ylim=(0, 1))
    text = axes.text(0.5, 0.5, "7", bbox={"facecolor": "white", "edgecolor": "black", "linewidth": 1})
    seen = [drawn(text, True)]
    for change in (
        lambda: text.set_text("8"),
        lambda: text.set_color("red"),
        lambda: text.set_position((0.2, 0.5)),
        lambda: text.get_bbox_patch().set_linewidth(5),
        lambda: text.set_visible(False),
    ):
        change()
        seen.append(drawn(text, True))
    assert all((one != other).any() for n, one in enumerate(seen) for other in seen[:n])
    assert not seen[-1].any()


def whole(measure):
    """A figure with all that its layout measures, drawn inside ``measure``."""
    figure, axes = new_figure(6, 3, ncols=2)
    axes[0].semilogy(range(1, 9), [10.0**-k for k in range(8)], label="$10^{-k}$")
    axes[0].set(title="two\nlines", xlabel="step", ylabel="loss")
    axes[1].imshow(np.eye(4))
    axes[1].set_title("image", rotation=3, loc="right")
    figure.colorbar(axes[1].images[0], ax=axes[1], label="value")
    figure.legend(loc="outside lower center")
    with measure():
        figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())


def test_what_is_measured_once_lies_where_matplotlib_puts_it():
    first = whole(nullcontext)
    for _ in range(2):
        assert (whole(measured_once) == first).all()
    assert Text._get_layout.__module__ == Axis._update_ticks.__module__.replace("axis", "text") == "matplotlib.text"
