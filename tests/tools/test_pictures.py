"""The README's pictures show what is drawn, reported and judged today."""

import json
import re

import pytest
from PIL import Image, ImageChops, ImageStat

from course_lib.tools import pictures

README = (pictures.LIBRARY / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def noted():
    return json.loads((pictures.FOLDER / pictures.MADE_FROM).read_text(encoding="utf-8"))


def test_the_pictures_are_as_young_as_what_they_show(noted):
    assert noted == pictures.made_from(), "run python -m course_lib.tools.pictures"


def test_cards_hold_every_word_of_what_they_show(noted):
    for name in (pictures.REPORT, pictures.VERDICT):
        drawn = (pictures.FOLDER / name).read_text(encoding="utf-8")
        assert (
            drawn
            == {
                pictures.REPORT: lambda: pictures.report_picture(noted[pictures.REPORT]),
                pictures.VERDICT: lambda: pictures.verdict_picture(*noted[pictures.VERDICT]),
            }[name]()
        )
        assert "<title>" in drawn


def test_the_mistake_of_the_report_is_named_and_the_film_shows_every_momentum(noted):
    assert any("plain momentum" in line for line in noted[pictures.REPORT])
    with Image.open(pictures.FOLDER / pictures.MOMENTUM) as film:
        assert film.n_frames == len(noted[pictures.MOMENTUM]["captions"]) == len(pictures.MOMENTA)
    assert (pictures.FOLDER / pictures.MOMENTUM).stat().st_size < 1_000_000


def test_whoever_wants_no_motion_sees_one_frame_of_the_film():
    with Image.open(pictures.FOLDER / pictures.STILL) as still, Image.open(pictures.FOLDER / pictures.MOMENTUM) as film:
        assert getattr(still, "n_frames", 1) == 1 and still.size == film.size
        film.seek(pictures.MOMENTA.index(pictures.STILL_AT))
        difference = ImageChops.difference(still.convert("L"), film.convert("L"))
        assert ImageStat.Stat(difference).mean[0] < 3
    assert re.search(rf'media="\(prefers-reduced-motion: reduce\)" srcset="docs/images/{pictures.STILL}"', README)


def test_the_readme_shows_them_and_no_others():
    shown = set(re.findall(r"docs/images/([\w.]+)", README))
    assert shown == {path.name for path in pictures.FOLDER.iterdir()} - {pictures.MADE_FROM}
    first = README.index("```")
    assert README.index(pictures.MOMENTUM) < first, "motion comes before the commands"
