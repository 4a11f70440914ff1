"""Exercise 05-8: a run of Adam, with one fault in the code that is handed out."""

import numpy as np

from course_lib.chapters.ch05_adaptive.checks.shared import DIGITS, PURE, PURE_HINT, TOPICS, UNSEEN, vector
from course_lib.checks.calls import Spy, leaves_inputs_alone
from course_lib.checks.compare import close
from course_lib.checks.generic import WHOLE
from course_lib.checks.kinds import NAMED, Debug, fewer_gradients
from course_lib.checks.whole import drawn_until, either_sign, shrunk, whole

SECOND = "The first two steps are right"
EQUAL = "While gradients are equal every step is one learning rate long"
ALL_FAIL = (SECOND, EQUAL, NAMED, PURE)

MENU = {
    "corrected moments are kept": "then the first step would be right, and later ones would correct what is corrected.",
    "no correction": "then the first step would be (1 - beta1) / sqrt(1 - beta2) learning rates long.",
    "t counts from 0": "then the first step would divide by 1 - beta1**0, which is 0.",
    "betas swapped": "then even the first moment would be made with beta2.",
    "stale gradient": "then all steps would ask for the gradient at the start.",
    "eps inside the root": "then steps would differ only where gradients are as small as the root of eps.",
}
run = Debug("05-8", "A run of Adam", "adam_run", topics=TOPICS, menu=MENU, fault="corrected moments are kept")


def _tilted(rng, size):
    """The gradient of a bowl with tilted axes, as a function that remembers where it was asked."""
    root, minimum = rng.normal(size=(size, size)), either_sign(rng, 1, 3, size)
    return Spy(lambda theta: (root @ root.T + np.eye(size)) @ (theta - minimum))


def _given(rng, num_steps, size=3):
    theta = either_sign(rng, 4, 6, size)
    return (
        theta,
        _tilted(rng, size),
        rng.uniform(0.3, 0.8),
        rng.uniform(0.5, 0.9),
        rng.uniform(0.6, 0.99),
        UNSEEN,
        num_steps,
    )


