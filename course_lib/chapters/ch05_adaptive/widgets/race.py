"""Chapter 5: the race of the adaptive methods, with the effective learning rate of each coordinate over the steps."""

from dataclasses import fields

import numpy as np
import traitlets
from matplotlib import rc_context
from matplotlib.lines import Line2D

from course_lib.figures.methods import styles_of
from course_lib.figures.style import STYLE, new_figure
from course_lib.figures.surface import draw_surface
from course_lib.figures.trajectories import best_value
from course_lib.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AMSGrad,
    Momentum,
    Nadam,
    RMSprop,
)
from course_lib.optimizers.effective import effective_rate
from course_lib.run import iterate
from course_lib.surfaces import SURFACES, ravine, rotated
from course_lib.validation import count, fraction, in_range, non_negative
from course_lib.widgets.controls import Menu, Point, Slider, Ticks, even_positions, log_positions
from course_lib.widgets.reel import Reel, Sweep, Track
from course_lib.widgets.visualiser import CONDITION_NUMBERS, STEPS, ending, fates, plain

METHODS = {cls.__name__: cls for cls in (SGD, Momentum, Adagrad, RMSprop, Adadelta, Adam, AMSGrad, Nadam, Adamax)}
PLACES = ("ravine", *(name for name in SURFACES if name != "ravine"))
LEARNING_RATES = tuple(sorted({*log_positions(1e-3, 1, 49), 0.05}))
MEMORIES = (0.0, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.997, 0.999)
LOWEST, HIGHEST = 1e-5, 1e2  # effective rates that are shown


def configured(cls, learning_rate, memory):
    """``cls`` with this learning rate (Adadelta keeps its 1), and with ``memory`` as its rho or beta2."""
    names = {field.name for field in fields(cls)}
    rate = {} if cls is Adadelta else {"learning_rate": learning_rate}
    return cls(**rate, **{name: memory for name in ("rho", "beta2") if name in names})


def race_with_rates(surface, cls, learning_rate, memory, start, num_steps):
    """``(thetas, values, rates)`` of all positions in one run, rates ``(num_steps + 1, positions, 2)``."""
    positions = max(np.size(learning_rate), np.size(memory))
    starts = np.broadcast_to(np.asarray(start, dtype=float), (positions, 2))
    learning_rate, memory = (np.reshape(x, (-1, 1)) if np.ndim(x) else x for x in (learning_rate, memory))
    optimizer = configured(cls, learning_rate, memory)
    with np.errstate(all="ignore"):
        walk = list(iterate(surface, optimizer, starts, num_steps))
        thetas = np.array([theta for theta, _ in walk])
        rates = np.array([effective_rate(optimizer, theta, state) for theta, state in walk])
        rates[0] = rates[min(1, num_steps)]  # before the first gradient there is none
        return thetas, surface.value(thetas), rates


def _place(surface, condition_number, turn):
    """The surface of that name; the ravine with its condition number, turned."""
    if surface != "ravine":
        return SURFACES[surface]
    valley = ravine(condition_number)
    return rotated(valley, turn) if turn else valley


