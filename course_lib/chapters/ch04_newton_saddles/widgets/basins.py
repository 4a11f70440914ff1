"""The basin map of chapter 4: where does each start end? Coarse at once, fine a moment later.

A grid of 60 x 60 starts follows the slider. The fine one, 400 x 400 (BFGS: 200 x 200), is computed in a thread of
its own, a band of rows at a time; what is done is shown, any new setting stops it, and what was finished is kept.
"""

import threading
import time
from collections import OrderedDict

import numpy as np
import traitlets

from course_lib.chapters.ch04_newton_saddles.experiments.basins import (
    KINDS,
    METHODS,
    Basins,
    basins,
    grid,
    kinds_of,
    optimizer_for,
)
from course_lib.chapters.ch04_newton_saddles.figures.basins import (
    NAMES,
    PATH_COLOR,
    RATES,
    basin_image,
    basins_text,
    draw_bars,
    draw_basins,
    method_text,
    move_bars,
    path_of,
    surface_of,
)
from course_lib.figures.style import new_figure
from course_lib.widgets.controls import Menu, Point, Slider, log_positions
from course_lib.widgets.live import LiveFigure
from course_lib.widgets.stage import LOCK

COARSE, FINE = 60, {"BFGS": 200}
BANDS = 10
DETAILS = (("fine", "fine"), ("coarse", "coarse"))
DAMPINGS = (0.0, *log_positions(0.1, 300, 60))
RATE_POSITIONS = log_positions(0.001, 0.5)
KNOWN: OrderedDict = OrderedDict()  # the maps computed last, of whatever figure