def _averages(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    """Each moment as the weighted mean of all gradients so far, the weights of which add up to 1."""
    gradients = []
    for t in range(1, num_steps + 1):
        gradients.append(gradient(theta))
        first, second = (beta ** np.arange(t - 1, -1, -1) for beta in (beta1, beta2))
        m = np.average(gradients, axis=0, weights=first)
        v = np.average(np.square(gradients), axis=0, weights=second)
        theta = theta - learning_rate * m / (np.sqrt(v) + eps)
    return theta


def _tiny(rng, num_steps=12):
    """A run whose steps and gradients are so small that who stops there has not arrived."""
    theta, gradient, *_ = _given(rng, 0)
    return *shrunk(1e13, theta, gradient), 1e-14, rng.uniform(0.5, 0.9), rng.uniform(0.6, 0.99), 1e-26, num_steps


def _across_flat(rng):
    """A run that comes to where the gradient is 0, and is carried on by its moments."""
    theta, _, _, *rest = _given(rng, 15)
    slope = either_sign(rng, 0.5, 2.0, 3) ** 2
    return theta, Spy(lambda point: np.where(np.abs(point) > 2, np.sign(point) * slope, 0.0)), 0.4, *rest


def _runs(rng):
    """No step, one, some, many; an eps that no digit shows, and in the long run one that counts; gradients of 0."""
    long = list(_given(rng, 25))
    long[5] = 0.5
    some = [_given(rng, 3), _given(rng, 7, 2), _given(rng, 0), _given(rng, 1, 1)]
    return [*some, tuple(long), _given(rng, 2, 5), _tiny(rng), _across_flat(rng)]


whole(
    run,
    _averages,
    _runs,
    ("the last theta",),
    told=fewer_gradients(1, lambda *given: given[-1]),
    again=True,
    atol=1e-24,
)


def _turns(given):
    """Whether the gradient turns round in some coordinates, with the first moment or without, but not in all."""
    theta, gradient, learning_rate, beta1, *_ = given
    first = gradient.function(theta)
    second = gradient.function(theta - learning_rate * np.sign(first))
    turned = np.sign(second) != np.sign(first)
    moved = np.sign(beta1 * first + second) != np.sign(first)
    return np.any(moved) and np.any(turned & ~moved) and not np.all(turned)


@run.check(
    SECOND,
    points=2,
    hint=(
        "Do the second step by hand: which first moment does it begin with?",
        "m of the second step is beta1 * m + (1 - beta1) * g with the uncorrected m of the first.",
    ),
)
def first_two_steps(adam_run, rng):
    given = drawn_until(rng, lambda rng: _given(rng, 2, 5), _turns)
    close(adam_run(*given), _averages(*given), "theta after two steps", DIGITS)


@run.check(
    EQUAL, points=1, hint="Give it the same gradient in every step: both corrected moments must stay as they are."
)
def equal_gradients(adam_run, rng):
    theta, g, num_steps = vector(rng), vector(rng), int(rng.integers(4, 9))
    _, _, learning_rate, beta1, beta2, _, _ = _given(rng, 1)
    got = adam_run(theta, Spy(lambda theta: g), learning_rate, beta1, beta2, 1e-13, num_steps)
    close(got, theta - num_steps * learning_rate * np.sign(g), "theta after some steps")


run.names_the_fault(points=1)


@run.check(PURE, points=1, hint=PURE_HINT, aside=True)
def theta_is_left(adam_run, rng):
    leaves_inputs_alone(adam_run, *_given(rng, 3), other=_given(rng, 2))


@run.handed_out(ALL_FAIL)
def corrected_moments_are_kept(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for t in range(1, num_steps + 1):
        g = gradient(theta)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m = m / (1 - beta1**t)
        v = v / (1 - beta2**t)
        theta = theta - learning_rate * m / (np.sqrt(v) + eps)
    return theta


def _adam(theta, gradient, learning_rate, betas, num_steps, step, first=1, moments=None):
    """A run of Adam in which ``step(m, v, g, t)`` is what the learning rate is multiplied by."""
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for t in range(first, num_steps + first):
        g = gradient(theta)
        m, v = (moments or _moments)(m, v, g, *betas, t)
        theta = theta - learning_rate * step(m, v, g, t)
    return theta


def _moments(m, v, g, beta1, beta2, t):
    return beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2


def _hats(m, v, beta1, beta2, t):
    return m / (1 - beta1**t), v / (1 - beta2**t)


def _ratio(m, v, eps):
    return m / (np.sqrt(v) + eps)


def _with_step(step):
    """An answer whose steps are ``step(m, v, g, beta1, beta2, eps, t)`` learning rates."""

    def answer(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
        own = lambda m, v, g, t: step(m, v, g, beta1, beta2, eps, t)  # noqa: E731
        return _adam(theta, gradient, learning_rate, (beta1, beta2), num_steps, own)

    return answer


for name, says, step in (
    (
        "the second moment of the first",
        "v averages the squares of the gradients, not of their average m.",
        lambda m, v, g, a, b, eps, t: _ratio(*(m / (1 - a**t), (m / (1 - a**t)) ** 2), eps),
    ),
    (
        "the sign of the gradient",
        "The step is m_hat / sqrt(v_hat); only for equal gradients is that the sign.",
        lambda m, v, g, a, b, eps, t: np.sign(g),
    ),
    (
        "without the first memory",
        "The gradient alone stands above the root: it is m_hat that belongs there.",
        lambda m, v, g, a, b, eps, t: _ratio(g, _hats(m, v, a, b, t)[1], eps),
    ),
    (
        "without the second memory",
        "The last gradient alone stands under the root: it is v_hat that belongs there.",
        lambda m, v, g, a, b, eps, t: _hats(m, v, a, b, t)[0] / (np.abs(g) + eps),
    ),
):
    run.mistake(name, SECOND, says)(_with_step(step))


@run.mistake("a stale gradient", SECOND, "Ask for the gradient in each step, at the theta that the step begins with.")
def stale_gradient(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    g = gradient(theta)
    return _averages(theta, lambda theta: g, learning_rate, beta1, beta2, eps, num_steps)


@run.mistake("absolute values in place of squares", SECOND, "v averages g**2, and the step divides by its root.")
def absolute_values(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    def moments(m, v, g, a, b, t):
        return a * m + (1 - a) * g, b * v + (1 - b) * np.abs(g)

    def step(m, v, g, t):
        m, v = _hats(m, v, beta1, beta2, t)
        return m / (v + eps)

    return _adam(theta, gradient, learning_rate, (beta1, beta2), num_steps, step, moments=moments)


def _of_hats(hats):
    return lambda m, v, g, beta1, beta2, eps, t: _ratio(*hats(m, v, beta1, beta2, t), eps)


for name, says, hats in (
    (
        "no correction",
        "Without the corrections the first steps have a wrong length: divide copies, m_hat and v_hat; keep m and v.",
        lambda m, v, a, b, t: (m, v),
    ),
    (
        "only the first moment corrected",
        "v is too small at first, as m is: half a correction is worse than none.",
        lambda m, v, a, b, t: (m / (1 - a**t), v),
    ),
    (
        "one correction for both",
        "m is corrected with beta1, v with beta2.",
        lambda m, v, a, b, t: (m / (1 - a**t), v / (1 - a**t)),
    ),
    (
        "corrections multiplied",
        "m and v are too small at first: divide them by 1 - beta**t.",
        lambda m, v, a, b, t: (m * (1 - a**t), v * (1 - b**t)),
    ),
    (
        "corrections exchanged",
        "m is corrected with beta1, v with beta2: each with what made it.",
        lambda m, v, a, b, t: (m / (1 - b**t), v / (1 - a**t)),
    ),
    (
        "corrected in the first step only",
        "The corrections fade, but later steps need them, too: in every step.",
        lambda m, v, a, b, t: (m / (1 - a), v / (1 - b)) if t == 1 else (m, v),
    ),
    (
        "only the second moment corrected",
        "m is too small at first, as v is: half a correction is worse than none.",
        lambda m, v, a, b, t: (m, v / (1 - b**t)),
    ),
    (
        "corrected with t times beta",
        "The correction has a power, 1 - beta**t, not a product.",
        lambda m, v, a, b, t: (m / (1 - a * t), v / abs(1 - b * t)),
    ),
    (
        "corrected as if every step were the first",
        "The correction fades: 1 - beta**t with t the number of the step.",
        lambda m, v, a, b, t: (m / (1 - a), v / (1 - b)),
    ),
):
    run.mistake(name, ALL_FAIL, says)(_with_step(_of_hats(hats)))


def _with_another_eps(step):
    def answer(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
        own = lambda m, v, g, t: step(m / (1 - beta1**t), v, eps, beta2, t)  # noqa: E731
        return _adam(theta, gradient, learning_rate, (beta1, beta2), num_steps, own)

    return answer


for name, says, divided in (
    (
        "eps inside the root",
        "eps is added to the root of v_hat, not to v_hat: in (5.15) it stands outside.",
        lambda m, v, eps, b, t: m / np.sqrt(v / (1 - b**t) + eps),
    ),
    (
        "eps beside the uncorrected root",
        "eps is added to the root of the corrected v_hat: correct first, then add.",
        lambda m, v, eps, b, t: m / ((np.sqrt(v) + eps) / np.sqrt(1 - b**t)),
    ),
    (
        "eps left out",
        "eps is added to the root: where gradients are 0 the step would be 0 / 0.",
        lambda m, v, eps, b, t: m / np.sqrt(v / (1 - b**t)),
    ),
):
    run.mistake(name, WHOLE, says)(_with_another_eps(divided))


@run.mistake(
    "moments that begin anew in each step",
    ALL_FAIL,
    "m and v are made of 0 once, before the loop: inside it they forget all that was before.",
)
def moments_that_begin_anew(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    own = lambda m, v, g, t: _ratio(*_hats(*_moments(0, 0, g, beta1, beta2, t), beta1, beta2, t), eps)  # noqa: E731
    return _adam(theta, gradient, learning_rate, (beta1, beta2), num_steps, own)


FOUR = (SECOND, EQUAL, NAMED, PURE)


def _with(theta, gradient, learning_rate, beta1, beta2, eps, num_steps, hats=_hats, **otherwise):
    """A run of Adam with one thing done otherwise: ``hats``, or what ``_adam`` may be told."""
    own = lambda m, v, g, t: _ratio(*hats(m, v, beta1, beta2, t), eps)  # noqa: E731
    return _adam(theta, gradient, learning_rate, (beta1, beta2), num_steps, own, **otherwise)


@run.mistake("one step too few", FOUR, "t runs from 1 to num_steps.")
def one_step_too_few(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    return _with(theta, gradient, learning_rate, beta1, beta2, eps, num_steps - 1)


@run.mistake("uphill", FOUR, "The step is subtracted.")
def uphill(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    return _with(theta, gradient, -learning_rate, beta1, beta2, eps, num_steps)


@run.mistake("beta1 in both averages", FOUR, "The squares are averaged with beta2.")
def beta1_in_both_averages(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    def moments(m, v, g, a, b, t):
        return _moments(m, v, g, a, a, t)

    return _with(theta, gradient, learning_rate, beta1, beta2, eps, num_steps, moments=moments)


@run.mistake(
    "the gradient a step late", FOUR, "Each step begins with the gradient at its own theta: ask first, then move."
)
def the_gradient_a_step_late(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    asked = [np.zeros_like(theta)]

    def late(theta):
        asked.append(gradient(theta))
        return asked[-2]

    return _adam(
        theta,
        late,
        learning_rate,
        (beta1, beta2),
        num_steps,
        lambda m, v, g, t: _ratio(*_hats(m, v, beta1, beta2, t), eps),
    )


@run.mistake("t counted from 0", FOUR, "The first update has t = 1, the second t = 2: t is not the index of the loop.")
def t_counted_from_0(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    def hats(m, v, a, b, t):
        return _hats(m, v, a, b, max(t - 1, 1))  # else 0 / 0 in the first step

    return _with(theta, gradient, learning_rate, beta1, beta2, eps, num_steps, hats)


@run.mistake(
    "m and v are one array",
    FOUR,
    "m = v = ... gives one array two names, and what is done to v in place is done to m: make two.",
)
def m_and_v_are_one_array(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    def moments(m, v, g, a, b, t):
        both = b * (a * m + (1 - a) * g) + (1 - b) * g**2
        return both, both

    def hats(m, v, a, b, t):
        return m / (1 - a**t), np.abs(v) / (1 - b**t)

    return _with(theta, gradient, learning_rate, beta1, beta2, eps, num_steps, hats, moments=moments)


@run.mistake("t counted from 2", FOUR, "The first update has t = 1.")
def t_counted_from_2(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    return _with(theta, gradient, learning_rate, beta1, beta2, eps, num_steps, first=2)


@run.mistake(
    "the corrected first moment kept", FOUR, "v is mended, m is not: what is corrected must not be averaged further."
)
def the_corrected_first_moment_kept(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    def moments(m, v, g, a, b, t):
        m, v = _moments(m, v, g, a, b, t)
        return m / (1 - a**t), v

    def hats(m, v, a, b, t):
        return m, v / (1 - b**t)

    return _with(theta, gradient, learning_rate, beta1, beta2, eps, num_steps, hats, moments=moments)


@run.mistake(
    "the corrected second moment kept", FOUR, "m is mended, v is not: what is corrected must not be averaged further."
)
def the_corrected_second_moment_kept(theta, gradient, learning_rate, beta1, beta2, eps, num_steps):
    def moments(m, v, g, a, b, t):
        m, v = _moments(m, v, g, a, b, t)
        return m, v / (1 - b**t)

    def hats(m, v, a, b, t):
        return m / (1 - a**t), v

    return _with(theta, gradient, learning_rate, beta1, beta2, eps, num_steps, hats, moments=moments)
