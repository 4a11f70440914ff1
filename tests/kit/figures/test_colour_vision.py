"""The palette and the colour maps for those who see colours otherwise."""

import re
from importlib import import_module
from itertools import combinations

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import Colormap

from course_lib.figures.style import PALETTE
from course_lib.tools.notebook_tools import ROOT
from tests.kit.figures.colour_vision import APART, SEEN, apart, lab


def maps():
    """``{name: Colormap}`` of those that a figure or a live figure names in its code."""
    found = {}
    for path in sorted((ROOT / "course_lib").rglob("*.py")):
        for text in re.findall(r"cmap=([\w\"]+)", path.read_text(encoding="utf-8")):
            name = text.strip('"')
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            value = name if text != name else getattr(import_module(module), name, None)  # a text, or a constant
            if isinstance(value, str | Colormap):
                found[name] = matplotlib.colormaps[value] if isinstance(value, str) else value
    return found


MAPS = maps()


def test_the_simulation_is_that_of_its_authors():
    for seen in SEEN.values():
        assert seen.sum(axis=1) == pytest.approx(np.ones(3), abs=2e-6)  # greys stay greys
    assert lab("white") == pytest.approx([100, 0, 0], abs=0.01) and lab("black") == pytest.approx([0, 0, 0], abs=0.01)
    assert lab("red") == pytest.approx([53.24, 80.09, 67.20], abs=0.01)
    red, green = "#cc3333", "#5a7a1e"
    assert np.linalg.norm(lab(red) - lab(green)) > 3 * apart(red, green)


def test_all_colours_of_the_palette_can_be_told_apart_by_everybody():
    assert min(apart(*pair) for pair in combinations(PALETTE, 2)) >= 1.5 * APART


def test_the_maps_of_figures_are_found():
    assert {"Blues", "HEIGHT", "SIGNS", "PuOr_r"} <= set(MAPS)


@pytest.mark.parametrize("name", MAPS)
@pytest.mark.parametrize("vision", SEEN)
def test_a_map_goes_one_way_in_lightness_or_has_two_ends_that_differ(name, vision):
    shades = [lab(MAPS[name](at), vision) for at in np.linspace(0, 1, min(9, MAPS[name].N))]
    lightness = np.array([shade[0] for shade in shades])
    steps = np.diff(lightness)
    if np.all(steps > 0) or np.all(steps < 0):
        assert np.ptp(lightness) > 30
        return
    middle = np.argmax(lightness)
    assert 3 <= middle <= 5 and np.all(steps[:middle] > 0) and np.all(steps[middle:] < 0)
    for low, high in zip(shades[:3], reversed(shades[-3:]), strict=True):
        assert np.linalg.norm(low - high) > APART
