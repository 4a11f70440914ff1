"""A reel: every position of a slider computed in one vectorised run and sent once; the browser picks.

While a slider moves, nothing is asked of the kernel: the front end draws the lines of that position over a
background from matplotlib, at the rate of the screen, and goes on doing so in an exported page without a
kernel. When a slider comes to rest, the sweeps of the *other* sliders are computed anew.

How to build one: as a ``LiveFigure``, but ``build`` returns ``(figure, tracks)``, or ``(figure, tracks, arrows)``,
and ``sweep`` takes the place of ``update``::

    class Race(Reel):
        sweeps = ("learning_rate", "momentum")    # sliders that get a reel

        def build(self):
            ...
            return figure, [Track(axes=0, style=line_style(0), label="SGD", direction=True), ...]

        def sweep(self, values):                   # {"learning_rate": (61,), "momentum": 0.9}
            ...
            return Sweep(tracks=[thetas, ...], captions=[...])
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.patheffects import Normal, Stroke
from matplotlib.transforms import IdentityTransform

from course_lib.figures.style import LineStyle
from course_lib.widgets.ahead import ahead_later
from course_lib.widgets.controls import Slider
from course_lib.widgets.film import in_few_colours
from course_lib.widgets.frames import MARK, crossing, fit, pack, pack_vectors, to_pixels, unpack, within_reach
from course_lib.widgets.live import LiveFigure, front_end
from course_lib.widgets.stage import Stage

POINT = 1 / 72  # inch
KEPT = 64  # reels of all figures, a tenth of a megabyte each
_KEPT: OrderedDict[tuple, dict] = OrderedDict()
AT_REST = "no update:\nit has arrived,\nor is out of sight"  # reel.js says the same


@dataclass(frozen=True)
class Track:
    """A line that grows with the steps, with a marker at its head.

    Attributes:
        axes: number of the figure's axes in which it lies.
        style: a ``LineStyle``.
        label: its name.
        direction: whether it is a path in the plane; else a curve over the steps.
    """

    axes: int
    style: LineStyle
    label: str
    direction: bool = False


@dataclass(frozen=True)
class Arrow:
    """An arrow between two sums of the sweep's vectors, ``tail`` and ``head`` being their coefficients.

    All arrows of one axes are scaled together to fill it. An arrow from a point to itself is a ring there;
    a ``broad`` one is drawn so wide that others can be seen on it.
    """

    axes: int
    tail: tuple
    head: tuple
    color: str
    broad: bool = False


class Sweep(NamedTuple):
    """What ``Reel.sweep`` returns.

    Attributes:
        tracks: for each track ``(num_steps + 1, positions, 2)``, in the coordinates of its axes.
        captions: for each position the finding in words.
        vectors: for the arrows ``(num_steps + 1, positions, k, 2)``.
    """

    tracks: Sequence
    captions: Sequence
    vectors: np.ndarray | None = None


class Reel(LiveFigure):
    """A live figure whose sliders in ``sweeps`` need no kernel while they move. See the module's text.

    Attributes:
        step: the step shown; the front end plays and scrubs it.
        num_steps: number of steps of every run.
    """

    _esm = front_end("controls.js", "layout.js", "panels.js", "kernel.js", "reel.js")

    background = traitlets.Bytes().tag(sync=True)
    tracks: traitlets.List = traitlets.List().tag(sync=True)
    arrows: traitlets.List = traitlets.List().tag(sync=True)
    num_steps = traitlets.Int(100).tag(sync=True)
    step = traitlets.Int(100).tag(sync=True)
    sweeping: traitlets.List = traitlets.List().tag(sync=True)

    sweeps: tuple[str, ...] = ()
    filmed = ()

    def sweep(self, values):
        """Compute all positions at once; ``values`` holds an array for one trait of ``sweeps``. Return a ``Sweep``."""
        raise NotImplementedError

    def __init__(self, **values):
        self.add_traits(**{f"reel_{name}": traitlets.Dict().tag(sync=True) for name in self.sweeps})
        super().__init__(**values)

    def redraw(self, changed):
        """Compute the sweeps that ``changed`` made stale, and draw the background again if it must be."""
        self._prepare(changed)
        rebuilt = self.stage is None or not self._undrawn.isdisjoint(self.rebuild_on)
        with self.hold_sync():
            if rebuilt:
                self._change_stage()
                self.background, self.arrows = self._ground, [asdict(arrow) for arrow in self._arrows]
                self.tracks = [_track_data(track, self.stage.figure.dpi) for track in self._tracks]
            self.sweeping = list(self.sweeps)
            self.step = self.num_steps if rebuilt else min(max(self.step, 0), self.num_steps)
            for name in self.sweeps:
                if self._stale(name):
                    setattr(self, f"reel_{name}", self._reel(name))
            self._drawn()
            reel, position = self._now()
            self.caption = reel["captions"][position]
        if rebuilt and self.near:
            ahead_later(self)

    def draw_stage(self):
        """Draw the background, and the artists that stand for what a front end draws over it."""
        figure, self._tracks, *arrows = self.build()
        self._arrows = list(arrows[0]) if arrows else []
        self.stage = Stage(figure, [])
        self._ground = self.stage.background_png()
        self._artists = [_artists(figure, track) for track in self._tracks]
        self._pointers = [_pointer(figure, arrow) for arrow in self._arrows]
        self._at_rest = _words(figure, self._arrows[0].axes) if self._arrows else None

    def controls_ahead(self):
        return [control for control in self._controls if control.trait not in self.sweeps]

    def travel(self):
        self.background = in_few_colours(self.background)

    def _stale(self, name):
        reel = getattr(self, f"reel_{name}")
        return self._undrawn != {name} or getattr(self, name) not in reel.get("values", ())

    def _reel(self, name):
        """The reel of a slider, from what is kept if it has been computed."""
        slider = next(c for c in self._controls if isinstance(c, Slider) and c.trait == name)
        values = sorted({*slider.positions, getattr(self, name)})
        at = {trait: value for trait, value in self.settings_of_controls().items() if trait != name}
        key = self.made_with[0], name, repr((values, at))
        if key not in _KEPT:
            _KEPT[key] = self._computed(name, values)
            while len(_KEPT) > KEPT:
                _KEPT.popitem(last=False)
        _KEPT.move_to_end(key)
        return _KEPT[key]

    def _computed(self, name, values):
        boxes = self.stage.boxes["axes"]
        others = {other: getattr(self, other) for other in self.sweeps if other != name}
        sweep = self.sweep({**others, name: np.array(values)})
        pixels = []
        for track, points in zip(self._tracks, sweep.tracks, strict=True):
            box = boxes[track.axes]
            pixels.append(within_reach(to_pixels(points, box), box, path=track.direction))
        vectors = pack_vectors(sweep.vectors) if sweep.vectors is not None else b""
        return {"values": values, "at": others, "captions": list(sweep.captions), "vectors": vectors, **pack(pixels)}

    def _now(self):
        """The reel that shows the values drawn last, and the number of their position."""
        name = self.sweeps[0]
        reel = getattr(self, f"reel_{name}")
        return reel, reel["values"].index(self._good[name])

    def png(self):
        """The picture as PNG bytes, drawn by matplotlib from what the front end gets."""
        reel, position = self._now()
        height = self.boxes["size"][1]
        moving = []
        for number, (track, artists) in enumerate(zip(self._tracks, self._artists, strict=True)):
            box = self.boxes["axes"][track.axes]
            line = unpack(reel, position * len(self._tracks) + number, self.step)
            ends = (line[:1] if track.direction else None, _exit(track, line, box))
            for artist, points in zip(artists, (line, line[-1], *ends), strict=True):
                if points is not None:
                    artist.set_data(*(np.atleast_2d(points) * [1, -1] + [0, height]).T)
                    moving.append(artist)
        self.stage.moving = (*moving, *self._moved_pointers(reel, position, height))
        return self.stage.png()

    def _moved_pointers(self, reel, position, height):
        if not self._arrows:
            return
        shape = (len(reel["values"]), self.num_steps + 1, len(self._arrows[0].tail), 2)
        vectors = np.frombuffer(reel["vectors"], "i1").reshape(shape)[position, self.step]
        ends = np.array([[arrow.tail, arrow.head] for arrow in self._arrows]) @ vectors  # (arrows, 2, 2)
        pixels = fit(ends.reshape(-1, 2), self.boxes["axes"][self._arrows[0].axes])
        self._at_rest.set_text("" if pixels is not None else AT_REST)
        yield self._at_rest
        if pixels is None:
            return
        pixels = pixels.reshape(-1, 2, 2) * [1, -1] + [0, height]
        for arrow, artist, (tail, head) in zip(self._arrows, self._pointers, pixels, strict=True):
            if arrow.tail == arrow.head:
                artist.set_data(*head[:, None])
            else:
                artist.set_positions(tail, head)
            yield artist


def _exit(track, line, box):
    """Where a path leaves its axes for good, and a curve leaves through the top; else None."""
    return crossing(line, box) if track.direction or line[-1, 1] < box["top"] - 0.5 else None


def _track_data(track, dpi):
    return {
        "axes": track.axes,
        "label": track.label,
        "color": track.style.color,
        "dashes": track.style.dashes,
        "marker": track.style.marker,
        "width": 2.6 * dpi * POINT,
        "direction": track.direction,
    }


def _in_pixels(figure, number, artist, beyond=0.0):
    """Put ``artist``, whose coordinates are pixels, into the figure's axes, clipped so far ``beyond`` them."""
    artist.set_transform(IdentityTransform())
    figure.axes[number].add_artist(artist)
    artist.set_clip_box(figure.axes[number].bbox.padded(beyond))
    artist.set_animated(True)
    return artist


