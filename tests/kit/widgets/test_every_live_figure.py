"""Every live figure of every chapter, without a browser: what moves, what comes back, what is refused.

A live figure is what a public function of a chapter's ``widgets`` returns. It is made as it stands, or as the chapter's
table ``tests/chapters/chNN_name/live.py`` says under the function's name.
"""

import inspect
import re
import warnings
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course_lib.chapters import parts
from course_lib.widgets.controls import Menu, Progress, Slider, Ticks
from course_lib.widgets.film import film, weight
from course_lib.widgets.live import LiveFigure
from tests.kit.figures.looks import look, looks, only_by_colour, strange

WIDGETS = parts("widgets")
NEEDS_TORCH = "ch10_cnn_training"
FOLDER = Path(__file__).parents[2] / "chapters"
MINUS_ZERO = re.compile(r"[-−]0(\.0+)?(?![\d.e])")  # a rounded number whose sign says nothing
SECONDS = 60  # that a run in the background may take


def table(chapter):
    if not (FOLDER / chapter / "live.py").exists() or (chapter == NEEDS_TORCH and not find_spec("torch")):
        return None
    return import_module(f"tests.chapters.{chapter}.live")


def makers(chapter):
    """``{name: function that makes the live figure}``."""
    module = WIDGETS[chapter]
    names = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and not name.startswith("_") and value.__module__ == module.__name__
    ]
    found = {name: getattr(module, name) for name in names if makes_one(module, getattr(module, name))}
    return found | getattr(table(chapter), "LIVE", {})


def makes_one(module, function):
    """Whether a figure is what comes out: known from the classes of the function's own module."""
    own = vars(import_module(function.__module__))
    classes = {name for name, value in own.items() if inspect.isclass(value) and issubclass(value, LiveFigure)}
    return bool(classes & set(function.__code__.co_names))


CASES = [(chapter, name) for chapter in WIDGETS for name in makers(chapter)]


def done(figure):
    """The figure when its run in the background, if it has one, has ended."""
    assert not hasattr(figure, "join") or figure.join(SECONDS)
    return figure


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def figure(request):
    chapter, name = request.param
    if chapter == NEEDS_TORCH:
        pytest.importorskip("torch")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("error")
        getattr(table(chapter), "shorten", lambda patch: None)(patch)
        yield done(makers(chapter)[name]())