class AdaptiveRace(Reel):
    """The race; make it with ``adaptive_race``."""

    surface = traitlets.Unicode("ravine").tag(sync=True)
    condition_number = traitlets.Float(30.0).tag(sync=True)
    turn = traitlets.Float(0.0).tag(sync=True)
    learning_rate = traitlets.Float(0.05).tag(sync=True)
    memory = traitlets.Float(0.9).tag(sync=True)
    num_steps = traitlets.Int(150).tag(sync=True)
    optimizers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    start = traitlets.List(traitlets.Float(), minlen=2, maxlen=2, default_value=[-1.8, 1.0]).tag(sync=True)

    sweeps = ("learning_rate", "memory")
    rebuild_on = ("surface", "condition_number", "turn", "num_steps", "optimizers")

    def __init__(self, **values):
        about = {"surface": "ravine", "condition_number": 30.0, "turn": 0.0} | values
        place = _place(about["surface"], about["condition_number"], about["turn"])
        start = [float(x) for x in place.start]
        super().__init__(**{"optimizers": ["SGD", "Adagrad", "RMSprop", "Adam"], "start": start, **values})

    def controls(self):
        return (
            Menu("surface", "Surface", tuple((name, SURFACES[name].title.split(",")[0]) for name in PLACES)),
            Slider("condition_number", "Condition number", CONDITION_NUMBERS),
            Slider("turn", "Turn the ravine (degrees)", even_positions(0, 90, 19)),
            Slider("learning_rate", "Learning rate", LEARNING_RATES),
            Slider("memory", "Memory of squares (rho, beta2)", MEMORIES),
            Slider("num_steps", "Steps", STEPS),
            Ticks("optimizers", "Race", tuple((name, name) for name in METHODS)),
            Point("start", "Start", (0,)),
        )

    def follow(self, changed):
        """A new or turned surface brings its start."""
        given = "start" in changed
        known = self.surface in SURFACES and np.isfinite(self.turn) and self.condition_number > 0
        if known and not given and {"surface", "turn"} & set(changed):
            self.set_trait("start", [float(x) for x in self._surface().start])
        self.hidden = [] if self.surface == "ravine" else ["condition_number", "turn"]
        return set()

    def check(self):
        count("num_steps", self.num_steps)
        in_range("num_steps", self.num_steps, 1, 2000)
        in_range("turn", self.turn, -360, 360)
        in_range("start", self.start, -1e6, 1e6)
        non_negative("learning_rate", self.learning_rate)
        fraction("memory", self.memory)
        unknown = [name for name in self.optimizers if name not in METHODS]
        if unknown:
            raise ValueError(f"There is no optimizer {unknown[0]!r} to race. Choose from: {', '.join(METHODS)}.")
        self._surface()

    def _surface(self):
        return _place(self.surface, self.condition_number, self.turn)

    def _racing(self):
        return [cls for name, cls in METHODS.items() if name in self.optimizers]

    def build(self):
        styles = styles_of(name for name in METHODS if name in self.optimizers)
        with rc_context(STYLE):
            figure, plan = new_figure(10.4, 5.3, subplot_kw={"position": (0.07, 0.115, 0.43, 0.735)})
            figure.set_layout_engine("none")
            figure.set_dpi(130)
            first = figure.add_axes((0.60, 0.535, 0.385, 0.315))
            second = figure.add_axes((0.60, 0.115, 0.385, 0.315))
        draw_surface(plan, self._surface())
        plan.set_title("")
        for ax, name in ((first, r"$\theta_1$"), (second, r"$\theta_2$")):
            ax.set(xlim=(0, 1.03 * self.num_steps), ylim=(LOWEST, HIGHEST), yscale="log")  # room for the markers
            ax.set_yticks([1e-4, 1e-2, 1, 1e2])
            ax.minorticks_off()
            ax.grid(True, axis="y", color="#DDDDDD", lw=0.8)
            ax.set_ylabel(name, fontsize=15)
        first.set_title("Effective learning rate of each coordinate", fontsize=14)
        second.set_xlabel("step")
        handles = [
            Line2D([], [], color=s.color, ls=s.dashes, marker=s.marker, ms=8, mec="black", lw=2.6, label=name)
            for name, s in styles.items()
        ]
        columns = min(len(handles), 6) or 1
        figure.legend(handles=handles, loc="upper center", ncols=columns, frameon=False, fontsize=13, handlelength=3)
        tracks = [Track(0, style, name, direction=True) for name, style in styles.items()]
        return figure, tracks + [Track(axes, style, name) for axes in (1, 2) for name, style in styles.items()]

    def sweep(self, values):
        surface, best = self._surface(), best_value(self._surface())
        paths, rates, said = [], ([], []), []
        for cls in self._racing():
            thetas, f, own = race_with_rates(
                surface, cls, values["learning_rate"], values["memory"], self.start, self.num_steps
            )
            paths.append(thetas)
            steps = np.broadcast_to(np.arange(self.num_steps + 1.0)[:, None], f.shape)
            for coordinate in (0, 1):
                rates[coordinate].append(np.stack([steps, own[..., coordinate]], axis=-1))
            fate = fates(thetas, f, surface.window, best)
            said.append([ending(cls.__name__, fate, p) + _ratio(cls, own[-1, p]) for p in range(f.shape[1])])
        positions = max(np.size(value) for value in values.values())
        captions = [self._caption(surface, values, p, [column[p] for column in said]) for p in range(positions)]
        return Sweep([*paths, *rates[0], *rates[1]], captions)

    def _caption(self, surface, values, position, said):
        at = {name: np.ravel(value)[min(position, np.size(value) - 1)] for name, value in values.items()}
        return (
            f"{surface.title}, {self.num_steps} steps, learning rate {plain(at['learning_rate'])}, memory "
            f"{plain(at['memory'])}: {'; '.join(said) or 'no optimizer is ticked'}."
        )


def _ratio(cls, rates):
    """ " (rates 30 : 1)": how the effective rates of the two coordinates compare at the end."""
    if cls in (SGD, Momentum) or not np.all(np.isfinite(rates)) or not np.all(rates > 0):
        return ""
    ratio = rates[0] / rates[1]
    return f" (rates {ratio:.3g} : 1)" if ratio >= 1 else f" (rates 1 : {1 / ratio:.3g})"


def adaptive_race(surface="ravine", optimizers=None, **values):
    """Return the race of the adaptive methods: paths on the left, the effective rate of each coordinate on the right.

    All methods get the learning rate of the slider, only Adadelta keeps its 1; ``memory`` is rho or beta2 of
    those that have one. Gradients are exact. The ravine can be turned, so that its floor lies across the axes.

    Args:
        surface: a name in ``SURFACES``; "ravine" has a condition number and can be turned.
        optimizers: classes, or their names, out of ``METHODS``.
        **values: attributes of ``AdaptiveRace``: ``condition_number``, ``turn`` (degrees), ``learning_rate``,
            ``memory``, ``num_steps``, ``start``.

    Raises:
        KeyError: a surface that is not there.
        ValueError: a value that cannot be raced.
    """
    chosen = {} if optimizers is None else {"optimizers": [getattr(name, "__name__", name) for name in optimizers]}
    return AdaptiveRace(surface=surface, **chosen, **values)
