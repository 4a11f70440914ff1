"""Errata of chapter 5: E32 to E43 of the lectures; E34's other half is run in chapter 6, E5 in 8."""

import numpy as np

from course_lib.chapters.ch05_adaptive.claims.adam import scaled
from course_lib.chapters.ch05_adaptive.conventions.rates import adadelta_with_eps_outside, moved
from course_lib.chapters.ch05_adaptive.experiments.adam_steps import step_lengths
from course_lib.chapters.ch05_adaptive.experiments.weight_decay import decay_runs
from course_lib.claims.errata import Erratum, Row
from course_lib.claims.runs import endpoint
from course_lib.optimizers import Adadelta, Adagrad, Adam, RMSprop
from course_lib.run import descend
from course_lib.surfaces import SURFACES, quadratic

SQUARE = quadratic(np.array([2.0]))  # f = x^2


def _place_of_eps():
    return tuple(
        Row(
            f"{method.__name__}, first step in learning rates, gradient 1e-6, eps 1e-8",
            *(moved(method(learning_rate=1.0, eps=1e-8, eps_inside_root=inside), 1e-6) for inside in (True, False)),
        )
        for method in (Adagrad, RMSprop, Adam)
    )


def _undefined_sum():
    """V_t as on the slide before, gamma V_{t-1} + alpha g_t with alpha = 0.1, under the root."""
    return tuple(
        Row(
            f"first step in learning rates, gradient {g:g}, V_t the velocity",
            g / np.sqrt(0.1 * g),
            moved(Adagrad(1.0), g),
        )
        for g in (1.0, 100.0)
    )


def _never_increases():
    surface = SURFACES["beale"]
    sums = np.cumsum(surface.gradient(descend(surface, Adagrad(0.3), surface.start, 100).thetas) ** 2, axis=0)
    rates = 0.3 / np.sqrt(sums)
    return (
        Row("share of 100 steps in which a rate rises", np.mean(np.diff(rates, axis=0) > 0), None),
        Row("rate of x in step 100 over that in step 1", rates[-1, 0] / rates[0, 0], None),
    )


def _without_eps():
    with np.errstate(invalid="ignore"):
        bare = moved(RMSprop(eps=0.0), 0.0)
    return (
        Row("1 if the step for a gradient of 0 is not a number", float(np.isnan(bare)), float(moved(RMSprop(), 0.0))),
    )


def _roots_of_adadelta():
    return tuple(
        Row(f"way in {n} step{'s' * (n > 1)}, gradient 1", adadelta_with_eps_outside(1.0, n), moved(Adadelta(), 1.0, n))
        for n in (1, 100)
    )


def printed_adadelta(start, num_steps, rho=0.9, eps=1e-6):
    """x after ``num_steps`` on x^2 with L2's line 5 as printed: Delta x = g / (sqrt(E) + eps), which is added."""
    x, mean_square = float(start), 0.0
    for _ in range(num_steps):
        g = 2 * x
        mean_square = rho * mean_square + (1 - rho) * g**2
        x += g / (np.sqrt(mean_square) + eps)
    return x


def _climbs():
    right = descend(SQUARE, Adadelta(), [1.0], 5).thetas[-1, 0]
    return (
        Row("x after 5 steps on x^2 from 1", printed_adadelta(1, 5), right),
        Row("f there", printed_adadelta(1, 5) ** 2, right**2),
    )


def _eps_is_the_rate():
    return tuple(
        Row(f"first step with rho 0.95, eps {eps:g}, gradient 1", 0.001 * step, step)
        for eps in (1e-6, 1e-4)
        for step in [moved(Adadelta(rho=0.95, eps=eps), 1.0)]
    )


def _unhatted():
    lengths = step_lengths(np.ones(100), 0.9, 0.999)
    return (
        Row("first step in learning rates", lengths[2, 0], lengths[0, 0]),
        Row("step 10", lengths[2, 9], lengths[0, 9]),
        Row("step 100", lengths[2, 99], lengths[0, 99]),
    )


def _second_moment():
    g = np.tile([1.0, 1.2], 500)
    optimizer = {"printed": RMSprop(1.0, 0.99, centered=True), "right": RMSprop(1.0, 0.99)}
    roots = []
    for method in optimizer.values():
        theta, state = np.zeros(1), method.init(np.zeros(1))
        for value in g:
            slope = _Slope(value)
            theta, state = method.step(slope, theta, state)
        spread = state.mean_square - state.mean**2 if method.centered else state.mean_square
        roots.append(float(np.sqrt(spread[0])))
    return (Row("root of it for gradients 1, 1.2, 1, 1.2, ...", *roots),)


class _Slope:
    """The same gradient everywhere."""

    def __init__(self, g):
        self.g = g

    def gradient(self, theta):
        return np.full_like(theta, self.g)


def _scale_of_gradients():
    surface = SURFACES["beale"]
    small = scaled(surface, 1e-9)
    ends = [endpoint(small, Adam(0.05, eps=eps), surface.start, 100) for eps in (1e-8, 0.0)]
    right = endpoint(surface, Adam(0.05), surface.start, 100)
    return (
        Row(
            "f of Beale after 100 steps along gradients times 1e-9; right: eps = 0",
            *(surface.value(end) for end in ends),
        ),
        Row("the same along the gradients themselves", surface.value(right), None),
        Row(
            "step 4000 of gradients that agree, in learning rates", step_lengths(np.ones(4000), 0.9, 0.999)[0, -1], None
        ),
    )


