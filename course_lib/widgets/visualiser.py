"""Chapter 3: the Visualiser, a race of all optimizers on a surface."""

from contextlib import suppress
from dataclasses import fields, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib import rc_context
from matplotlib.lines import Line2D

from course_lib.figures.methods import styles_of
from course_lib.figures.style import STYLE, new_figure
from course_lib.figures.surface import draw_surface, surface_grid
from course_lib.figures.trajectories import best_value
from course_lib.objective import with_l2_penalty
from course_lib.optimizers import OPTIMIZERS, SGD, Momentum, Nesterov
from course_lib.run import descend, iterate
from course_lib.schedules import constant, cosine, step_decay, warm_up
from course_lib.surfaces import SURFACES, ravine
from course_lib.validation import count, in_range
from course_lib.widgets.controls import Menu, Point, Slider, Ticks, log_positions
from course_lib.widgets.reel import Arrow, Reel, Sweep, Track

BY_NAME = {cls.__name__: cls for cls in OPTIMIZERS}
LEARNING_RATES = log_positions(1e-4, 1)
# Closer together near 1, where momentum acts; 0.98 and 1 are what L4 asks about.
MOMENTA = (*(n / 100 for n in range(0, 80, 5)), *(n / 100 for n in range(80, 101)))
STEPS = (*range(10, 100, 10), *range(100, 525, 25))
CONDITION_NUMBERS = log_positions(1, 1000, 31, digits=2)
DECAYS = (0.0, *log_positions(0.001, 1, 31, digits=2))
SCHEDULES = {  # (learning rate, number of steps) -> schedule
    "constant": lambda rate, num_steps: constant(rate),
    "step": lambda rate, num_steps: step_decay(rate, 0.1, max(1, num_steps // 3)),
    "cosine": lambda rate, num_steps: cosine(rate, 0.0, max(2, num_steps)),
    "warm-up": lambda rate, num_steps: warm_up(constant(rate), max(1, num_steps // 3)),
}
IN_WORDS = {
    "constant": "constant",
    "step": "step: a tenth after each third",
    "cosine": "cosine, down to 0",
    "warm-up": "warm-up: rises for a third",
}
FOUR = ["SGD", "Momentum", "RMSprop", "Adam"]
ROLLING = {"optimizers": ["SGD", "Momentum"], "cartoon": "Momentum"}
RADFORD = ["SGD", "Momentum", "Nesterov", "Adagrad", "RMSprop", "Adadelta"]
LECTURES = {  # what is raced in the lectures: traits by the name of the demonstration
    "dip 0.98": {"surface": "local_minimum", "learning_rate": 0.001, "momentum": 0.98, **ROLLING},
    "bowl 1": {"surface": "global_minimum", "learning_rate": 0.001, "momentum": 1.0, **ROLLING},
    "paths": {"surface": "hills", "learning_rate": 0.02, "num_steps": 100, "cartoon": "Momentum", "optimizers": FOUR},
    "saddle": {"surface": "classical_saddle", "learning_rate": 0.03, "num_steps": 120, "optimizers": RADFORD},
    "contours": {"surface": "beale", "num_steps": 200, "optimizers": RADFORD},
}
LECTURE_LABELS = {
    "": "own settings",
    "dip 0.98": "Momentum 0.98 in a dip",
    "bowl 1": "Momentum 1 in a bowl",
    "paths": "Four methods, four paths",
    "saddle": "Six methods at a saddle",
    "contours": "Six methods on Beale's function",
}
TANGLE = 3.0  # window diagonals: a longer path is no longer followed by the eye
DECADES = 6  # of the distance to the lowest value that the curves show
CARRIED, DOWNHILL, UPDATE = "#0072B2", "#E69F00", "#B9BEC7"  # the arrows of the cartoon


class Fate(NamedTuple):
    """How the runs of one optimizer ended, each entry ``(positions,)``.

    ``away``: the step after which the run stays outside the window, or -1. ``far``: it ended many windows
    away, or at inf or nan. ``arrived``: the step after which it stays at the lowest known value, or -1.
    """

    last: np.ndarray
    away: np.ndarray
    far: np.ndarray
    uphill: np.ndarray
    arrived: np.ndarray


def _from_then_on(condition):
    """First step from which ``condition (num_steps + 1, positions)`` holds to the end; -1 where there is none."""
    since = len(condition) - np.argmin(condition[::-1], axis=0)
    return np.where(condition.all(axis=0), 0, np.where(condition[-1], since, -1))


def fates(thetas, values, window, best):
    """How each run ended: ``thetas (num_steps + 1, positions, 2)``, ``values (num_steps + 1, positions)``."""
    low, high = np.transpose(window)
    with np.errstate(all="ignore"):
        windows_away = np.nan_to_num(np.abs(thetas - (low + high) / 2) / (high - low), nan=np.inf).max(axis=-1)
        finite = np.isfinite(values)
        steps = np.maximum.accumulate(np.where(finite, np.arange(len(values))[:, None], 0), axis=0)
        last = np.take_along_axis(values, steps[-1:], axis=0)[0]
        near = np.zeros_like(finite) if best is None else values - best < 1e-6 * np.maximum(1, values[0] - best)
    far = (windows_away[-1] > 20) | ~finite[-1]
    return Fate(last, _from_then_on(windows_away > 0.5), far, last > values[0], _from_then_on(near))


def ending(name, fate, position):
    """One run in words, "Momentum reaches the lowest value in 83 steps"."""
    last, away, far, uphill, arrived = (entry[position] for entry in fate)
    if far:
        how = "diverges" if uphill else "runs off downhill"
        return f"{name} {how}" + (f", out of the window from step {away}" if away > 0 else "")
    if arrived >= 0:
        return f"{name} reaches the lowest value at step {arrived}"
    return f"{name} ends at f = {last:.3g}" + (", outside the window" if away >= 0 else "")


def steered(cls):
    """Names of the hyperparameters that a slider sets.

    Not a learning rate that is 1 by default: such a method (Newton, Adadelta) finds the length of its steps
    itself. Not a momentum that is 0 by default: with it, the method would be another one.
    """
    defaults = {field.name: field.default for field in fields(cls)}
    return {name for name, idle in (("learning_rate", 1.0), ("momentum", 0.0)) if defaults.get(name, idle) != idle}


def configured(cls, values):
    """``cls`` with those of ``values`` that it is steered by; an array runs along the ensemble."""
    columns = {name: np.reshape(value, (-1, 1)) if np.ndim(value) else value for name, value in values.items()}
    return cls(**{name: columns[name] for name in steered(cls)})


def settled(surface, cls, values, num_steps, schedule="constant", weight_decay=0.0):
    """``(objective, optimizer, schedule)`` of one run.

    A method with a weight decay of its own (AdamW) gets it; the others meet it as an L2 penalty in their gradient.
    """
    optimizer = configured(cls, values)
    if "weight_decay" in {field.name for field in fields(cls)}:
        objective, optimizer = surface, replace(optimizer, weight_decay=weight_decay)
    else:
        objective = with_l2_penalty(surface, weight_decay) if weight_decay else surface
    if schedule == "constant" or "learning_rate" not in steered(cls):
        return objective, optimizer, None
    return objective, optimizer, SCHEDULES[schedule](optimizer.learning_rate, num_steps)


def race(surface, cls, values, start, num_steps, **about):
    """``(thetas, f)`` of one optimizer, ``(num_steps + 1, positions, 2)`` and ``(num_steps + 1, positions)``.

    All positions are one run. A method that cannot run an ensemble runs them one after the other, and a
    position that it refuses stays at the start. ``about``: schedule and weight decay, as of ``settled``; f is the
    surface without a penalty.
    """

    def thetas_from(own, starts):
        objective, optimizer, schedule = settled(surface, cls, own, num_steps, **about)
        return descend(objective, optimizer, starts, num_steps, schedule).thetas

    positions = max(np.size(value) for value in values.values())
    starts = np.broadcast_to(np.asarray(start, dtype=float), (positions, 2))
    try:
        thetas = thetas_from(values, starts)
    except (ValueError, NotImplementedError, np.linalg.LinAlgError):
        thetas = np.repeat(starts[None], num_steps + 1, axis=0)
        for position in range(positions):
            own = {name: np.ravel(value)[min(position, np.size(value) - 1)] for name, value in values.items()}
            with suppress(ValueError, NotImplementedError, np.linalg.LinAlgError):
                thetas[:, position] = thetas_from(own, starts[0])
    with np.errstate(all="ignore"):
        return thetas, surface.value(thetas)


def cartoon_vectors(surface, cls, values, start, num_steps, **about):
    """The vectors of every single update, ``(num_steps + 1, positions, 3, 2)``.

    What the velocity carries on (momentum * velocity, else 0), the rest of the update, and the direction of
    steepest descent at theta, as long as the update.
    """
    positions = max(np.size(value) for value in values.values())
    starts = np.broadcast_to(np.asarray(start, dtype=float), (positions, 2))
    objective, optimizer, schedule = settled(surface, cls, values, num_steps, **about)
    walk = list(iterate(objective, optimizer, starts, num_steps + 1, schedule))
    thetas = np.array([theta for theta, _ in walk])
    with np.errstate(all="ignore"):
        update = np.diff(thetas, axis=0)
        carried = np.zeros_like(update)
        if cls in (Momentum, Nesterov):
            carried = optimizer.momentum * np.array([state.velocity for _, state in walk[:-1]])  # (3.2), (3.6)
        gradient = objective.gradient(thetas[:-1])
        length, steepness = (np.linalg.norm(v, axis=-1, keepdims=True) for v in (update, gradient))
        downhill = -gradient * length / np.where(steepness == 0, 1, steepness)
        return np.stack([carried, update - carried, downhill], axis=2)


def cartoon_arrows(cls, axes):
    """The arrows of one update and their names, ``[(Arrow, text), ...]``."""
    here, carried, whole = (0, 0, 0), (1, 0, 0), (1, 1, 0)
    if cls is Nesterov:
        return [
            (Arrow(axes, here, whole, UPDATE, broad=True), "the update"),
            (Arrow(axes, here, carried, CARRIED), "momentum × velocity"),
            (Arrow(axes, carried, whole, DOWNHILL), "−learning rate × gradient"),
            (Arrow(axes, carried, carried, DOWNHILL), "taken at the look-ahead"),
        ]
    if cls is Momentum:
        return [
            (Arrow(axes, here, whole, UPDATE, broad=True), "the update"),
            (Arrow(axes, here, carried, CARRIED), "momentum × velocity"),
            (Arrow(axes, carried, whole, DOWNHILL), "−learning rate × gradient"),
            (Arrow(axes, here, here, DOWNHILL), "taken at the present point"),
        ]
    return [
        (Arrow(axes, here, whole, UPDATE, broad=True), "the update"),
        (Arrow(axes, here, (0, 0, 1), DOWNHILL), "steepest descent"),
        (Arrow(axes, here, here, DOWNHILL), "the present point"),
    ]


def way_in_window(thetas, window):
    """How long each path is until it leaves the window for good, in diagonals of it, ``(positions,)``."""
    low, high = np.transpose(window)
    with np.errstate(all="ignore"):
        inside = np.all((thetas >= low) & (thetas <= high), axis=-1)
        returns = np.logical_or.accumulate(inside[::-1], axis=0)[::-1]
        steps = np.linalg.norm(np.diff(thetas, axis=0), axis=-1)
    return np.where(returns[1:], steps, 0).sum(axis=0) / np.linalg.norm(high - low)


@lru_cache(maxsize=64)
def suitable_rate(surface):
    """Near 0.8 / (the steepest curvature at the start), or less: no path of a first race is a tangle."""
    curvature = np.abs(np.linalg.eigvalsh(surface.hessian(np.array(surface.start)))).max()
    largest = min(LEARNING_RATES, key=lambda rate: abs(np.log(rate * curvature / 0.8)))
    rates = np.array([rate for rate in LEARNING_RATES if largest / 100 <= rate <= largest])
    values = {"learning_rate": rates, "momentum": Visualiser.momentum.default_value}
    num_steps = Visualiser.num_steps.default_value
    runs = [race(surface, cls, values, surface.start, num_steps)[0] for cls in (SGD, Momentum, Nesterov)]
    ways = np.max([way_in_window(thetas, surface.window) for thetas in runs], axis=0)
    return float(rates[max(np.flatnonzero(ways <= TANGLE), default=0)])


def suitable(surface):
    """A start and a learning rate worth watching."""
    return {"start": [float(x) for x in surface.start], "learning_rate": suitable_rate(surface)}


def plain(number):
    """A number as a caption writes it."""
    return f"{number:.3g}"


class Visualiser(Reel):
    """All optimizers race on one surface; see ``visualiser``."""

    surface = traitlets.Unicode("rosenbrock").tag(sync=True)
    optimizers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    cartoon = traitlets.Unicode("Nesterov").tag(sync=True)
    start = traitlets.List(traitlets.Float(), minlen=2, maxlen=2).tag(sync=True)
    learning_rate = traitlets.Float(1e-3).tag(sync=True)
    momentum = traitlets.Float(0.9).tag(sync=True)
    num_steps = traitlets.Int(150).tag(sync=True)
    condition_number = traitlets.Float(30.0).tag(sync=True)
    schedule = traitlets.Unicode("constant").tag(sync=True)
    weight_decay = traitlets.Float(0.0).tag(sync=True)
    lecture = traitlets.Unicode("").tag(sync=True)

    sweeps = ("learning_rate", "momentum")
    rebuild_on = ("surface", "condition_number", "num_steps", "optimizers", "cartoon", "top")

    def controls(self):
        """The panel."""
        names = tuple((name, name) for name in BY_NAME)
        surfaces = tuple((name, surface.title.split(",")[0]) for name, surface in SURFACES.items())
        return (
            Menu("surface", "Surface", surfaces),
            Slider("condition_number", "Condition number", CONDITION_NUMBERS),
            Slider("learning_rate", "Learning rate", LEARNING_RATES),
            Slider("momentum", "Momentum", MOMENTA),
            Menu("schedule", "Schedule", tuple((name, name) for name in SCHEDULES)),
            Slider("weight_decay", "Weight decay", DECAYS),
            Slider("num_steps", "Steps", STEPS),
            Ticks("optimizers", "Race", names),
            Menu("cartoon", "One update of", names),
            Menu("lecture", "From the lectures", tuple(LECTURE_LABELS.items())),
            Point("start", "Start", (0,)),
        )

    def __init__(self, **values):
        surface = ravine(values["condition_number"]) if values["surface"] == "ravine" else SURFACES[values["surface"]]
        super().__init__(**{"optimizers": ["SGD", "Momentum", "Nesterov"], **suitable(surface), **values})

    def follow(self, changed):
        """A new surface brings its start and a learning rate that suits it, a demonstration all that it needs."""
        given = LECTURES.get(self.lecture, {}) if "lecture" in changed else {}
        if given:
            given = {
                "schedule": "constant",
                "weight_decay": 0.0,
                "momentum": 0.9,
                "num_steps": 500,
                "cartoon": "Nesterov",
                **given,
            }
            given = {**suitable(SURFACES[given["surface"]]), **given}
        elif "surface" in changed:
            given = {trait: value for trait, value in suitable(self._surface()).items() if trait not in changed}
        for trait, value in given.items():
            self.set_trait(trait, value)
        if "lecture" not in changed and not changed <= {"cartoon", "step"}:
            self.set_trait("lecture", "")  # no longer what the lecture shows
        self.hidden = [] if self.surface == "ravine" else ["condition_number"]
        before, self.top = getattr(self, "top", None), self._top_decade()
        return {"top"} if self.top != before else set()

    def _top_decade(self):
        """Power of ten at the top of the curves, so that the start is always in the picture."""
        surface = self._surface()
        best = best_value(surface)
        with np.errstate(all="ignore"):  # a start that is out of range is named by check
            value = float(surface.value(np.array(self.start)))
        return None if best is None else float(np.ceil(np.log10(np.clip(value - best, 1e-6, 1e12)) + 0.3))

    def check(self):
        """One clear sentence for a value that cannot be raced."""
        count("num_steps", self.num_steps)
        in_range("num_steps", self.num_steps, 1, 5000)
        in_range("start", self.start, -1e6, 1e6)
        unknown = [name for name in (*self.optimizers, self.cartoon) if name not in BY_NAME]
        if unknown:
            raise ValueError(f"There is no optimizer {unknown[0]!r} to race. Choose from: {', '.join(BY_NAME)}.")
        for trait, known in (("schedule", SCHEDULES), ("lecture", LECTURE_LABELS)):
            if getattr(self, trait) not in known:
                raise ValueError(f"There is no {trait} {getattr(self, trait)!r}. Choose from: {', '.join(known)}.")
        in_range("weight_decay", self.weight_decay, 0, 100)
        for cls in (SGD, Momentum):
            configured(cls, self._hyperparameters())

    def build(self):
        """Contours, axes for the curves and for one update, and a legend above all."""
        surface, racing = self._surface(), self._racing()
        styles = styles_of(cls.__name__ for cls in racing)
        columns = int(9.8 / (1.3 + 0.11 * max([len(name) for name in styles], default=1)))
        height = 5.2 + 0.31 * max(0, -(-len(styles) // columns) - 1)  # inches; a second row of the legend makes room
        with rc_context(STYLE):
            figure, plan = new_figure(10, height, subplot_kw={"position": (0.075, 0.6 / height, 0.415, 4.15 / height)})
            figure.set_layout_engine("none")
            figure.set_dpi(140)
            curves = figure.add_axes((0.60, 2.75 / height, 0.385, 2.0 / height))
            update = figure.add_axes((0.535, 0.1 / height, 0.18, 1.65 / height))
        draw_surface(plan, surface)
        plan.set_title("")
        self._draw_curve_axes(curves, surface)
        self._draw_cartoon_axes(update)
        handles = [
            Line2D([], [], color=s.color, ls=s.dashes, marker=s.marker, ms=9, mec="black", lw=2.6, label=name)
            for name, s in styles.items()
        ]
        figure.legend(handles=handles, loc="upper center", ncols=columns, frameon=False, fontsize=14, handlelength=3)
        tracks = [Track(0, style, name, direction=True) for name, style in styles.items()]
        tracks += [Track(1, style, name) for name, style in styles.items()]
        return figure, tracks, [arrow for arrow, _ in cartoon_arrows(BY_NAME[self.cartoon], 2)]

    def sweep(self, values):
        """Race all positions of a slider at once."""
        surface, best = self._surface(), best_value(self._surface())
        paths, curves, endings = [], [], []
        about = {"schedule": self.schedule, "weight_decay": self.weight_decay}
        for cls in self._racing():
            thetas, f = race(surface, cls, values, self.start, self.num_steps, **about)
            steps = np.broadcast_to(np.arange(self.num_steps + 1.0)[:, None], f.shape)
            with np.errstate(invalid="ignore"):
                height = f if best is None else np.maximum(f - best, 0)
            paths.append(thetas)
            curves.append(np.stack([steps, height], axis=-1))
            fate = fates(thetas, f, surface.window, best)
            endings.append([ending(cls.__name__, fate, position) for position in range(f.shape[1])])
        vectors = cartoon_vectors(surface, BY_NAME[self.cartoon], values, self.start, self.num_steps, **about)
        captions = [
            self._caption(surface, values, position, [column[position] for column in endings])
            for position in range(max(np.size(value) for value in values.values()))
        ]
        return Sweep([*paths, *curves], captions, vectors)

    def _surface(self):
        return ravine(self.condition_number) if self.surface == "ravine" else SURFACES[self.surface]

    def _racing(self):
        return [cls for name, cls in BY_NAME.items() if name in self.optimizers]

    def _hyperparameters(self):
        return {name: getattr(self, name) for name in self.sweeps}

    def _caption(self, surface, values, position, endings):
        at = {name: np.ravel(value)[min(position, np.size(value) - 1)] for name, value in values.items()}
        x, y = self.start
        race = "; ".join(endings) or "no optimizer is ticked"
        schedule = "" if self.schedule == "constant" else f" ({IN_WORDS[self.schedule]})"
        decay = f", weight decay {plain(self.weight_decay)}" if self.weight_decay else ""
        return (
            f"{surface.title}, {self.num_steps} steps from ({plain(x)}, {plain(y)}), learning rate "
            f"{plain(at['learning_rate'])}{schedule}, momentum {plain(at['momentum'])}{decay}: {race}."
        )

    def _draw_curve_axes(self, axes, surface):
        """Limits that hold for every position of every slider, so that nothing but the curves moves."""
        best, (_, _, z) = best_value(surface), surface_grid(surface)
        axes.set_xlim(0, 1.03 * self.num_steps)  # room for the markers at the end
        if best is None:
            axes.set_ylim(z.min(), z.max())
        else:
            axes.set_yscale("log")
            axes.set_ylim(10 ** (self.top - DECADES), 10**self.top)
            axes.minorticks_off()
        axes.grid(True, axis="y", color="#DDDDDD", linewidth=0.8)
        axes.set_xlabel("step")
        axes.set_ylabel("f" if best is None else "f − lowest f")

    def _draw_cartoon_axes(self, axes):
        """A frame for the arrows; what they mean stands beside it."""
        axes.set(xticks=[], yticks=[], facecolor="#EEF1F6")
        axes.spines[:].set_visible(False)
        axes.set_title(f"One update of {self.cartoon}, enlarged", fontsize=14, loc="left")
        for row, (arrow, text) in enumerate(cartoon_arrows(BY_NAME[self.cartoon], 2)):
            y, ring = 0.86 - 0.24 * row, arrow.tail == arrow.head
            ends = [1.12] if ring else [1.06, 1.18]
            mark = {"marker": "o", "mfc": "white", "ms": 10, "mew": 2.4} if ring else {}
            about = {"transform": axes.transAxes, "clip_on": False, "color": arrow.color, "lw": 8 if arrow.broad else 4}
            axes.add_artist(Line2D(ends, [y] * len(ends), **about, **mark))
            axes.text(1.24, y, text, transform=axes.transAxes, fontsize=13, va="center")


def visualiser(surface="rosenbrock", optimizers=None, condition_number=30.0, **values):
    """A race of optimizers that one can steer: contours, values against the step, and one update enlarged.

    Drag a slider and the race follows; click on the contours, or use the arrow keys on them, to set the
    start; play, or scrub over the steps. All runs have exact gradients and nothing is stopped early.

    Args:
        surface: a name in ``SURFACES``.
        optimizers: classes in ``OPTIMIZERS``, or their names, that race; if left out, SGD, Momentum and Nesterov
            (tick boxes add the others).
        condition_number: of the ravine.
        **values: ``start``, ``learning_rate``, ``momentum``, ``num_steps``, ``cartoon`` (the optimizer whose
            update is enlarged), ``schedule`` ("constant", "step", "cosine" or "warm-up"), ``weight_decay`` (of AdamW;
            the others get an L2 penalty in its place, and f is drawn without it), ``lecture`` (a demonstration of the
            lectures, which sets the others). Left out, start and learning rate suit the surface.

    Returns:
        ``Visualiser``, a widget. Without a browser: set its traits, read ``caption`` and ``png()``.

    Raises:
        KeyError: a surface that is not there; the text lists those that are.
        ValueError: a value that cannot be raced, a negative learning rate for instance.

    Source: L4 (the Gradient Descent Visualiser, which approximates the gradient and stops where it is small).
    """
    chosen = {} if optimizers is None else {"optimizers": [getattr(name, "__name__", name) for name in optimizers]}
    return Visualiser(surface=surface, condition_number=condition_number, **chosen, **values)
