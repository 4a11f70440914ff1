"""The base of every live figure: controls, a picture that follows them, and a caption that says what it shows.

How to build one. The traits are what can be set; ``controls`` binds them to sliders, menus, tick boxes and
points; ``build`` draws what stays and names what moves; ``update`` moves it and returns the finding::

    class Parabola(LiveFigure):
        learning_rate = traitlets.Float(0.1).tag(sync=True)

        def controls(self):
            return (Slider("learning_rate", "Learning rate", log_positions(1e-3, 1)),)

        def build(self):
            figure, axes = new_figure(9, 4)
            ...
            (self.line,) = axes.plot([], [])          # fixed limits: only what moves is drawn again
            return figure, [self.line]

        def update(self):
            run = descend(..., SGD(self.learning_rate), ...)
            self.line.set_data(run.thetas[:, 0], run.values)
            return f"Gradient descent ends at f = {run.values[-1]:.3g}."

A trait listed in ``rebuild_on`` draws the background again (menus of surfaces, numbers of steps); what was drawn once
is kept, with all that ``build`` put into ``self``. ``build`` may depend on no other trait. A ``ValueError`` or
``KeyError`` with a sentence, from ``build`` or ``update``, appears under the figure while the old picture stays.
Everything works without a browser: set a trait and read ``png()`` and ``caption``.
"""

import json
import os
import threading
import time
from pathlib import Path

import anywidget
import traitlets

from course_lib.figures.show import page_css
from course_lib.widgets.ahead import ahead_later
from course_lib.widgets.controls import Menu, Progress, Slider, Ticks, description
from course_lib.widgets.film import POSITIONS, film, film_later, is_unseen
from course_lib.widgets.stage import LOCK, Stage, Wings

RESTING = 0.1  # seconds after which a hand that moves a slider is said to rest

_FOLDER = Path(__file__).parent


def front_end(*names):
    """The text of the JavaScript or CSS files ``names``, one after the other: a widget's front end is one module."""
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