def _decoupled():
    runs = decay_runs(0.1, 0.03, (0.1, 10.0))
    return (
        Row(
            "left of a coordinate with gradients of +-0.1 after 400 steps",
            runs["Adam + L2 penalty"][-1, 0],
            runs["AdamW"][-1, 0],
            2,
        ),
        Row("left of one with gradients of +-10", runs["Adam + L2 penalty"][-1, 1], runs["AdamW"][-1, 1], 2),
    )


ERRATA = (
    Erratum(
        id="E32",
        where="L1 l.301, 313; L2 l.47; L3 l.253; L4 l.93 (inside); L0 l.231, 243; L2 l.173; L3 l.187 (outside)",
        printed="eps inside the root; eps outside the root; nobody says that it makes a difference",
        right="two conventions: the same eps is far larger inside; outside is the default here and in PyTorch",
        why="Inside the root eps acts from gradients of sqrt(eps) = 1e-4 downwards, outside only from 1e-8.",
        compare=_place_of_eps,
        heads=("inside", "outside"),
    ),
    Erratum(
        id="E33",
        where="L2 l.47",
        printed="Adagrad divides by sqrt(V_t + eps), V_t not defined; on the slide before V_t is momentum's velocity",
        right="V_t = V_{t-1} + g_t^2, coordinate by coordinate",
        why="The velocity has a sign, so that half of the time the root does not exist, and it is no square: "
        "large gradients make large steps.",
        compare=_undefined_sum,
    ),
    Erratum(
        id="E34",
        where="L0 l.225-235",
        printed="rates of weights with small or rare updates are increased; slowly changing components",
        right="the rate learning_rate / (sqrt(A) + eps) never rises, it falls less; small components, not "
        "slowly changing ones",
        why="A is a sum of squares. (That such rates break symmetries is refuted in C-05-2.)",
        compare=_never_increases,
        heads=("measured", ""),
    ),
    Erratum(
        id="E35",
        where="L2 l.106",
        printed="RMSprop: eta / sqrt(E[g^2]_t)",
        right="eta / (sqrt(E[g^2]_t) + eps)",
        why="A coordinate whose gradient has always been 0 (a unit that is off) divides 0 by 0, and the whole "
        "network is nan.",
        compare=_without_eps,
    ),
    Erratum(
        id="E36",
        where="L2 l.119 (and l.114-123)",
        printed="RMS[g] = sqrt(E[g^2]) + eps; a moving average over a window",
        right="RMS[g] = sqrt(E[g^2] + eps); an exponential average has no window; Delta x_t is -RMS[Delta "
        "x]_{t-1} / RMS[g]_t g_t",
        why="In Adadelta eps is what starts the method: outside the root it is a thousand times too small for that.",
        compare=_roots_of_adadelta,
    ),
    Erratum(
        id="E37",
        where="L2 l.142-153",
        printed="Delta x_t = g_t / (sqrt(E[g^2]_t) + eps), and x_{t+1} = x_t + Delta x_t",
        right="Delta x_t = -RMS[Delta x]_{t-1} / RMS[g]_t g_t",
        why="As printed it climbs, by one to three units a step; what is missing may be lost in the "
        "transcription. Also: E_1 for E_0, l for t, m and v not used, "
        "the paper is arXiv "
        "1212.5701, the footnotes of Adam and Adadelta are exchanged.",
        compare=_climbs,
    ),
    Erratum(
        id="E38",
        where="L1 l.339; L2 l.128; L3 l.164",
        printed="no learning rate has to be set",
        right="eps sets the scale: the first step is sqrt(eps / (1 - rho)) or less; PyTorch has lr 1, Keras 0.001",
        why="Zeiler's eps 1e-6 and rho 0.95 give first steps of 0.0045.",
        compare=_eps_is_the_rate,
        claim="C-05-3",
        heads=("learning rate 0.001 (Keras)", "1 (Zeiler, PyTorch)"),
    ),
    Erratum(
        id="E40",
        where="L1 l.359",
        printed="alpha / sqrt(E[g^2] + eps) times the corrected first moment",
        right="alpha / (sqrt(corrected E[g^2]) + eps) times the corrected first moment",
        why="The hat over the second moment is missing: 1 / sqrt(1 - 0.999) = 31.6. Without either hat it would "
        "be 3.2. A hat is easily lost in a transcription.",
        compare=_unhatted,
        claim="C-05-8",
    ),
    Erratum(
        id="E41",
        where="L2 l.162; L3 l.176, 190",
        printed="Adeptive; v is the variance; a closing bracket too many",
        right="Adaptive; v is the second moment about 0, not about the mean",
        why="A variance would be 0 for gradients that agree, and the steps would have no bound. (RMSprop's "
        "centred variant does use it.) Spelling and bracket may be slips of the transcription.",
        compare=_second_moment,
        heads=("variance", "second moment"),
    ),
    Erratum(
        id="E42",
        where="L3 l.168, 190; L2 l.196",
        printed="invariant to the scale of the gradients; the step becomes smaller over time; the average of g "
        "/ |g|; fastest",
        right="invariant if eps = 0; the step never shrinks by itself; approximately; in one paper's figure",
        why="See the claims C-05-4, C-05-5, C-05-7, C-05-14 and C-05-16.",
        compare=_scale_of_gradients,
        claim="C-05-4",
    ),
    Erratum(
        id="E43",
        where="L4 l.98, 101",
        printed="Adaptive Momentum Estimation; AdamW includes a form of L2 regularisation",
        right="Adaptive Moment Estimation; AdamW's decay is decoupled, which in Adam is not L2",
        why="Moments are averages of g and g^2; momentum is a sum. Decay 0.1, learning rate 0.03, theta starts at 1.",
        compare=_decoupled,
        claim="C-05-9",
        heads=("Adam with L2", "AdamW"),
    ),
)
