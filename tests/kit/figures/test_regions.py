"""Where a picture may be cut into panels, and what keeps its colours on a dark page."""

import re

import numpy as np
import pytest

from course_lib.figures.regions import around, keep_colours, regions
from course_lib.figures.show import still
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend


def drawn(width=9.0, **subplots):
    figure, axes = new_figure(width, 4, **subplots)
    for number, ax in enumerate(np.atleast_1d(axes).flat):
        ax.plot([0, 1], label=f"line {number}")
        ax.set(title=f"Panel {number}", xlabel="from here to there", ylabel="how much")
    return figure, axes


def finished(figure):
    figure.canvas.draw()
    return regions(figure)


def test_axes_side_by_side_are_panels_and_the_entries_of_their_legend_are_apart():
    figure, axes = drawn(ncols=3)
    outside_legend(figure, *axes)
    where = finished(figure)
    assert len(where["panels"]) == 6
    for ax, (x, y, w, h) in zip(axes, where["panels"], strict=False):
        assert x < ax.bbox.x0 < ax.bbox.x1 < x + w and y == 0 < h
    assert all(h < 60 for *_, h in where["panels"][3:])


def test_axes_below_each_other_stay_one_panel_and_so_does_a_colour_bar_with_its_map():
    figure, _ = drawn(nrows=2)
    assert finished(figure)["panels"] == [[0, 0, 900, 400]]
    figure, (one, _) = drawn(ncols=2)
    figure.colorbar(one.pcolormesh(np.eye(3), cmap="Blues"), ax=one)
    assert len(finished(figure)["panels"]) == 2


def test_a_heading_over_all_panels_is_not_cut():
    figure, _ = drawn(ncols=2)
    figure.suptitle("What both of these say together, in a long sentence over both of them")
    (*_, w, h), *panels = finished(figure)["panels"]
    assert h < 60 and w > 400 and len(panels) == 2


@pytest.mark.parametrize(("cmap", "kept"), [("gray", True), ("viridis", True), ("Blues", False), ("PuOr", False)])
def test_photographs_and_maps_without_white_keep_their_colours(cmap, kept):
    figure, (one, _) = drawn(ncols=2)
    one.imshow(np.eye(3), cmap=cmap)
    assert len(finished(figure)["kept"]) == kept


def test_an_image_in_the_colours_of_classes_goes_with_its_legend():
    figure, (one, _) = drawn(ncols=2)
    one.imshow(np.zeros((3, 3, 3)))
    assert finished(figure)["kept"] == []


def test_colours_that_a_text_names_are_kept_and_lines_of_a_contour_are_no_map():
    figure, (one, other) = drawn(ncols=2)
    one.contour(np.eye(3), colors="#555555")
    assert finished(figure)["kept"] == []
    keep_colours(other)
    (x, *_) = finished(figure)["kept"][0]
    assert x == round(other.bbox.x0)


def test_what_is_kept_is_left_out_of_what_is_recoloured():
    assert around([[500, 0, 10, 10]], [0, 0, 100, 50]) == ""
    outline = around([[80, 10, 40, 20]], [0, 0, 100, 50])  # a part of it lies in the panel
    corners = re.findall(r"([\d.]+)% ([\d.]+)%", outline)
    assert ("80.00", "20.00") in corners and ("100.00", "60.00") in corners and "evenodd" in outline


def test_a_panel_of_a_stored_picture_shows_its_part():
    where = {"size": [1000, 400], "dpi": 100, "panels": [[600, 0, 400, 400]], "kept": []}
    html = still("a.png", "two lines", where)
    assert 'alt="two lines"' in html and "background-size:250.00% 100.00%;background-position:100.00% 0.00%" in html
    assert "min-width:240px" in html and "url(a.png)" in html