class LiveFigure(anywidget.AnyWidget):
    """A figure with controls. Subclasses give ``controls``, ``build`` and ``update``; see the module's text.

    Attributes:
        caption: what the picture shows, in words; also its alt text.
        problem: what is wrong with the last value that was set, or "".
        hidden: names of the traits whose controls are not shown at present.
        film: the pictures of the controls' positions, where they were made beforehand (``course_lib.widgets.film``).
        film_positions: how many positions of a slider a film has at most.
        near: whether a hand has come to the figure; then what it may choose next is drawn ahead of it.
        drawn_at: when the last picture was drawn, in seconds of ``time.monotonic``.
        film_grid: how many positions each of its first two sliders has where both move; 0 for none.
        filmed: traits of the controls that a film may have; ``None`` for all.
    """

    _esm = front_end("controls.js", "layout.js", "panels.js", "kernel.js", "film.js", "live.js")
    _css = front_end("widgets.css") + page_css()

    picture = traitlets.Bytes().tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    panel: traitlets.List = traitlets.List().tag(sync=True)
    hidden = traitlets.List(traitlets.Unicode()).tag(sync=True)
    boxes = traitlets.Dict().tag(sync=True)
    film = traitlets.Dict().tag(sync=True)

    _ipython_display_ = None  # of ipywidgets 7 (Colab), which would show the view and no picture
    film_positions = POSITIONS
    film_grid = 5  # positions of each of the first two sliders together, in an exported page
    filmed: tuple[str, ...] | None = None
    rebuild_on: tuple[str, ...] = ()

    def controls(self) -> tuple:
        """The controls, in the order in which they are shown."""
        raise NotImplementedError

    def build(self):
        """Draw what stays; return ``(figure, artists that move)``."""
        raise NotImplementedError

    def update(self) -> str:
        """Move the artists to where the traits say; return the caption."""
        raise NotImplementedError

    def __new__(cls, *args, **named):
        """Remember what it is made with: a film is taken of a twin."""
        figure = super().__new__(cls, *args, **named)
        figure.made_with = (cls, args, named)
        return figure

    def __init__(self, **values):
        """Set the traits in ``values`` and draw. A value that cannot be drawn raises ``ValueError`` or ``KeyError``."""
        self.stage = None
        self.wings = Wings()
        self._undrawn = set()
        self._together = None
        self._newest = self._at_work = None
        self.near = False
        super().__init__(**values)
        self._controls = tuple(self.controls())
        traits = [control.trait for control in self._controls]
        not_synced = [trait for trait in traits if not self.trait_metadata(trait, "sync")]
        if not_synced:
            raise TypeError(f"A control needs a synced trait: write .tag(sync=True) after {', '.join(not_synced)}.")
        self.panel = [description(control) for control in self._controls]
        self.on_msg(self._message)
        with LOCK:
            self.redraw(traits)
        self.observe(self._changed, names=traits)

    def open(self):
        """Connect to the front end; a twin of which a film is taken has none."""
        if not is_unseen():
            super().open()

    def settings_of_controls(self):
        """``{trait: value}`` of all that a person can set."""
        return {
            control.trait: getattr(self, control.trait)
            for control in self._controls
            if not isinstance(control, Progress)
        }

    def filmed_controls(self):
        """The controls that a film can show: those with a list of positions."""
        possible = [control for control in self._controls if isinstance(control, Slider | Menu | Ticks)]
        return [control for control in possible if self.filmed is None or control.trait in self.filmed]

    def controls_ahead(self):
        """The controls whose next choices are drawn before a hand makes them (``course_lib.widgets.ahead``)."""
        return self.filmed_controls()

    def follow(self, changed):
        """Set traits that go with those in ``changed`` (a new surface brings its start); all are drawn together.

        May return further names for ``rebuild_on``.
        """

    def check(self):
        """Raise ``ValueError`` with a sentence if the traits cannot be drawn; the old picture then stays."""

    def redraw(self, changed):
        """Draw after the traits named in ``changed`` took new values; the front end gets one message."""
        self._prepare(changed)
        rebuilt = self.stage is None or not self._undrawn.isdisjoint(self.rebuild_on)
        with self.hold_sync():
            if rebuilt:
                self._change_stage()
            self.caption = self.update()
            self.show(rebuilt)
        self._drawn()
        if rebuilt and self.near:
            ahead_later(self)

    def _change_stage(self):
        """Put up what ``build`` draws for the present settings, from the wings if it stands there."""
        self.wings.change(vars(self), repr([getattr(self, trait) for trait in self.rebuild_on]), self.draw_stage)
        self.boxes = self.stage.boxes

    def draw_stage(self):
        """Draw what stays, as ``build`` says."""
        self.stage = Stage(*self.build())

    def _prepare(self, changed):
        """Note what is to be drawn: ``changed``, what follows from it, and what an earlier attempt could not draw."""
        self._together = set(changed)
        self._together.update(self.follow(changed) or ())
        changed, self._together = self._together, None
        self._undrawn.update(changed)
        self._newest = object()
        self.check()

    def _drawn(self):
        """The picture shows the traits: these values are the ones to go back to."""
        self._undrawn.clear()
        self.drawn_at = time.monotonic()
        self._good = {control.trait: getattr(self, control.trait) for control in self._controls}
        self.problem = ""

    def later(self, work):
        """For ``update``, which shows something coarse: do ``work()`` in a thread when the hand rests, then draw again.

        ``work`` computes what ``update`` will find done. Nothing comes of it if something else was drawn meanwhile.
        """
        turn = self._newest

        def go():
            time.sleep(RESTING)
            if turn is not self._newest:
                return
            work()
            with LOCK:
                if turn is self._newest:
                    self._try(lambda: self.redraw(()))

        self._at_work = threading.Thread(target=go, name="course refinement", daemon=True)
        self._at_work.start()

    def join(self, seconds=None):
        """Wait until what was left for later is drawn, at most ``seconds``; returns whether it is."""
        if self._at_work is not None:
            self._at_work.join(seconds)
        return self._at_work is None or not self._at_work.is_alive()

    def stop(self):
        """End what runs in the background, if anything does."""

    def show(self, rebuilt):
        """Put the new picture on the screen."""
        self.picture = self.stage.png()

    def png(self) -> bytes:
        """The picture as PNG bytes."""
        return self.picture

    def set(self, **values):
        """Set several traits and draw once."""
        self._set_together(lambda: [self.set_trait(name, value) for name, value in values.items()])

    def set_state(self, sync_data):
        """Draw once after what the front end sent."""
        self._set_together(lambda: super(LiveFigure, self).set_state(sync_data))

    def _set_together(self, action):
        with LOCK:  # a run in the background may want to draw at the same time
            self._together = set()
            try:
                action()
            finally:
                changed, self._together = self._together, None
            if changed:
                self._try(lambda: self.redraw(changed))

    def _changed(self, change):
        with LOCK:
            if self._together is not None:
                self._together.add(change["name"])
            elif getattr(self, change["name"]) is change["new"]:  # else a run has drawn, and refused it, meanwhile
                self._try(lambda: self.redraw({change["name"]}))

    def _try(self, action):
        """Do ``action``; if a value is wrong, say so, keep the picture and go back to the values that it shows.

        The front end gets all that comes of it in one message: values and lines that belong together, and
        never a wrong value.
        """
        with LOCK, self.hold_sync():
            try:
                action()
            except (ValueError, KeyError) as error:
                self.problem = str(error.args[0])
                self._together = set()
                for trait, value in self._good.items():
                    self.set_trait(trait, value)
                self._together = None

    def _message(self, _, content, buffers):
        """The front end asks for something.

        ``{"ask": number}``: whether somebody is there; ``{"film": trait}``: the film of a control that is taken in
        hand; ``{"near": true}``: what the next choice needs; ``{"typed": trait, "text": text}``: that a number be read.
        """
        if "ask" in content:
            return self.send({"answer": content["ask"]})
        if "film" in content:
            return film_later(self, content["film"])
        if "near" in content:
            self.near = True
            return ahead_later(self)
        slider = next(c for c in self._controls if isinstance(c, Slider) and c.trait == content.get("typed"))

        def enter():
            self.problem = ""
            self.set_trait(slider.trait, slider.read(content["text"]))

        self._try(enter)

    def travel(self):
        """Take along what a page without a kernel needs, and leave behind what it does not."""
        self.film = film(self)
        self.picture = b""  # the film has it, smaller

    def __repr__(self):
        values = ", ".join(f"{control.trait}={getattr(self, control.trait)!r}" for control in self._controls)
        return f"{type(self).__name__}({values})"

    def _repr_mimebundle_(self, **kwargs):
        """The widget, and beside it the picture with its alt text for readers without a running kernel."""
        picture = self.png()
        if os.environ.get("COURSE_FILMS"):  # a page is written: there the browser has nobody to ask
            self.travel()
        data, *metadata = super()._repr_mimebundle_(**kwargs) or ({},)
        width, height = self.boxes["size"]
        data["text/plain"] = repr(self)
        data["image/png"] = picture
        where = {name: self.boxes[name] for name in ("size", "dpi", "panels", "kept")}
        about_picture = {"alt": self.caption, "width": width, "height": height, "regions": json.dumps(where)}
        return data, {**(metadata[0] if metadata else {}), "image/png": about_picture}
