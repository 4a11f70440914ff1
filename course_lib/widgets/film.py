"""A film: the pictures of all positions of a control, made beforehand; the browser picks, without a kernel.

Any live figure can be filmed, whatever it draws (maps, histograms, images): a twin that no front end sees is set to one
position after the other while the other controls rest. A frame holds the smallest rectangle that differs from the
picture at rest, and in it only what differs; it is kept as WebP, in few colours where that is small: drawings have few.
"""

import json
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO

import numpy as np
from PIL import Image

from course_lib.widgets.controls import Menu, Slider, Ticks
from course_lib.widgets.stage import LOCK

POSITIONS = 21  # of a slider at most; between them the eye does not miss any
BYTES = 340_000  # of a figure's pictures together; in a page a third more, since they are written as text
AT_HAND = 4_000_000  # of a control's pictures where they are no part of a page
ALL = 375_000  # with those of two sliders together
LARGE = 6_000  # bytes of a frame that can do with less
_UNSEEN = ContextVar("unseen", default=False)


def is_unseen():
    """Whether figures that are made now are twins: they open no connection to a front end."""
    return _UNSEEN.get()


@contextmanager
def unseen():
    """Figures made inside are not seen by any front end."""
    token = _UNSEEN.set(True)
    try:
        yield
    finally:
        _UNSEEN.reset(token)


def twin(figure):
    """The same figure once more, set as ``figure`` is, that no front end sees."""
    return settled(untried(figure))


def untried(figure):
    """A twin whose run in the background, if it has one, has not been waited for."""
    kind, args, named = figure.made_with
    with unseen():
        other = kind(*args, **named)
    other.set(**figure.settings_of_controls())
    return other


def settled(figure):
    """``figure`` when its run in the background, if it has one, has ended."""
    figure.join()
    return figure


def positions(control, now, most=POSITIONS):
    """What a control is set to in its film: at most ``most`` positions of a slider, with ``now`` and both ends."""
    if isinstance(control, Slider):
        some = np.unique(np.linspace(0, len(control.positions) - 1, most).round().astype(int))
        return sorted({now, *(control.positions[i] for i in some)})
    if isinstance(control, Menu):
        return [value for value, _ in control.options]
    if isinstance(control, Ticks):
        return [now, *(_flipped(control, now, value) for value, _ in control.options)]
    return []


def _flipped(control, now, flipped):
    return [value for value, _ in control.options if (value in now) != (value == flipped)]


def film(figure, traits=None, stopped=lambda: False, other=None, together=False, most=None, room=BYTES):
    """The film of the controls of ``figure`` whose trait is in ``traits`` (all that a film can have if ``None``).

    ``stopped()`` is asked before each frame; what is not made by then is left out. ``other``: the twin that is
    filmed. ``together``: with the grid of two sliders, which a film of all controls has in any case. ``most``: how many
    positions of a slider, the figure's own number if ``None``. ``room``: bytes of all pictures.

    Returns:
        A dict with ``"base"`` (WebP of the picture at rest), ``"at"`` (``{trait: value at rest}``), ``"controls"``
        (``{trait: {"values": [...], "frames": [...]}}``) and ``"data"`` (bytes). A frame is a dict with ``"box"``
        (where its part of the picture lies, ``[x, y, width, height]`` in pixels), ``"bytes"`` (where it stands in the
        data, ``[begin, end]``), ``"caption"`` and ``"problem"`` (what is said below it) and ``"sets"`` (the
        other controls that went with it). ``"together"``, where it fits in: the first two sliders on a coarse grid,
        ``{"traits": [one, other], "values": [[...], [...]], "frames": [[...], ...]}``, a row a value of the first.
        ``"apart"``, where it does not: the names of these two sliders.
    """
    other = other or twin(figure)
    at, rest = other.settings_of_controls(), _pixels(other)
    wanted = [
        c for c in other.filmed_controls() if (traits is None or c.trait in traits) and c.trait not in other.hidden
    ]
    shots = {c.trait: _shots(other, c, at, rest, stopped, most or other.film_positions) for c in wanted}
    base = _smaller(rest, quality=92, colours=255)
    shots = _light({trait: taken for trait, taken in shots.items() if len(taken) > 1}, at, room - len(base))
    data, controls = bytearray(), {}

    def kept(taken):
        frames = []
        for _, picture, frame in taken:
            frames.append({**frame, "bytes": [len(data), len(data) + len(picture)]})
            data.extend(picture)
        return frames

    for trait, taken in shots.items():
        controls[trait] = {"values": [value for value, *_ in taken], "frames": kept(taken)}
    made = {"base": base, "at": at, "controls": controls}
    sliders = _first_sliders(other) if together or traits is None else []
    if sliders and (grid := _grid(other, sliders, at, rest, ALL - len(base) - len(data))):
        made["together"] = {**grid, "frames": [kept(row) for row in grid["frames"]]}
    elif sliders:
        made["apart"] = [slider.label for slider in sliders]
    return {**made, "data": bytes(data)}