class BasinMap(LiveFigure):
    """Where every start ends. Make it with ``basin_map``.

    Attributes:
        surface: name, one of ``figures.basins.NAMES``.
        method: one of ``landscape.basins.METHODS``.
        damping: of the two Newtons.
        learning_rate: of gradient descent.
        detail: "fine" or "coarse".
        start: ``[x, y]`` of the run that is drawn.
    """

    surface = traitlets.Unicode("himmelblau").tag(sync=True)
    method = traitlets.Unicode("Newton").tag(sync=True)
    damping = traitlets.Float(0.0).tag(sync=True)
    learning_rate = traitlets.Float(0.01).tag(sync=True)
    detail = traitlets.Unicode("fine").tag(sync=True)
    start = traitlets.List(traitlets.Float(), default_value=[-1.0, 3.6], minlen=2, maxlen=2).tag(sync=True)

    rebuild_on = ("surface",)

    def __init__(self, **values):
        self._turn = 0
        self._worker = None
        super().__init__(**values)

    def controls(self):
        titles = [(name, surface_of(name).title.replace("$", "").replace("_", "")) for name in NAMES]
        return (
            Menu("surface", "Surface", tuple(titles)),
            Menu("method", "Method", tuple((method, method) for method in METHODS)),
            Slider("damping", "Damping", DAMPINGS),
            Slider("learning_rate", "Learning rate", RATE_POSITIONS),
            Menu("detail", "Detail", DETAILS),
            Point("start", "Start of the run"),
        )

    def follow(self, changed):
        if "surface" in changed:
            chosen = surface_of(self.surface)
            if "start" not in changed:
                self.start = [float(x) for x in chosen.start]
            if "learning_rate" not in changed:
                self.learning_rate = RATES.get(self.surface, 0.01)
        self.hidden = {"gradient descent": ["damping"], "BFGS": ["damping", "learning_rate"]}.get(
            self.method, ["learning_rate"]
        )

    def check(self):
        surface_of(self.surface)
        optimizer_for(self.method, self.damping, self.learning_rate)
        if self.detail not in dict(DETAILS):
            raise ValueError(f"Detail must be fine or coarse, but it is {self.detail!r}.")
        if not np.isfinite([*self.start, self.damping, self.learning_rate]).all():
            raise ValueError("Start, damping and learning rate must be finite numbers.")

    def build(self):
        figure, (plane, bars) = new_figure(10.5, 5.0, ncols=2, width_ratios=(1.5, 1))
        self.image, seldom = draw_basins(plane, surface_of(self.surface))
        self.bars, self.texts = draw_bars(bars)
        self.drawn = None
        (self.halo,) = plane.plot([], [], "-", color="white", lw=4.5)
        (self.path,) = plane.plot([], [], "-", color=PATH_COLOR, lw=1.8, marker="o", markersize=4)
        (self.dot,) = plane.plot([], [], "o", color="white", markeredgecolor="black", markersize=11, markeredgewidth=2)
        (self.end,) = plane.plot([], [], "D", color="#F0E442", markeredgecolor="black", markersize=9)
        return figure, [self.halo, self.path, self.dot, self.end, *self.bars, *self.texts], seldom

    def _key(self, size):
        used = {"gradient descent": self.learning_rate, "BFGS": 0.0}.get(self.method, self.damping)
        return self.surface, self.method, used, size

    def _fine_size(self):
        return FINE.get(self.method, 400) if self.detail == "fine" else COARSE

    def _compute(self, starts, key, stop=None):
        surface, method, used, _ = key
        return basins(surface_of(surface), method, starts, damping=used, learning_rate=used, stop=stop)

    def _remember(self, key, found):
        KNOWN[key] = found
        while len(KNOWN) > 40:
            KNOWN.popitem(last=False)

    def _found(self):
        """The finest map that is known, computed coarsely if none is; ``(basins, done)``."""
        fine = self._key(self._fine_size())
        if fine in KNOWN:
            return KNOWN[fine], True
        key = self._key(COARSE)
        if key not in KNOWN:
            self._remember(key, self._compute(grid(surface_of(self.surface), COARSE), key))
        return KNOWN[key], key == fine

    def update(self):
        self._turn += 1  # whatever is being refined belongs to other settings now
        found, self._done = self._found()
        if found is not self.drawn:
            self._show_map(found)
        path = path_of(surface_of(self.surface), self.method, self.start, self.damping, self.learning_rate)
        for line in (self.halo, self.path):
            line.set_data(*path.T)
        self.dot.set_data(*path[:1].T)
        self.end.set_data(*path[-1:].T)
        self._path_text = self._ending(path)
        return self._caption(found)

    def _show_map(self, found):
        self._shown = self.drawn = found
        self.image.set_data(basin_image(found))
        move_bars(self.bars, self.texts, found.shares())
        self.stage.settle()

    def _caption(self, found):
        what = method_text(self.method, self.damping, self.learning_rate)
        return f"{basins_text(surface_of(self.surface), what, found)} {self._path_text}"

    def _ending(self, path):
        surface, (x, y) = surface_of(self.surface), path[-1]
        begin = f"The run from ({self.start[0]:.3g}, {self.start[1]:.3g})"
        size = max(np.ptp(limits) for limits in surface.window)
        if np.abs(path[-1]).max() > 2 * size:
            return f"{begin} leaves the window for good."
        if np.abs(surface.gradient(path[-1])).max() > 1e-3:
            return f"{begin} is at ({x:.3g}, {y:.3g}) after {len(path) - 1} steps, still on its way."
        kind = KINDS[int(kinds_of(surface, path[-1:])[0])]
        named = "degenerate critical point" if kind == "degenerate" else kind
        return f"{begin} ends at a {named}, ({x:.3f}, {y:.3f})."

    def redraw(self, changed):
        super().redraw(changed)
        if not self._done:
            self._refine_in_background()

    def _refine_in_background(self):
        turn = self._turn
        self._worker = threading.Thread(target=self._refine, args=(turn,), daemon=True)
        self._worker.start()

    def _refine(self, turn):
        """Compute the fine map band by band, in an order that covers the window soon; show what is done."""
        time.sleep(0.15)  # while a slider is dragged the next setting comes sooner than this

        def stop():
            return turn != self._turn

        if stop():
            return
        key, surface = self._key(self._fine_size()), surface_of(self.surface)
        starts = grid(surface, key[-1])
        whole = Basins(np.full_like(starts, np.nan), np.zeros(starts.shape[:-1], np.int8), np.zeros(starts.shape[:-1]))
        coarse = self._shown
        rows = np.arange(len(starts)) * len(coarse.kinds) // len(starts)
        for part, rough in zip(whole, coarse, strict=True):
            part[...] = rough[rows][:, rows]
        for band in np.array_split(np.arange(len(starts)), BANDS):
            found = self._compute(starts[band], key, stop)
            if found is None:
                return
            for part, fine in zip(whole, found, strict=True):
                part[band] = fine
            last = band[-1] == len(starts) - 1
            with LOCK:
                if stop():
                    return
                self._push(whole, 1.0 if last else (band[-1] + 1) / len(starts))
        self._remember(key, whole)

    def _push(self, whole, done):
        with self.hold_sync():
            self._show_map(Basins(*(part.copy() for part in whole)))
            progress = "" if done == 1 else f" Refined so far: {100 * done:.0f} %."
            self.caption = self._caption(self._shown) + progress
            self.show(False)

    def refine(self):
        """Wait until the fine map is shown (for tests, and for whoever wants the picture without a screen)."""
        while self._worker is not None and self._worker.is_alive():
            self._worker.join(0.05)


def basin_map(surface="himmelblau", method="Newton", damping=0.0, learning_rate=None, detail="fine", start=None):
    """Return the live basin map: every start of a fine grid, coloured by the kind of critical point where it ends.

    Lightness tells points of one kind apart. Click the map for a run; a diamond marks its end.

    Args:
        surface: "himmelblau", "hills", "local_minimum", "saddle_point", "deep_linear", "classical_saddle" or
            "monkey_saddle".
        method: "Newton", "saddle-free Newton", "gradient descent" or "BFGS".
        damping: added to the eigenvalues (Newton) or their sizes (saddle-free), 0 or more.
        learning_rate: of gradient descent; one that suits the surface if left out.
        detail: "fine" (refines in the background) or "coarse".
        start: of the run that is drawn, ``[x, y]``.

    Raises:
        KeyError: an unknown surface.
        ValueError: an unknown method or a value out of range.
    """
    chosen = surface_of(surface)
    rate = RATES.get(surface, 0.01) if learning_rate is None else learning_rate
    first = [-1.0, 3.6] if surface == "himmelblau" else [float(x) for x in chosen.start]
    return BasinMap(
        surface=surface,
        method=method,
        damping=damping,
        learning_rate=rate,
        detail=detail,
        start=first if start is None else [float(x) for x in start],
    )
