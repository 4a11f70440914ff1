"""What a film keeps: few colours where a drawing has few, and a word where two sliders were too heavy together."""

from io import BytesIO

import numpy as np
import pytest
import traitlets
from PIL import Image

from course_lib.chapters.ch05_adaptive.widgets import adaptive_race
from course_lib.figures.style import new_figure
from course_lib.widgets import film as films
from course_lib.widgets.controls import Slider
from course_lib.widgets.live import LiveFigure


class Noise(LiveFigure):
    """A picture that nothing makes small: grains as many as ``grains``, drawn from ``seed``."""

    grains = traitlets.Int(200).tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)

    def controls(self):
        return Slider("grains", "Grains", (2, 100, 200)), Slider("seed", "Seed", (0, 1, 2))

    def build(self):
        figure, ax = new_figure(9, 5)
        self.image = ax.imshow(np.zeros((2, 2)), cmap="viridis", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
        return figure, [self.image]

    def update(self):
        rng = np.random.default_rng(self.seed)
        self.image.set_data(rng.random((self.grains, self.grains)))
        return f"{self.grains} grains."


def test_two_sliders_whose_grid_is_too_heavy_are_named(monkeypatch):
    figure = Noise(grains=2)
    assert films.film(figure)["together"]["traits"] == ["grains", "seed"]
    monkeypatch.setattr(films, "ALL", 0)
    made = films.film(figure)
    assert "together" not in made and made["apart"] == ["Grains", "Seed"]


def test_a_film_of_one_slider_says_nothing_of_two(monkeypatch):
    monkeypatch.setattr(films, "ALL", 0)
    assert "apart" not in films.film(Noise(grains=2), ("seed",))


def test_what_is_too_heavy_loses_positions_of_every_slider_that_has_some(monkeypatch):
    monkeypatch.setattr(films, "BYTES", 1)
    controls = films.film(Noise(grains=100))["controls"]
    assert controls["grains"]["values"] == [2, 100, 200] and controls["seed"]["values"] == [0, 1, 2]  # ends and rest


@pytest.mark.parametrize("colours", [48, 128, 255])
def test_a_drawing_in_few_colours_keeps_white_and_nearly_all_else(colours):
    figure, ax = new_figure(9, 4)
    ax.plot([0, 1, 0.5], lw=3)
    figure.canvas.draw()
    seen = np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)
    kept = np.asarray(Image.open(BytesIO(films._drawing(seen.astype(np.uint8), colours))).convert("RGB")).astype(int)
    white = (seen == 255).all(axis=-1)
    assert (kept[white] == 255).all() and np.abs(kept - seen).mean() < 0.2 and np.abs(kept - seen).max() < 40


def test_what_travels_to_a_page_is_there_once_and_still_shown(monkeypatch):
    monkeypatch.setenv("COURSE_FILMS", "1")
    figure, race = Noise(grains=2), adaptive_race(num_steps=20)
    before = (
        figure.png(),
        np.asarray(Image.open(BytesIO(race.background)).convert("RGB")).astype(int),
        len(race.background),
    )
    data, _ = figure._repr_mimebundle_()
    race._repr_mimebundle_()
    assert data["image/png"] == before[0] and figure.picture == b"" and figure.film["base"]
    after = np.asarray(Image.open(BytesIO(race.background)).convert("RGB")).astype(int)
    assert np.abs(after - before[1]).mean() < 0.2 and len(race.background) < before[2] / 2
    assert race.film == {}
