"""On a dark page lightness is turned round by one filter: text and lines are read as well as on white."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

import course_lib
from course_lib.figures.show import page_css
from course_lib.figures.style import PALETTE
from tests.kit.figures.colour_vision import APART, apart, linear

HOME = Path(course_lib.__file__).parent
FILTER = re.compile(r"invert\(([\d.]+)\) hue-rotate\(180deg\) brightness\(([\d.]+)\)")
HALF_TURN = np.array([[-0.574, 1.430, 0.144], [0.426, 0.430, 0.144], [0.426, 1.430, -0.856]])  # Filter Effects 1, 180°
ENOUGH = 4.5  # WCAG 2.2, 1.4.3: of text to its ground


def at_night(color):
    """A colour as the filter of ``page.css`` shows it."""
    inverted, bright = map(float, FILTER.search(page_css()).groups())
    turned = np.clip(HALF_TURN @ (inverted + (1 - 2 * inverted) * np.array(to_rgb(color))), 0, 1)
    return to_hex(np.clip(turned * bright, 0, 1))


def contrast(one, other):
    """WCAG's contrast of two colours, from 1 to 21."""
    low, high = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def test_white_becomes_the_ground_of_dark_pages_and_black_is_read_on_it():
    assert contrast(at_night("white"), "#121212") < 1.05
    assert contrast(at_night("black"), at_night("white")) > 15


@pytest.mark.parametrize("color", PALETTE)
def test_a_word_in_a_colour_of_the_palette_is_read(color):
    assert contrast(at_night(color), at_night("white")) >= ENOUGH


def test_colours_stay_apart_for_everybody():
    assert min(apart(at_night(one), at_night(other)) for one, other in combinations(PALETTE, 2)) > APART


def test_hues_stay():
    def hue(color):
        red, green, blue = to_rgb(color)
        return np.degrees(np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue))

    for color in PALETTE:
        assert abs((hue(at_night(color)) - hue(color) + 180) % 360 - 180) < 40, color


@pytest.mark.parametrize("name", ["tools/jupyter/custom/custom.css", "tools/book/static/book.css"])
def test_stored_pictures_are_recoloured_like_live_ones(name):
    assert FILTER.findall((HOME / name).read_text(encoding="utf-8")) == FILTER.findall(page_css())
