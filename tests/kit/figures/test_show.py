"""A figure shown in a notebook carries its finding three times: alt text, plain text, caption."""

import pytest

from course_lib.figures.show import png, show
from course_lib.figures.style import new_figure


@pytest.fixture
def shown(monkeypatch, capsys):
    calls = []
    monkeypatch.setattr("IPython.display.display", lambda *args, **kwargs: calls.append((args, kwargs)))
    figure, ax = new_figure()
    ax.plot([0, 1])
    show((figure, "The line rises from 0 to 1."))
    return calls, capsys.readouterr().out


def test_the_picture_has_the_alt_text(shown):
    (((data,), about), *others), _ = shown
    assert not others
    assert data["image/png"].startswith(b"\x89PNG")
    assert data["text/plain"] == about["metadata"]["image/png"]["alt"] == "The line rises from 0 to 1."


def test_the_caption_is_printed(shown):
    assert shown[1] == "The line rises from 0 to 1.\n"


def test_the_same_figure_gives_the_same_bytes():
    def draw():
        figure, ax = new_figure()
        ax.plot([0, 1])
        return png(figure)

    assert draw() == draw()
