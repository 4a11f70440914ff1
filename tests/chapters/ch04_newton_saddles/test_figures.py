"""Chapter 4's figures: their alt texts say what was computed."""

import numpy as np
import pytest

from course_lib.chapters.ch04_newton_saddles.experiments.basins import Basins
from course_lib.chapters.ch04_newton_saddles.experiments.landscape import KIND_EXAMPLES
from course_lib.chapters.ch04_newton_saddles.figures.basins import COLORS, basin_image, basins_figure, percent
from course_lib.chapters.ch04_newton_saddles.figures.landscape import (
    index_figure,
    kind_of_shares,
    kinds_figure,
    shares_figure,
)
from course_lib.chapters.ch04_newton_saddles.figures.second_order import (
    cost_figure,
    round_to_one,
    second_order_race_figure,
    slope_of,
)


def test_kinds_are_named_by_the_hessian_or_by_looking_around():
    _, alt = kinds_figure()
    assert "x y: eigenvalues -1 and 1, saddle by the Hessian" in alt
    assert "x^4 + y^4: eigenvalues 0 and 0, minimum by the samples" in alt
    assert alt.count("by the samples") == 3 == len(KIND_EXAMPLES) - 2


@pytest.mark.parametrize(
    ("shares", "kind"),
    [((1, 0, 0), "minimum"), ((0, 0, 1), "maximum"), ((0.5, 0, 0.5), "saddle"), ((0.5, 0.5, 0), "undecided")],
)
def test_shares_decide_as_the_table_of_the_exercise_says(shares, kind):
    assert kind_of_shares(*shares) == kind
    assert f", {kind}" in shares_figure({"here": shares})[1]


def test_low_critical_points_bend_down_less():
    _, alt = index_figure(dimensions=(6,), num_starts=150)
    low, high = (float(alt.split(word)[0].split()[-1]) for word in (" below a loss", " above 0.3"))
    assert low < 0.4 < 0.6 < high


def test_every_map_of_the_row_says_its_shares():
    _, alt = basins_figure(size=30)
    assert alt.count("Himmelblau") == 4 and alt.count("30 × 30") == 4
    assert "Himmelblau, BFGS: of 30 × 30 starts end 100 % at a minimum." in alt


def test_colours_of_the_map_are_those_of_the_kinds():
    ends = np.zeros((1, 2, 2))
    image = basin_image(Basins(ends, np.array([[1, 4]], np.int8), np.ones((1, 2))))
    for pixel, kind in zip(image[0], ("saddle", "none"), strict=True):
        assert "#" + "".join(f"{value:02X}" for value in pixel) == COLORS[kind]


def test_shares_read_well():
    assert [percent(share) for share in (0, 1, 0.36123, 0.99999)] == ["0", "100 %", "36.1 %", "over 99.9 %"]


def test_the_race_names_everyone_and_no_time():
    _, alt = second_order_race_figure()
    assert "gradient descent over 6000" in alt and alt.endswith("Newton 100.")
    assert "ms" not in alt.split()


def test_the_cost_has_no_measured_time_in_its_words():
    figure, alt = cost_figure()
    assert not any(character.isdecimal() for character in alt.replace("8 n²", ""))
    assert slope_of((1, 2, 4), np.array([1.0, 8.0, 64.0])) == pytest.approx(3)
    assert round_to_one(986) == "1000"
    assert len(figure.axes) == 2
