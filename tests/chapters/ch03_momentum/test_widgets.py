"""The Visualiser without a browser: every control from end to end, what it says, and what it must survive."""

import itertools
import warnings
from dataclasses import dataclass
from importlib import import_module

import numpy as np
import pytest

from course_lib.objective import with_l2_penalty
from course_lib.optimizers import OPTIMIZERS, SGD, Adam, AdamW, Momentum, Nesterov, Newton, RMSprop
from course_lib.run import descend
from course_lib.surfaces import SURFACES, ravine
from course_lib.widgets import visualiser
from course_lib.widgets.controls import Menu, Slider, Ticks
from course_lib.widgets.frames import to_pixels, unpack
from course_lib.widgets.visualiser import (
    LEARNING_RATES,
    LECTURES,
    SCHEDULES,
    cartoon_vectors,
    configured,
    ending,
    fates,
    race,
    steered,
)

ch03 = import_module("course_lib.widgets.visualiser")  # the package has a function of this name, too
pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def ravine_race():
    return visualiser("ravine", num_steps=40)


def ends_and_middle(control):
    if isinstance(control, Slider):
        return [control.positions[i] for i in (0, -1, len(control.positions) // 2)]
    if isinstance(control, Ticks):
        names = [value for value, _ in control.options]
        return [[], names[:1], names[:8]]
    return [value for value, _ in control.options[::3]]


def test_every_control_from_end_to_end_changes_the_picture(ravine_race):
    for control in ravine_race.controls():
        if not isinstance(control, (Slider, Menu, Ticks)):
            continue
        before = getattr(ravine_race, control.trait)
        pictures = {ravine_race.png()}
        values = [value for value in ends_and_middle(control) if value != before]
        for value in values:
            setattr(ravine_race, control.trait, value)
            assert ravine_race.problem == "", (control.trait, value)
            assert ravine_race.png().startswith(b"\x89PNG")
            pictures.add(ravine_race.png())
        # All optimizers without a velocity have the same kind of cartoon, but not the same title.
        assert len(pictures) == len(values) + 1, control.trait
        setattr(ravine_race, control.trait, before)


def test_the_order_in_which_values_are_set_does_not_matter():
    values = {"learning_rate": 0.0116, "momentum": 0.85, "num_steps": 30, "start": [1.0, 0.5]}
    seen = set()
    for order in list(itertools.permutations(values.items()))[::8]:
        figure = visualiser("ravine")
        for name, value in order:
            setattr(figure, name, value)
        seen.add((figure.png(), figure.caption))
    assert len(seen) == 1


def drawn(figure, name, value, label, step):
    """Where a track of the reel over ``name`` stands at a position and step, in pixels."""
    reel = getattr(figure, f"reel_{name}")
    number = [(track["label"], track["axes"]) for track in figure.tracks].index((label, 0))
    return unpack(reel, reel["values"].index(value) * len(figure.tracks) + number, step)[-1]


@pytest.mark.parametrize("name", ["learning_rate", "momentum"])
@pytest.mark.parametrize("cls", [SGD, Momentum, Nesterov, Adam])
def test_every_position_of_a_reel_is_the_run_itself(name, cls):
    figure = visualiser("ravine", optimizers=["SGD", "Momentum", "Nesterov", "Adam"], num_steps=25)
    for value in getattr(figure, f"reel_{name}")["values"][::7]:
        own = {"learning_rate": figure.learning_rate, "momentum": figure.momentum, name: value}
        run = descend(ravine(30.0), configured(cls, own), figure.start, 25)
        for step in (0, 7, 25):
            pixel = to_pixels(run.thetas[step], figure.boxes["axes"][0])
            if np.abs(pixel).max() < 1500:
                np.testing.assert_allclose(drawn(figure, name, value, cls.__name__, step), pixel, atol=0.6)


def test_only_the_sweeps_of_the_other_sliders_are_computed_anew(ravine_race):
    of_rates, of_momenta = ravine_race.reel_learning_rate, ravine_race.reel_momentum
    background = ravine_race.background
    ravine_race.learning_rate = LEARNING_RATES[20]
    assert ravine_race.reel_learning_rate is of_rates
    assert ravine_race.reel_momentum is not of_momenta
    assert ravine_race.reel_momentum["at"] == {"learning_rate": LEARNING_RATES[20]}
    assert ravine_race.background is background


def test_a_number_between_two_positions_is_run_exactly(ravine_race):
    ravine_race.learning_rate = 0.012345
    run = descend(ravine(30.0), SGD(0.012345), ravine_race.start, 40)
    assert f"SGD ends at f = {run.values[-1]:.3g}" in ravine_race.caption


def test_scrubbing_shows_the_path_so_far(ravine_race):
    pictures = {step: (setattr(ravine_race, "step", step), ravine_race.png())[1] for step in (0, 1, 20, 40)}
    assert len(set(pictures.values())) == 4
    ravine_race.num_steps = 50
    assert ravine_race.step == 50


@pytest.mark.parametrize("bad, says", [(float("nan"), "learning_rate must be"), (-0.1, "learning_rate must be")])
def test_a_wrong_learning_rate_is_named_and_the_picture_stays(ravine_race, bad, says):
    before = ravine_race.png(), ravine_race.caption
    ravine_race.learning_rate = bad
    assert says in ravine_race.problem
    assert "[" not in ravine_race.problem  # one number, not the whole slider
    assert (ravine_race.png(), ravine_race.caption) == before


@pytest.mark.parametrize(
    "trait, bad",
    [
        ("num_steps", 0),
        ("num_steps", 10**9),
        ("momentum", float("inf")),
        ("condition_number", float("nan")),
        ("start", [float("nan"), 0.0]),
        ("start", [1e300, 0.0]),
        ("cartoon", "Nobody"),
    ],
)
def test_any_other_wrong_value_is_named_and_the_picture_stays(ravine_race, trait, bad):
    before = ravine_race.png(), ravine_race.caption, getattr(ravine_race, trait)
    setattr(ravine_race, trait, bad)
    assert ravine_race.problem
    assert (ravine_race.png(), ravine_race.caption, getattr(ravine_race, trait)) == before


def test_a_huge_learning_rate_is_drawn_as_a_run_that_diverges(ravine_race):
    before = ravine_race.png()
    ravine_race.learning_rate = 1e9
    assert ravine_race.problem == ""
    assert ravine_race.caption.count("diverges, out of the window from step 1") == 3
    assert ravine_race.png() != before


def test_an_unknown_surface_or_optimizer_is_answered_with_the_names_there_are(ravine_race):
    ravine_race.surface = "volcano"
    assert "no surface 'volcano'" in ravine_race.problem and "rosenbrock" in ravine_race.problem
    assert ravine_race.surface == "ravine"
    ravine_race.optimizers = ["Sgd"]
    assert "no optimizer 'Sgd'" in ravine_race.problem and "SGD" in ravine_race.problem
    with pytest.raises(KeyError, match="no surface 'volcano'"):
        visualiser("volcano")


@pytest.mark.parametrize("surface", SURFACES)
def test_every_surface_opens_with_a_race_in_the_window(surface):
    figure = visualiser(surface, num_steps=20)
    assert SURFACES[surface].title in figure.caption
    assert not SURFACES[surface].minima or "diverges" not in figure.caption
    assert ("condition_number" in figure.hidden) == (surface != "ravine")


def test_every_optimizer_can_race_and_be_enlarged():
    figure = visualiser("beale", optimizers=OPTIMIZERS, num_steps=15)
    assert all(f"{cls.__name__} " in figure.caption for cls in OPTIMIZERS)
    figure.optimizers = ["SGD"]
    for cls in OPTIMIZERS:
        figure.cartoon = cls.__name__
        assert figure.problem == ""
        assert figure.arrows


def test_a_menu_choice_brings_its_start_and_a_learning_rate_that_suits_it(ravine_race):
    ravine_race.surface = "rosenbrock"
    assert ravine_race.start == [-1.2, 1.0]
    assert ravine_race.learning_rate < 1e-3
    ravine_race.set(surface="beale", start=[2.0, 2.0])
    assert ravine_race.start == [2.0, 2.0]


def test_no_false_stop_at_a_small_gradient():
    """L4's Visualiser stops as "converged" where both slopes are below 0.01, at this saddle too."""
    figure = visualiser("classical_saddle", start=[0.0, 1e-3], learning_rate=0.1, num_steps=60, optimizers=["SGD"])
    assert "runs off downhill" in figure.caption or "outside the window" in figure.caption


def test_the_cartoon_adds_up_to_the_update_and_looks_ahead():
    surface, start = ravine(20.0), [-1.0, 0.7]
    values = {"learning_rate": np.array([0.01, 0.03]), "momentum": 0.9}
    for cls in (SGD, Momentum, Nesterov, Adam):
        run = race(surface, cls, values, start, 12)
        vectors = cartoon_vectors(surface, cls, values, start, 11)
        np.testing.assert_allclose(vectors[:, :, 0] + vectors[:, :, 1], np.diff(run[0], axis=0), atol=1e-12)
    vectors = cartoon_vectors(surface, Nesterov, values, start, 11)
    look_ahead = race(surface, Nesterov, values, start, 11)[0] + vectors[:, :, 0]
    rates = values["learning_rate"][:, None]
    np.testing.assert_allclose(vectors[:, :, 1], -rates * surface.gradient(look_ahead), atol=1e-12)


def test_which_hyperparameters_a_slider_steers():
    assert steered(SGD) == {"learning_rate"}
    assert steered(Nesterov) == {"learning_rate", "momentum"}
    assert steered(RMSprop) == {"learning_rate"}  # its momentum is off by default and stays off
    assert steered(Newton) == set()


@dataclass(frozen=True)
class OneAtATime:
    """A method that cannot run an ensemble and refuses large steps, as one of tomorrow might."""

    learning_rate: float = 0.1

    def __post_init__(self):
        if np.ndim(self.learning_rate) or self.learning_rate > 0.5:
            raise ValueError("one at a time, please")

    def init(self, theta):
        return ()

    def step(self, objective, theta, state):
        return theta - self.learning_rate * objective.gradient(theta), state


def test_a_method_without_ensembles_is_run_position_by_position():
    values = {"learning_rate": np.array([0.01, 0.1, 0.9]), "momentum": 0.9}
    thetas, f = race(SURFACES["global_minimum"], OneAtATime, values, [1.0, 1.0], 5)
    expected = race(SURFACES["global_minimum"], SGD, values, [1.0, 1.0], 5)
    np.testing.assert_allclose(thetas[:, :2], expected[0][:, :2])
    np.testing.assert_allclose(f[:, :2], expected[1][:, :2])
    assert (thetas[:, 2] == 1.0).all()


def test_how_a_run_ended():
    window = ((-1.0, 1.0), (-1.0, 1.0))
    x = np.array([[0.5, 0.5, 0.5, 0.5], [2.0, 2.0, 0.0, 2.0], [0.2, 5.0, 0.0, np.inf]])
    fate = fates(np.stack([x, np.zeros_like(x)], axis=-1), x**2, window, best=0.0)
    said = [ending("It", fate, position) for position in range(4)]
    assert said[0] == "It ends at f = 0.04"
    assert said[1] == "It ends at f = 25, outside the window"
    assert said[2] == "It reaches the lowest value at step 1"
    assert said[3] == "It diverges, out of the window from step 1"


def test_no_warning_is_spilled_for_any_position():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for surface in ("beale", "rosenbrock", "plateau"):
            visualiser(surface, optimizers=["SGD", "Nesterov", "Adam"], num_steps=60).png()


def test_nobody_races():
    figure = visualiser("beale", optimizers=[])
    assert "no optimizer is ticked" in figure.caption
    assert figure.png().startswith(b"\x89PNG")


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("cls", [SGD, Momentum, Adam])
def test_a_schedule_moves_every_position_of_a_slider_as_it_moves_one_run(schedule, cls):
    surface, rates = SURFACES["beale"], np.array([0.001, 0.003, 0.01])
    thetas, _ = race(surface, cls, {"learning_rate": rates, "momentum": 0.9}, surface.start, 30, schedule=schedule)
    for position, rate in enumerate(rates):
        own = configured(cls, {"learning_rate": rate, "momentum": 0.9})
        run = descend(surface, own, surface.start, 30, SCHEDULES[schedule](rate, 30))
        np.testing.assert_allclose(thetas[:, position], run.thetas, rtol=1e-12)


def test_schedules_end_where_their_names_say():
    rates = {name: [float(schedule(0.1, 60)(t)) for t in (1, 20, 40, 60)] for name, schedule in SCHEDULES.items()}
    np.testing.assert_allclose(rates["constant"], 0.1)
    np.testing.assert_allclose(rates["step"], [0.1, 0.1, 0.01, 0.001])
    np.testing.assert_allclose(rates["warm-up"], [0.005, 0.1, 0.1, 0.1])
    assert rates["cosine"][0] == 0.1 and rates["cosine"][-1] == pytest.approx(0, abs=1e-15)


def test_weight_decay_is_adamw_s_own_and_a_penalty_for_the_others():
    surface, values = SURFACES["booth"], {"learning_rate": 0.05, "momentum": 0.9}
    for cls, own, objective in (
        (AdamW, AdamW(0.05, weight_decay=0.3), surface),
        (Adam, Adam(0.05), with_l2_penalty(surface, 0.3)),
    ):
        thetas, f = race(surface, cls, values, surface.start, 40, weight_decay=0.3)
        run = descend(objective, own, surface.start, 40)
        np.testing.assert_allclose(thetas[:, 0], run.thetas, rtol=1e-12)
        np.testing.assert_allclose(f[:, 0], surface.value(run.thetas), rtol=1e-12)


def test_a_demonstration_of_the_lectures_sets_all_that_it_needs_and_ends_with_the_first_change_by_hand():
    figure = visualiser("ravine", num_steps=40, schedule="cosine", weight_decay=0.1)
    for name, given in LECTURES.items():
        figure.lecture = name
        assert figure.problem == "" and {trait: getattr(figure, trait) for trait in given} == given
        assert (figure.lecture, figure.schedule, figure.weight_decay) == (name, "constant", 0.0)
    figure.lecture = "dip 0.98"
    assert "Momentum ends at f = -5.03" in figure.caption and "SGD ends at f = -1.09" in figure.caption
    figure.momentum = 0.9
    assert figure.lecture == "" and "Momentum ends at f = -1.09" in figure.caption
    assert visualiser("ravine", lecture="bowl 1").surface == "global_minimum"


def test_what_is_set_beside_the_learning_rate_stands_in_the_caption(ravine_race):
    assert "cosine" not in ravine_race.caption and "decay" not in ravine_race.caption
    ravine_race.set(schedule="cosine", weight_decay=0.1)
    assert "learning rate 0.0251 (cosine, down to 0), momentum 0.9, weight decay 0.1: " in ravine_race.caption


@pytest.mark.parametrize(("trait", "bad"), [("schedule", "never"), ("lecture", "nobody's"), ("weight_decay", -1.0)])
def test_a_wrong_choice_is_named_and_the_picture_stays(ravine_race, trait, bad):
    before = ravine_race.png(), getattr(ravine_race, trait)
    setattr(ravine_race, trait, bad)
    assert ravine_race.problem and (ravine_race.png(), getattr(ravine_race, trait)) == before
