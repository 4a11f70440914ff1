"""Chapter 2's figures: drawn without a warning, alt text with the finding, nothing cut off."""

import re
import warnings

import numpy as np
import pytest

from course_lib.chapters.ch02_sgd_noise.figures.line_search import line_search_figure
from course_lib.chapters.ch02_sgd_noise.figures.noise_ball import ellipse, radius_figure, sampling_figure
from course_lib.figures.student import bars_figure, lines_figure
from course_lib.surfaces import SURFACES

FIGURES = {
    "sampling": sampling_figure,
    "radius": radius_figure,
    "line_search": lambda: line_search_figure(SURFACES["rosenbrock"], [-1.2, 1.0], 0.01, 0.5, 0.1),
    "at_a_minimum": lambda: line_search_figure(SURFACES["global_minimum"], [0.0, 0.0]),
    "lines": lambda: lines_figure({"a": np.arange(1.0, 9), "b": np.ones(8)}, "step", "distance", log=True),
    "bars": lambda: bars_figure([np.arange(5), np.arange(5, 8)], 8),
}


@pytest.fixture(scope="module", params=FIGURES)
def drawn(request):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure, alt = FIGURES[request.param]()
        figure.canvas.draw()
    return figure, alt


def test_the_alt_text_is_a_sentence_with_numbers(drawn):
    _, alt = drawn
    assert alt.endswith(".") and re.search(r"\d", alt) and 45 < len(alt) < 700
    assert not re.search(r"\bnan\b|\binf\b|np\.", alt)


def test_everything_written_lies_inside_the_figure_and_no_legend_over_data(drawn):
    figure, _ = drawn
    renderer, (width, height) = figure.canvas.get_renderer(), figure.bbox.size
    texts = [text for ax in figure.axes for text in (ax.title, ax.xaxis.label, ax.yaxis.label)]
    for thing in (*(text for text in texts if text.get_text()), *figure.legends):
        box = thing.get_window_extent(renderer)
        assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, thing
    for legend in figure.legends:
        assert not any(legend.get_window_extent(renderer).overlaps(ax.bbox) for ax in figure.axes)


def test_the_ellipse_has_the_covariance_that_it_is_drawn_for():
    covariance = np.array([[2.0, 0.6], [0.6, 0.5]])
    points = ellipse(np.array([1.0, -1.0]), covariance, deviations=2.0) - [1.0, -1.0]
    np.testing.assert_allclose(np.einsum("pi,ij,pj->p", points, np.linalg.inv(covariance), points), 4.0)
    np.testing.assert_allclose(ellipse(np.zeros(2), np.zeros((2, 2))), 0.0)