def values(control):
    """What a control is set to: both ends and the middle, out of order."""
    if isinstance(control, Slider):
        return [control.positions[i] for i in (-1, 0, len(control.positions) // 2)]
    options = [value for value, _ in getattr(control, "options", ())]
    if isinstance(control, Ticks):
        return [[], options[:1], options[:3]]
    return options[:: max(1, len(options) // 5)] if isinstance(control, Menu) else []


def traits(figure):
    """What a person can set, as it stands."""
    controls = [control for control in figure.controls() if not isinstance(control, Progress)]
    return {control.trait: getattr(figure, control.trait) for control in controls}


def test_every_chapter_with_live_figures_is_looked_at():
    assert {chapter for chapter, _ in CASES} >= set(WIDGETS) - {"ch00_start"}  # that one may show the Visualiser only


def test_every_control_from_end_to_end_changes_what_is_seen_and_all_comes_back(figure, request):
    chapter, name = request.node.callspec.params["figure"]
    may_conflict = name in getattr(table(chapter), "CONFLICTS", ())
    first, start = (figure.png(), figure.caption), traits(figure)
    for control in figure.controls():
        seen = set()
        hidden = True
        for value in values(control):
            hidden = hidden and control.trait in figure.hidden
            figure.set(**{control.trait: value})
            done(figure)
            assert figure.problem == "" or (may_conflict and figure.problem.endswith(".")), (control.trait, value)
            assert figure.png().startswith(b"\x89PNG"), (control.trait, value)
            assert not re.search(r"\bnan\b", figure.caption) and "inf" not in figure.caption.split()
            assert not MINUS_ZERO.search(figure.caption), figure.caption
            seen.add((figure.png(), figure.caption))
        seen_later = control.trait in getattr(table(chapter), "LATER", ())
        assert len(seen) > 1 or hidden or seen_later or not values(control), f"{control.trait} changes nothing"
        figure.set(**start)
        done(figure)
        assert (figure.png(), figure.caption) == first, f"after {control.trait} it is not what it was"


def test_its_film_shows_what_the_kernel_would(figure, monkeypatch, request, share):
    place = CASES.index(request.node.callspec.params["figure"])
    shown_now = [control for control in figure.filmed_controls() if control.trait not in figure.hidden]
    filmed = {control.trait for control in share(shown_now, place)}
    if not filmed:
        pytest.skip("a reel moves by itself")
    monkeypatch.setattr(figure.made_with[0], "film_positions", 3)
    before = figure.png(), figure.caption, traits(figure)
    made = film(figure, filmed)
    assert weight(made) < 400_000
    assert (figure.png(), figure.caption, traits(figure)) == before  # nobody saw it
    assert made["controls"].keys() == filmed
    for trait, own in made["controls"].items():
        value, frame = own["values"][-1], own["frames"][-1]
        figure.set(**{trait: value})
        done(figure)
        assert (frame["caption"], frame["problem"]) == (figure.caption, figure.problem), trait
        seen = pixels(figure.png())
        lost, moved = np.abs(shown(made, frame) - seen).mean(), np.abs(pixels(before[0]) - seen).mean()
        assert lost < 1.5 + moved / 4, trait  # of 255: what is kept with loss
        figure.set(**before[2])
        done(figure)


def test_two_sliders_of_its_film_show_together_what_the_kernel_would(figure, monkeypatch):
    monkeypatch.setattr(figure.made_with[0], "film_grid", min(figure.film_grid, 2))
    before = figure.png(), figure.caption, traits(figure)
    made = film(figure, (), together=True)
    assert ("together" in made) + ("apart" in made) <= 1
    if "together" not in made:
        pytest.skip("fewer than two sliders, a reel, or runs in the background")
    grid = made["together"]
    assert [len(grid["frames"]), len(grid["frames"][0])] == [len(values) for values in grid["values"]]
    pairs = list(zip(grid["traits"], grid["values"], strict=True))
    places = [0 if values[0] != before[2][trait] else -1 for trait, values in pairs]
    frame = grid["frames"][places[0]][places[1]]
    figure.set(**{trait: values[i] for (trait, values), i in zip(pairs, places, strict=True)})
    done(figure)
    assert (frame["caption"], frame["problem"]) == (figure.caption, figure.problem)
    seen = pixels(figure.png())
    lost, moved = np.abs(shown(made, frame) - seen).mean(), np.abs(pixels(before[0]) - seen).mean()
    assert lost < 1.5 + moved / 4
    figure.set(**before[2])
    done(figure)


def pixels(data):
    return np.asarray(Image.open(BytesIO(data)).convert("RGB")).astype(int)


def shown(made, frame):
    """The picture that the browser shows: the frame over the picture at rest."""
    screen = Image.open(BytesIO(made["base"])).convert("RGB")
    begin, end = frame["bytes"]
    if end > begin:
        part = Image.open(BytesIO(made["data"][begin:end])).convert("RGBA")
        assert part.size == tuple(frame["box"][2:])
        screen.paste(part, frame["box"][:2], part)
    return np.asarray(screen).astype(int)


def test_the_caption_is_a_sentence_with_numbers(figure):
    assert figure.caption.endswith(".") and re.search(r"\d", figure.caption)
    assert 40 < len(figure.caption) < 700


def test_every_control_has_a_name_of_its_own(figure):
    labels = [control.label for control in figure.controls()]
    assert len(set(labels)) == len(labels) and all(labels)


def test_a_value_that_cannot_be_is_named_and_the_picture_stays(figure):
    before = figure.png(), figure.caption, traits(figure)
    for control in figure.controls():
        if isinstance(control, Menu) and isinstance(control.options[0][0], str):
            figure.set(**{control.trait: "no such thing"})
        elif isinstance(control, Slider):
            figure.set(**{control.trait: -(10**6) if control.whole else float("nan")})
        else:
            continue
        if not figure.problem:  # a place beyond the last one is the last one
            assert getattr(figure, control.trait) in control.positions, control.trait
            figure.set(**before[2])
        assert "\n" not in figure.problem, control.trait
        assert (figure.png(), figure.caption, traits(figure)) == before, control.trait


def test_a_word_in_the_place_of_a_number_is_answered(figure):
    before = figure.png()
    for control in figure.controls():
        if isinstance(control, Slider):
            figure._message(figure, {"typed": control.trait, "text": "fast"}, [])
            assert control.label in figure.problem and "fast" in figure.problem
    assert figure.png() == before


def test_a_method_looks_as_it_does_everywhere(figure):
    tracks = [look(track.label, *track.style) for track in getattr(figure, "_tracks", ())]
    assert strange([*looks(figure.stage.figure), *tracks]) == []


def test_no_two_lines_differ_by_colour_alone(figure):
    tracks = [look(track.label, *track.style) for track in getattr(figure, "_tracks", ())]
    if not tracks:
        assert only_by_colour(figure.stage.figure) == []
    for one, other in combinations(tracks, 2):  # a reel draws lines and markers one after the other
        assert (one.dashes, one.marker) != (other.dashes, other.marker) or one.color == other.color, (one, other)
