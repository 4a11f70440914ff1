"""A figure shown in a notebook carries its finding three times: alt text, plain text, caption."""

import base64
import re
from html import escape
from io import BytesIO

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from course_lib.figures.show import png, show
from course_lib.figures.student import lines_figure
from course_lib.figures.style import PALETTE, line_style, new_figure
from course_lib.figures.trajectories import race_figure
from course_lib.optimizers import SGD
from course_lib.run import descend
from course_lib.surfaces import SURFACES

ALT = "The line rises from 0 to 1 " + "and nobody knows why, " * 8 + "but 1 < 2."


@pytest.fixture
def shown(monkeypatch):
    calls = []
    monkeypatch.setattr("IPython.display.display", lambda *args, **kwargs: calls.append((args, kwargs)))
    figure, ax = new_figure()
    ax.plot([0, 1])
    show((figure, ALT))
    return [(data, about["metadata"]) for (data,), about in calls]


def test_the_picture_has_the_alt_text(shown):
    (data, about), _ = shown
    assert data["image/png"].startswith(b"\x89PNG")
    assert data["text/plain"] == about["image/png"]["alt"] == ALT


def test_the_caption_is_text_that_the_page_breaks_and_plain_text_that_is_broken_between_words(shown):
    _, (data, about) = shown
    assert about["tags"] == ["caption"]
    (said,) = re.findall(r"<p[^>]*>(.*)</p>", data["text/html"])
    assert said == escape(ALT) and "\n" not in said
    assert data["text/plain"].split() == ALT.split() and max(map(len, data["text/plain"].splitlines())) <= 110


@pytest.mark.parametrize("template", ["lab", "classic"])
def test_what_nbconvert_writes_has_the_caption_and_where_its_template_reads_it_the_alt_text(shown, template):
    from nbconvert import HTMLExporter
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    outputs = []
    for data, metadata in shown:
        if "image/png" in data:
            data = {**data, "image/png": base64.b64encode(data["image/png"]).decode()}
        outputs.append(new_output("display_data", data=data, metadata=metadata))
    cell = new_code_cell("show(figure)")
    cell.outputs = outputs
    html, _ = HTMLExporter(template_name=template).from_notebook_node(new_notebook(cells=[cell]))
    assert escape(ALT) in re.sub("<img[^>]*>", "", html)
    if template == "classic":  # the template "lab" reads no alt text at all: there the caption has to do
        assert f'alt="{escape(ALT)}"' in html


def test_the_same_figure_gives_the_same_bytes():
    def draw():
        figure, ax = new_figure()
        ax.plot([0, 1])
        return png(figure)

    assert draw() == draw()


COLOURS = '[colours]\naccent = "#7a1f3d"\nbackground = "#fff8e8"\ntext = "#1d1a45"\n'


def test_the_colours_of_course_toml_are_those_of_figures(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    (tmp_path / "course.toml").write_text(COLOURS, encoding="utf-8")
    runs = {name: descend(SURFACES["rosenbrock"], SGD(0.001), [-1.0, 1.0], 5) for name in ("one", "other")}
    for figure, _ in (lines_figure({"one": np.arange(3.0)}, "step", "f"), race_figure(SURFACES["rosenbrock"], runs)):
        figure.axes[-1].text(0.5, 0.5, "words")
        figure.axes[-1].text(0.5, 0.6, "own", color="#d55e00")
        pixels = np.asarray(Image.open(BytesIO(png(figure))).convert("RGB")).reshape(-1, 3)
        found = {to_hex(pixel / 255) for pixel in np.unique(pixels, axis=0)}
        assert {"#7a1f3d", "#fff8e8", "#1d1a45"} <= found
        assert to_hex(pixels[0] / 255) == "#fff8e8"
        texts = {text.get_text(): to_hex(text.get_color()) for text in figure.findobj(Text)}
        assert (
            texts["words"] == "#1d1a45" and texts["own"] == "#d55e00" and set(texts.values()) == {"#1d1a45", "#d55e00"}
        )


def test_without_them_figures_are_as_they_were(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    figure, _ = lines_figure({"one": np.arange(3.0)}, "step", "f")
    assert type(figure) is Figure and line_style(0).color == PALETTE[0]
