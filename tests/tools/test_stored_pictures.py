"""The pictures of live figures that notebooks store are those that today's code draws.

Runs of notebooks leave pictures out of what they compare, so a drawing may change and its stored picture stay. A live
figure says beside its picture how it is set: so it is drawn once more here. What runs in the background is compared
outside of its axes.
"""

import ast
import base64
import inspect
import json
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course_lib.chapters import parts
from course_lib.widgets.background import BackgroundFigure
from course_lib.widgets.live import LiveFigure

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
APART = 64  # of 255: how far a pixel may be off, since stored pictures have few colours
AROUND = 30  # pixels around axes where words follow a run
SHARE = 0.001  # of the pixels that may be further off


@lru_cache(maxsize=1)
def classes():
    """``{name: class}`` of the live figures of all chapters."""
    parts("widgets")
    found, left = {}, [LiveFigure]
    while left:
        cls = left.pop()
        left += cls.__subclasses__()
        found.setdefault(cls.__name__, cls)
    return found


def stored(path):
    """``[(what the figure says of itself, PNG bytes), ...]`` of a notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", ())]
    both = [data for data in outputs if "image/png" in data and "text/plain" in data]
    said = [("".join(data["text/plain"]), base64.b64decode("".join(data["image/png"]))) for data in both]
    return [(text, png) for text, png in said if text.partition("(")[0] in classes()]


def drawn_again(text):
    """The live figure that says ``text`` of itself; long lists, which are shortened there, as they are at first."""
    call = ast.parse(text, mode="eval").body
    values = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    values = {name: value for name, value in values.items() if not (isinstance(value, list) and ... in value)}
    cls = classes()[call.func.id]
    asked = inspect.signature(cls.__init__).parameters.values()
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in asked)
    figure = cls(**(values if takes_all else {p.name: values[p.name] for p in asked if p.name in values}))
    figure.set(**values)
    return figure


def pixels(png):
    return np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(int)


def outside_axes(figure, shape):
    """Bool ``(height, width)``: what no run in the background draws on."""
    free = np.ones(shape[:2], dtype=bool)
    for box in figure.boxes["axes"]:
        edges = [int(box[side]) for side in ("top", "bottom", "left", "right")]
        free[max(edges[0] - AROUND, 0) : edges[1] + AROUND, max(edges[2] - AROUND, 0) : edges[3] + AROUND] = False
    return free


def test_notebooks_store_pictures_of_live_figures():
    assert sum(len(stored(path)) for path in NOTEBOOKS.glob("[0-9]*.ipynb")) > 30


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("[0-9]*.ipynb")), ids=lambda path: path.stem)
def test_a_stored_picture_is_what_is_drawn_today(path):
    older = []
    for text, png in stored(path):
        if "Dashboard" in text:
            pytest.importorskip("torch")
        figure, picture = drawn_again(text), pixels(png)
        is_run = isinstance(figure, BackgroundFigure)
        figure.stop()
        figure.join(60)  # what is drawn coarsely at first
        today = pixels(figure.png())
        if today.shape == picture.shape:
            off = np.abs(today - picture).max(axis=-1) > APART
            seen = outside_axes(figure, today.shape) if is_run else np.ones_like(off)
            if off[seen].mean() <= SHARE:
                continue
        older.append(text)
    assert not older, f"build notebooks/{path.name} anew: it stores an older drawing"