def _artists(figure, track):
    """The line of a track, its head, its start, and the mark where it leaves for good."""
    style, halo = track.style, [Stroke(linewidth=5.2 if track.direction else 4.2, foreground="white"), Normal()]
    line = Line2D([], [], color=style.color, linestyle=style.dashes, linewidth=2.6, path_effects=halo)
    about = {"color": style.color, "linestyle": "", "markeredgecolor": "black", "markersize": 10}
    marks = [
        Line2D([], [], marker=style.marker, **about),
        Line2D([], [], marker="o", **{**about, "color": "black", "markeredgecolor": "white", "markersize": 8}),
        Line2D([], [], marker="X", **{**about, "markersize": 13}),
    ]
    seen = [_in_pixels(figure, track.axes, mark, MARK) for mark in marks]  # a mark on the border is seen whole
    return [_in_pixels(figure, track.axes, line), *seen]


def _words(figure, number):
    """Text in the middle of an axes, for the step at which there is no arrow."""
    axes = figure.axes[number]
    words = axes.text(0.5, 0.5, "", transform=axes.transAxes, ha="center", va="center", fontsize=12)
    words.set_animated(True)
    return words


def _pointer(figure, arrow):
    """The artist of one arrow."""
    if arrow.tail == arrow.head:
        about = {"markerfacecolor": "white", "markeredgewidth": 2.2, "markersize": 11, "markeredgecolor": arrow.color}
        return _in_pixels(figure, arrow.axes, Line2D([], [], marker="o", linestyle="", **about))
    style = {"linewidth": 8, "mutation_scale": 34} if arrow.broad else {"linewidth": 3, "mutation_scale": 18}
    artist = FancyArrowPatch((0, 0), (1, 1), color=arrow.color, arrowstyle="-|>", shrinkA=0, shrinkB=0, **style)
    return _in_pixels(figure, arrow.axes, artist)