def _first_sliders(other):
    """The two sliders that move together in a film; none where a figure has fewer, or wants none."""
    sliders = [c for c in other.filmed_controls() if isinstance(c, Slider) and c.trait not in other.hidden][:2]
    return sliders if len(sliders) == 2 and other.film_grid else []


def _grid(other, sliders, at, rest, room):
    """Two sliders on a grid, frames not yet joined; ``None`` where that needs more than ``room`` bytes."""
    names = [slider.trait for slider in sliders]
    values = [positions(slider, at[slider.trait], other.film_grid) for slider in sliders]
    both = [[dict(zip(names, (one, two), strict=True)) for two in values[1]] for one in values[0]]
    rows = [[_shot(other, setting, at, rest) for setting in row] for row in both]
    if _size(dict(enumerate(rows))) > room:
        rows = [[(value, _coarse(picture), frame) for value, picture, frame in row] for row in rows]
    if _size(dict(enumerate(rows))) > room:  # the ends and the position at rest
        few = [sorted({0, one.index(at[name]), len(one) - 1}) for name, one in zip(names, values, strict=True)]
        rows = [[rows[i][j] for j in few[1]] for i in few[0]]
        values = [[one[i] for i in places] for one, places in zip(values, few, strict=True)]
    if _size(dict(enumerate(rows))) > room:
        return None
    return {"traits": names, "values": values, "frames": rows}


def _shots(other, control, at, rest, stopped, most):
    """``[(value, WebP, frame), ...]`` of one control; afterwards all stands where it rested."""
    taken = []
    for value in positions(control, at[control.trait], most):
        if stopped():
            return []
        taken.append(_shot(other, {control.trait: value}, at, rest))
    return taken


def _shot(other, values, at, rest):
    """``(value, WebP, frame)`` with ``values`` set; afterwards all stands where it rested."""
    other.set(**values)
    settled(other)
    now = {**other.settings_of_controls(), **values}
    sets = {trait: now[trait] for trait in at if trait not in values and now[trait] != at[trait]}
    box, picture = difference(rest, _pixels(other))
    frame = {"box": box, "caption": other.caption, "problem": other.problem, "sets": sets}
    other.set(**at)
    settled(other)
    return next(iter(values.values())), picture, frame


def film_later(figure, trait):
    """In a thread: film the control of ``trait``, and hand the film to ``figure`` unless another control was set.

    First as in a page; then, where that leaves positions of a slider out, all of them, so that no key and no hand gets
    between two. What the twin drew on the way (maps of other surfaces, say) ``figure`` keeps in any case.
    """
    at = figure.settings_of_controls()
    led = {trait}

    def stopped():
        now = figure.settings_of_controls()
        return any(now[name] != value for name, value in at.items() if name not in led)

    def make():
        other = twin(figure)
        led.update(_led(other, trait))
        for most, room in ((other.film_positions, BYTES), (_all_of(other, trait), AT_HAND)):
            made = film(figure, (trait,), stopped, other, most=most, room=room)
            with LOCK:
                figure.wings.take_over(other.wings)
            if stopped():
                return
            figure.film = made
            if most >= _all_of(other, trait):
                return

    thread = threading.Thread(target=make, name="course film", daemon=True)
    thread.start()
    return thread


def _led(other, trait):
    """The controls that go with one of a twin's, seen at both ends of its positions."""
    at, found = other.settings_of_controls(), set()
    control = next((c for c in other.filmed_controls() if c.trait == trait), None)
    quickly = other.film_positions >= POSITIONS and isinstance(control, Slider)
    for value in positions(control, at[trait], 2) if quickly else ():
        other.set(**{trait: value})
        found |= {name for name, now in other.settings_of_controls().items() if now != at[name]}
    other.set(**at)
    settled(other)
    return found


def _all_of(other, trait):
    """How many positions the film of a slider can have; no more than a page's where each is a run of its own."""
    many = max([len(getattr(c, "positions", ())) for c in other.filmed_controls() if c.trait == trait], default=0)
    return many if other.film_positions >= POSITIONS else min(many, other.film_positions)


def _light(shots, at, room):
    """``shots`` in ``room`` bytes where that can be: first large frames lose detail, then sliders lose positions."""
    if _size(shots) > room:
        shots = {
            trait: [(value, _coarse(picture), frame) for value, picture, frame in taken]
            for trait, taken in shots.items()
        }
    stay = set()
    while _size(shots) > room:
        long = {t: taken for t, taken in shots.items() if len(taken) > 3 and isinstance(at[t], int | float)}
        long = {t: taken for t, taken in long.items() if t not in stay}
        if not long:
            break
        trait = max(long, key=lambda trait: _size({trait: long[trait]}))
        taken = long[trait]
        shots[trait] = [s for i, s in enumerate(taken) if i % 2 == 0 or s is taken[-1] or s[0] == at[trait]]
        if len(shots[trait]) == len(taken):  # the ends and the position at rest: they stay
            stay.add(trait)
    return shots


def _size(shots):
    return sum(len(picture) for taken in shots.values() for _, picture, _ in taken)


def _coarse(picture):
    if len(picture) < LARGE:
        return picture
    again = np.asarray(Image.open(BytesIO(picture)).convert("RGBA"))
    return min(picture, _drawing(again, 48), _webp(again, quality=40, method=2), key=len)


def _pixels(figure):
    return np.asarray(Image.open(BytesIO(figure.png())).convert("RGB"))


def difference(rest, picture):
    """``([x, y, width, height], WebP)`` of what differs in ``picture``; an empty box and no bytes if nothing does."""
    if picture.shape != rest.shape:
        return [0, 0, *picture.shape[1::-1]], _smaller(picture)
    differs = (picture != rest).any(axis=-1)
    if not differs.any():
        return [0, 0, 0, 0], b""
    rows, columns = (np.flatnonzero(differs.any(axis=axis)) for axis in (1, 0))
    place = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    alpha = np.where(differs[place], 255, 0).astype(np.uint8)
    cut = np.dstack([np.where(alpha[..., None] > 0, picture[place], 0), alpha])
    box = [int(columns[0]), int(rows[0]), cut.shape[1], cut.shape[0]]
    return box, _smaller(cut)


def _smaller(pixels, quality=80, colours=128):
    """Lines and text in so many colours; photographs are smaller with loss."""
    return min(_drawing(pixels, colours), _webp(pixels, quality=quality, method=2), key=len)


def _drawing(pixels, colours):
    """WebP in ``colours`` colours and white, which must meet the white around a frame."""
    seen = np.ascontiguousarray(pixels[..., :3])
    few = Image.fromarray(seen).quantize(colours, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).convert("RGB")
    white = (seen == 255).all(axis=-1, keepdims=True)
    return _webp(np.dstack([np.where(white, seen, few), pixels[..., 3:]]), lossless=True, quality=50, method=3)


def in_few_colours(png):
    """The PNG bytes ``png`` with 256 colours at most: less than half of the size, and nobody sees a difference."""
    stream = BytesIO()
    picture = Image.open(BytesIO(png)).convert("RGB")
    picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return min(png, stream.getvalue(), key=len)


def _webp(pixels, **about):
    stream = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(stream, "WEBP", **about)
    return stream.getvalue()


def weight(film):
    """Bytes of a film as they are sent."""
    about = json.dumps({name: film.get(name) for name in ("at", "controls", "together")})
    return len(film["base"]) + len(film["data"]) + len(about)
