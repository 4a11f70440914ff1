"""Exercises 03-5 to 03-7: how far a velocity coasts, a training loop with a fault, how many steps until one percent."""

import functools

import numpy as np

from course_lib.chapters.ch03_momentum.checks.steps import PURE, TOPICS, bowl, vector
from course_lib.checks.calls import Spy, leaves_inputs_alone
from course_lib.checks.compare import NOTHING, Wrong, alike, close, shaped
from course_lib.checks.generic import WHOLE
from course_lib.checks.kinds import NAMED, Debug, fewer_gradients, nearly, within
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import different, shrunk, whole, wide

PURE_HINT = "Make new arrays: += and *= write into the caller's."

# --- 03-5: velocity, momentum, num_steps -> displacement ------------------------------------------------------

FEW = "After a few steps on a plain it is where steps one by one lead"
REST = "For num_steps = inf it is where the velocity comes to rest"
ENDLESS = "With momentum 1 nothing fades"

coasting = Exercise("03-5", "How far it coasts", "coasting", topics=TOPICS, kind="derive")


def _step_by_step(velocity, momentum, num_steps):
    """The way, walked: each entry goes as many times its velocity as any other."""
    return _gone(float(momentum), num_steps) * velocity


@functools.lru_cache(maxsize=64)
def _gone(momentum, num_steps):
    """The way of a velocity of 1, as long as there is a step that changes it."""
    way, left, walked = 0.0, momentum, 0
    while walked < num_steps and way + left != way:
        way, left, walked = way + left, momentum * left, walked + 1
    return way


def _coasting_inputs(rng):
    return vector(rng), rng.uniform(0.5, 0.9), int(rng.integers(3, 9))


@coasting.check(FEW, points=1, hint="Write down the first three steps. What do they have in common, and what is left?")
def few_steps(coasting, rng):
    given = _coasting_inputs(rng)
    close(coasting(*given), _step_by_step(*given), "the way")


@coasting.check(REST, points=1, hint="What becomes of momentum**num_steps? NumPy knows that 0.9**np.inf is 0.")
def comes_to_rest(coasting, rng):
    velocity, momentum, _ = _coasting_inputs(rng)
    close(coasting(velocity, momentum, np.inf), _step_by_step(velocity, momentum, np.inf), "the way")


@coasting.check(ENDLESS, points=1, hint="The sum of n equal steps needs no fraction: ask for momentum == 1 first.")
def never_fades(coasting, rng):
    velocity, _, num_steps = _coasting_inputs(rng)
    close(coasting(velocity, 1.0, num_steps), _step_by_step(velocity, 1.0, num_steps), "the way")


def _coasting_cases(rng):
    """Spaces of several sizes; momentum 0, 1 and nearly 1; no step, one, many and all of them: more than 100 000."""
    sizes = (*different(rng, 6), 1, 2, 1)
    momenta = (0.0, rng.uniform(0.3, 0.6), 1.0, rng.uniform(0.9, 0.98), rng.uniform(0.6, 0.9))
    momenta = (*momenta, 1 - rng.uniform(1.0, 1.9) * 1e-4, rng.uniform(0.5, 0.9))
    momenta = (*momenta, 0.0, 1 - rng.uniform(3.0, 6.0) * 1e-6)
    steps = (4, 1, 6, np.inf, 0, np.inf, 12, 0, int(rng.integers(11_000, 14_000)))
    cases = zip(sizes, momenta, steps, strict=True)
    return [(np.append(wide(rng, n - 1), rng.uniform(0.5, 2)), mu, count) for n, mu, count in cases]


TOO_FEW = (
    "a number of steps in place of all",
    "Near momentum 1 it coasts for very long: any fixed number of steps is too few somewhere. momentum**np.inf is 0.",
)


def _too_few(seen):
    """What is true where only long ways are wrong, and too short: a loop that ends before it is there."""
    wrong = [(got, right, given) for got, right, given in seen if not alike(got, right)]
    ended = wrong and all(given[2] > 1000 and _part_of(got, right) for got, right, given in wrong)
    return TOO_FEW if ended else NOTHING


def _part_of(got, right):
    """Whether a way leads along the right one, and not all of it."""
    try:
        share = shaped(got, right.shape)[right != 0] / right[right != 0]
    except Wrong:
        return False
    return bool(np.ptp(share) < 1e-9 and 0 < share[0] < 1)


whole(coasting, _step_by_step, _coasting_cases, ("the way",), told=_too_few)


@coasting.check(PURE, points=1, hint=PURE_HINT, aside=True)
def coasting_is_pure(coasting, rng):
    leaves_inputs_alone(coasting, *_coasting_inputs(rng), other=_coasting_inputs(rng))


def _sum(momentum, num_steps):
    return num_steps if momentum == 1 else momentum * (1 - momentum**num_steps) / (1 - momentum)


def _unfaded(momentum, num_steps):
    return num_steps if momentum == 1 else (1 - momentum**num_steps) / (1 - momentum)


def _count(momentum, num_steps):
    return num_steps if momentum == 1 else _sum(momentum, np.inf)


def times(factor):
    """An answer that is the velocity times ``factor(momentum, num_steps)``."""
    return lambda velocity, momentum, num_steps: factor(momentum, num_steps) * velocity


ONE_TOO_FEW = "Your last exponent is num_steps - 1: num_steps counts all steps, the first among them."

for name, fails, says, factor in (
    (
        "one step too many",
        FEW,
        "Your last exponent is num_steps + 1: after one step the way is momentum * velocity, and no more.",
        lambda mu, n: n if mu == 1 else _sum(mu, n + 1),
    ),
    (
        "one step too few",
        FEW,
        ONE_TOO_FEW,
        lambda mu, n: n if mu == 1 else _sum(mu, n - 1) if mu else 0.0,
    ),
    (
        "one step too few",
        FEW,
        ONE_TOO_FEW,
        lambda mu, n: n if mu == 1 or n == 0 else _sum(mu, n - 1),
    ),
    (
        "one step too few",
        (FEW, ENDLESS),
        ONE_TOO_FEW,
        lambda mu, n: max(n - 1, 0) if mu == 1 else _sum(mu, max(n - 1, 0)),
    ),
    (
        "the whole way at once",
        FEW,
        "That is where it comes to rest. After num_steps steps momentum**num_steps of the velocity is left.",
        _count,
    ),
    (
        "the steps all alike",
        FEW,
        "Every step is shorter than the one before: they do not add up to num_steps times the first.",
        lambda mu, n: mu * n if n < np.inf else _sum(mu, n),
    ),
    (
        "the first step unfaded, at rest",
        REST,
        "The velocity fades before the first step moves theta: momentum / (1 - momentum), not 1 / (1 - momentum).",
        lambda mu, n: _sum(mu, n) if n < np.inf else 1 / (1 - mu),
    ),
    (
        "one step at momentum 1",
        ENDLESS,
        "With momentum 1 the velocity stays as it is, and each of num_steps steps adds it.",
        lambda mu, n: 1.0 if mu == 1 else _sum(mu, n),
    ),
    (
        "no end at momentum 1",
        ENDLESS,
        "It never comes to rest, but after num_steps steps it has gone a finite way.",
        lambda mu, n: 1e300 if mu == 1 else _sum(mu, n),
    ),
    (
        "the first step unfaded",
        (FEW, REST),
        "You count the velocity before it has faded: theta moves by momentum * velocity in the first step.",
        _unfaded,
    ),
    (
        "an average in place of a sum",
        (FEW, REST, ENDLESS, PURE),
        "You weigh the steps so that they add up to the velocity. They add up to more: nothing divides them.",
        lambda mu, n: 1 - mu**n if mu < 1 else 1.0,
    ),
    (
        "the velocity that is left",
        (FEW, REST, ENDLESS, PURE),
        "That is the velocity after num_steps steps. The way is the sum of all velocities on it.",
        lambda mu, n: mu**n,
    ),
    (
        "backwards",
        (FEW, REST, ENDLESS, PURE),
        "theta moves along the velocity: the way has its sign.",
        lambda mu, n: -_sum(mu, n),
    ),
):
    coasting.mistake(name, fails, says)(times(factor))


@coasting.mistake(TOO_FEW[0], WHOLE, TOO_FEW[1])
def a_number_of_steps(velocity, momentum, num_steps):
    return _sum(momentum, min(num_steps, 10_000)) * velocity


# --- 03-6: theta, gradient, learning_rate, momentum, num_epochs, num_steps -> theta ---------------------------

ARRIVES = "In a bowl it ends where one long run would"
SLOPE = "On a slope that is the same everywhere, too"
ALL_FAIL = (ARRIVES, SLOPE, NAMED, PURE)
MENU = {
    "velocity starts anew": "then the first steps of each epoch are as short as those of a run that begins.",
    "stale gradient": "then all steps of an epoch have the gradient of its first point.",
    "momentum on both parts": "then even a run of two steps differs, by a factor of momentum.",
    "uphill": "then the value rises from the first step on.",
    "theta moves first": "then the first step goes nowhere.",
}
training = Debug(
    "03-6",
    "A loop that forgets",
    "train_with_momentum",
    topics=TOPICS,
    menu=MENU,
    fault="velocity starts anew",
)


def _walk(theta, gradient, learning_rate, momentum, num_epochs, num_steps):
    """All points of the run and its last velocity."""
    points, velocity = [theta], np.zeros(len(theta))
    for _ in range(num_epochs * num_steps):
        velocity = momentum * velocity - learning_rate * gradient(points[-1])
        points.append(points[-1] + velocity)
    return np.array(points), velocity


def _end(*given):
    return _walk(*given)[0][-1]


def _loop_inputs(rng):
    return vector(rng), bowl(rng), rng.uniform(0.02, 0.06), rng.uniform(0.6, 0.9), 3, int(rng.integers(3, 6))


@training.check(
    ARRIVES, points=2, hint="Compare two epochs of 3 steps with one of 6. Which step is the first to differ?"
)
def arrives(train_with_momentum, rng):
    theta, gradient, *rest = _loop_inputs(rng)
    far = *shrunk(0.01, theta, gradient), *rest
    for theta, gradient, *rest in (far, _loop_inputs(rng)):
        close(train_with_momentum(theta, gradient, *rest), _end(theta, gradient.function, *rest), "theta at the end")


@training.check(SLOPE, points=1, hint="Here every gradient is the same: how long is each step, by hand?")
def slides(train_with_momentum, rng):
    for size in (1.0, 100.0):
        theta, _, *rest = _loop_inputs(rng)
        slope = size * vector(rng)
        expected = _end(theta, lambda _, slope=slope: slope, *rest)
        got = train_with_momentum(theta, Spy(lambda _, slope=slope: slope), *rest)
        close(got, expected, "theta at the end")


def _loop_cases(rng):
    """Spaces of several sizes; one epoch, many of one step, none at all; no momentum, and much."""
    sizes, counts = (*different(rng, 3), 1), ((1, 5), (4, 1), (3, 4), (0, 3))
    momenta = (rng.uniform(0.2, 0.6), rng.uniform(0.7, 0.95), rng.uniform(0.7, 0.95), 0.0)
    tilts = [rng.normal(size=(n, n)) / n for n in sizes]
    return [
        (wide(rng, n), Spy(lambda theta, tilt=tilt: tilt @ np.sin(theta) + theta), rng.uniform(0.05, 0.3), mu, *count)
        for n, mu, count, tilt in zip(sizes, momenta, counts, tilts, strict=True)
    ] + [_over_flat_ground(rng), _in_short_steps(rng), _near_the_end(rng)]


def _near_the_end(rng):
    """A run that begins where others would be said to have arrived."""
    theta, gradient, *rest = _loop_inputs(rng)
    return *shrunk(1e5, theta, gradient), *rest


def _over_flat_ground(rng):
    """A run that comes to where the gradient is 0 with a velocity, and goes on."""
    return rng.uniform(2.0, 3.0, 1), Spy(lambda theta: theta - np.clip(theta, -1, 1)), 0.5, 0.9, 3, 4


def _in_short_steps(rng):
    """A run of which a whole epoch moves theta, which is large, by less than a millionth of it."""
    return 1e3 * rng.uniform(1, 3, 2), Spy(lambda theta: 1 + np.sin(theta)), 1e-4, rng.uniform(0.8, 0.9), 5, 2


whole(training, _end, _loop_cases, ("theta at the end",), told=fewer_gradients(1, lambda *given: given[-2] * given[-1]))
training.names_the_fault(points=1)


@training.check(PURE, points=1, hint=PURE_HINT, aside=True)
def training_is_pure(train_with_momentum, rng):
    leaves_inputs_alone(train_with_momentum, *_loop_inputs(rng), other=_loop_inputs(rng))


@training.handed_out(ALL_FAIL)
def velocity_starts_anew(theta, gradient, learning_rate, momentum, num_epochs, num_steps):
    for _ in range(num_epochs):
        velocity = np.zeros(theta.shape)
        for _ in range(num_steps):
            velocity = momentum * velocity - learning_rate * gradient(theta)
            theta = theta + velocity
    return theta


def asking(place):
    """An answer that asks for the gradient at ``place(theta, velocity, momentum, points, first of the epoch)``."""

    def answer(theta, gradient, learning_rate, momentum, num_epochs, num_steps):
        velocity, points = np.zeros(theta.shape), [theta]
        for _ in range(num_epochs):
            first = points[-1]
            for _ in range(num_steps):
                asked = place(points[-1], velocity, momentum, points, first)
                velocity = momentum * velocity - learning_rate * gradient(asked)
                points.append(points[-1] + velocity)
        return points[-1]

    return answer


for name, says, place in (
    (
        "stale gradient",
        "All steps of an epoch have the gradient of its first point: ask anew in each step.",
        lambda theta, velocity, momentum, points, first: first,
    ),
    (
        "the gradient of the start",
        "All steps have the gradient of the start: ask anew in each step.",
        lambda theta, velocity, momentum, points, first: points[0],
    ),
    (
        "the look-ahead point",
        "That is Nesterov's method: momentum asks for the gradient at theta.",
        lambda theta, velocity, momentum, points, first: theta + momentum * velocity,
    ),
    (
        "too far ahead",
        "Momentum asks for the gradient at theta, before the velocity has moved it.",
        lambda theta, velocity, momentum, points, first: theta + velocity,
    ),
    (
        "the point before",
        "Ask for the gradient where theta is now, not where it was one step ago.",
        lambda theta, velocity, momentum, points, first: points[-2] if len(points) > 1 else theta,
    ),
    (
        "the mean of the run",
        "Ask for the gradient at theta, not at the mean of the points so far.",
        lambda theta, velocity, momentum, points, first: np.mean(points, axis=0),
    ),
):
    training.mistake(name, ARRIVES, says)(asking(place))


def returning(result):
    """An answer that walks as it should and returns ``result(points, last velocity)``."""

    def answer(theta, gradient, learning_rate, momentum, num_epochs, num_steps):
        return result(*_walk(theta, gradient, learning_rate, momentum, num_epochs, num_steps))

    return answer


for name, says, result in (
    ("the start", "Return theta at the end.", lambda points, velocity: points[0]),
    ("one step too few", "The last step is missing in what is returned.", lambda points, v: points[-1] - v),
    ("one step too many", "num_epochs * num_steps steps, and no more.", lambda points, v: points[-1] + v),
    ("the velocity", "Return theta, not the velocity.", lambda points, velocity: velocity),
    ("the whole way", "Return where it ends, not how far it went.", lambda points, v: points[-1] - points[0]),
):
    training.mistake(name, ALL_FAIL, says)(returning(result))


@training.mistake("uphill", ALL_FAIL, "The gradient enters the velocity with a minus.")
def uphill(theta, gradient, learning_rate, momentum, num_epochs, num_steps):
    return _end(theta, gradient, -learning_rate, momentum, num_epochs, num_steps)


@training.mistake(
    "begins with a step's velocity",
    ALL_FAIL,
    "From rest the velocity is 0 at the start: the first gradient counts once, in the first step.",
)
def begins_with_a_steps_velocity(theta, gradient, learning_rate, momentum, num_epochs, num_steps):
    velocity = -learning_rate * gradient(theta)
    for _ in range(num_epochs * num_steps):
        velocity = momentum * velocity - learning_rate * gradient(theta)
        theta = theta + velocity
    return theta


@training.mistake("theta moves first", ALL_FAIL, "Update the velocity first; then theta moves by the new one.")
def theta_moves_first(theta, gradient, learning_rate, momentum, num_epochs, num_steps):
    velocity = np.zeros(theta.shape)
    for _ in range(num_epochs * num_steps):
        g = gradient(theta)
        theta, velocity = theta + velocity, momentum * velocity - learning_rate * g
    return theta


@training.mistake("no memory", ALL_FAIL, "Keep the velocity: without it this is gradient descent.")
def no_memory(theta, gradient, learning_rate, momentum, num_epochs, num_steps):
    return _end(theta, gradient, learning_rate, 0.0, num_epochs, num_steps)


@training.mistake(
    "velocity fades once more at each epoch", ALL_FAIL, "Nothing happens to the velocity between two epochs."
)
def fades_between_epochs(theta, gradient, learning_rate, momentum, num_epochs, num_steps):
    velocity = np.zeros(theta.shape)
    for _ in range(num_epochs):
        for _ in range(num_steps):
            velocity = momentum * velocity - learning_rate * gradient(theta)
            theta = theta + velocity
        velocity = momentum * velocity
    return theta


# --- 03-7: learning_rate, momentum, curvature -> steps --------------------------------------------------------

SWINGS = "Where it swings, the number of steps is right within a quarter"
CRAWLS = "Where it crawls, too"
SHARE, LEAST = 0.25, 4
ALIKE = nearly(0.01, 1.0)  # a loop and a formula
steps_needed = Exercise("03-7", "Steps until one percent", "steps_needed", topics=TOPICS, kind="predict", same=ALIKE)


def _simulated(learning_rate, momentum, curvature):
    """The number of the first step from which on no coordinate is farther than a hundredth of the start, from rest."""
    theta, velocity, step, last = 1.0, 0.0, 0, 0
    while abs(theta) + abs(velocity) > 1e-6 and step < 10_000:  # far below a hundredth no swing leads out again
        velocity, step = momentum * velocity - learning_rate * curvature * theta, step + 1
        theta += velocity
        last = step if abs(theta) > 0.01 else last
    return last + 1


def _pull(rng):
    """learning_rate * curvature, not near 1, where gradient descent would be there at once."""
    return rng.choice([rng.uniform(0.4, 0.8), rng.uniform(1.15, 1.3)])


def _swinging(rng):
    curvature = np.exp(rng.uniform(-2, 2))
    return _pull(rng) / curvature, rng.uniform(0.8, 0.97), curvature


def _crawling(rng):
    curvature, momentum = np.exp(rng.uniform(-2, 2)), rng.uniform(0.3, 0.5)
    return rng.uniform(0.3, 0.5) * (1 - np.sqrt(momentum)) ** 2 / curvature, momentum, curvature


def _near(got, given):
    within(got, float(_simulated(*given)), SHARE, "the number of steps", LEAST)


@steps_needed.check(
    SWINGS,
    points=2,
    hint="Section 3 of the chapter: by which factor does a swing shrink in each step? 1 % is how many?",
)
def swings(steps_needed, rng):
    for coefficient in (rng.uniform(0.8, 0.84), rng.uniform(0.93, 0.97)):  # so far apart that no one number is right
        curvature = np.exp(rng.uniform(-2, 2))
        given = _pull(rng) / curvature, coefficient, curvature
        _near(steps_needed(*given), given)


@steps_needed.check(
    CRAWLS, points=2, hint="There both roots of (3.12) are real, and the one of larger size is what is left."
)
def crawls(steps_needed, rng):
    for given in (_crawling(rng), _crawling(rng)):
        _near(steps_needed(*given), given)


def _step_settings(rng):
    across = rng.uniform(1.47, 1.49), rng.uniform(0.002, 0.006), 1.0  # it jumps across the minimum: no root is above 0
    little = rng.uniform(0.5, 1.4), rng.uniform(0.22, 0.3), 1.0  # it swings, and 1 - momentum is no logarithm
    below = rng.uniform(0.19, 0.21), rng.uniform(0.19, 0.21), 1.0  # it crawls, above a quarter of (1 - momentum)^2
    momentum = rng.uniform(0.7, 0.9)
    near = rng.uniform(0.89, 0.92) * (1 - np.sqrt(momentum)) ** 2, momentum, 1.0  # rate / (1 - momentum) is too slow
    slow = rng.uniform(0.0025, 0.003), rng.uniform(0.05, 0.1), 1.0  # more than a thousand steps
    plain = (rng.uniform(0.02, 0.2), 0.0, 1.0), (rng.uniform(1.7, 1.8), 0.0, 1.0)
    others = [*plain, across, little, below, near, slow]
    return [_swinging(rng), _crawling(rng), _swinging(rng), *others]


whole(
    steps_needed,
    lambda *given: float(_simulated(*given)),
    _step_settings,
    agree=lambda result, expected, *given: within(result, expected, SHARE, "the number of steps", LEAST),
)


def _root(learning_rate, momentum, curvature):
    """``(swings, half of 1 + momentum - learning_rate * curvature, the root of the discriminant)`` of (3.12)."""
    half = (1 + momentum - learning_rate * curvature) / 2
    return half**2 < momentum, half, np.sqrt(abs(half**2 - momentum))


def _nesterovs(momentum, left):
    """The larger root, by size, of Nesterov's characteristic equation."""
    return np.max(np.abs(np.roots([1, -(1 + momentum) * left, momentum * left])))


def predicted(swinging=None, crawling=None, left=0.01):
    """An answer whose factor per step is ``swinging`` or ``crawling`` of ``(learning_rate, momentum, curvature)``."""

    def right_swing(learning_rate, momentum, curvature):
        return momentum**0.5

    def right_crawl(*given):
        _, half, root = _root(*given)
        return abs(half) + root

    def answer(learning_rate, momentum, curvature):
        given = learning_rate, momentum, curvature
        factor = (swinging or right_swing) if _root(*given)[0] else (crawling or right_crawl)
        return np.log(left) / np.log(factor(*given))

    return answer


for name, fails, says, answer in (
    (
        "momentum without its root",
        SWINGS,
        "One step shrinks a swing by the root of momentum: the energy, its square, shrinks by momentum.",
        predicted(swinging=lambda eta, mu, h: mu),
    ),
    (
        "momentum squared",
        SWINGS,
        "The root of momentum, not its square.",
        predicted(swinging=lambda eta, mu, h: mu**2),
    ),
    (
        "momentum ignored where it swings",
        SWINGS,
        "That is gradient descent's factor. Where it swings, only momentum counts.",
        predicted(swinging=lambda eta, mu, h: np.clip(abs(1 - eta * h), 0.05, 0.999)),
    ),
    (
        "the fourth root",
        SWINGS,
        "One root is enough: the product of the two roots of (3.12) is momentum.",
        predicted(swinging=lambda eta, mu, h: mu**0.25),
    ),
    (
        "the root of momentum everywhere",
        CRAWLS,
        "That holds while it swings. With a small learning rate both roots are real, and the larger one is left.",
        predicted(crawling=lambda eta, mu, h: max(mu, 1e-9) ** 0.5),
    ),
    (
        "momentum ignored where it crawls",
        CRAWLS,
        "That is gradient descent's factor. Momentum makes it about 1 / (1 - momentum) times as fast.",
        predicted(crawling=lambda eta, mu, h: 1 - eta * h if mu else 1 - eta * h * 2),
    ),
    (
        "the smaller root",
        CRAWLS,
        "Both parts shrink, and the slower one is what one waits for: the root of larger size.",
        predicted(crawling=lambda *given: np.maximum(np.subtract(*_root(*given)[1:]), 1e-9)),
    ),
    (
        "the greater root, not the one of greater size",
        WHOLE,
        "A part with the root -0.5 shrinks more slowly than one with 0.1: compare their sizes.",
        predicted(crawling=lambda *given: abs(np.add(*_root(*given)[1:]))),
    ),
    (
        "momentum ignored",
        (SWINGS, CRAWLS),
        "That is gradient descent's factor: momentum is slower where it swings, and quicker where it crawls.",
        predicted(lambda eta, mu, h: abs(1 - eta * h), lambda eta, mu, h: abs(1 - eta * h)),
    ),
    (
        "the effective learning rate where it swings",
        SWINGS,
        "Learning rate / (1 - momentum) tells how fast it crawls. Where it swings, the learning rate does not count.",
        lambda learning_rate, momentum, curvature: np.log(100) * (1 - momentum) / (learning_rate * curvature),
    ),
    (
        "Nesterov's equation",
        SWINGS,
        "With the gradient taken ahead the product of the roots is momentum * (1 - learning_rate * curvature); here it "
        "is momentum.",
        predicted(lambda eta, mu, h: _nesterovs(mu, 1 - eta * h), lambda eta, mu, h: _nesterovs(mu, 1 - eta * h)),
    ),
    (
        "the logarithm to base 10",
        (SWINGS, CRAWLS),
        "np.log10 above, np.log below: take the same logarithm twice.",
        lambda learning_rate, momentum, curvature: predicted()(learning_rate, momentum, curvature) / np.log(10),
    ),
    (
        "until a tenth",
        (SWINGS, CRAWLS),
        "One percent is a hundredth: log(0.01).",
        predicted(left=0.1),
    ),
    (
        "until a ten thousandth",
        (SWINGS, CRAWLS),
        "One percent of the distance, not of the loss.",
        predicted(left=1e-4),
    ),
    (
        "until the half",
        (SWINGS, CRAWLS),
        "That is a half-life. One percent takes log(0.01) / log(0.5) of them.",
        predicted(left=0.5),
    ),
):
    steps_needed.mistake(name, fails, says)(answer)


@training.mistake("one epoch only", (ARRIVES, SLOPE, NAMED, PURE), "All epochs count: num_epochs times num_steps.")
def one_epoch_only(theta, gradient, learning_rate, momentum, num_epochs, num_steps):
    velocity = np.zeros(theta.shape)
    for _ in range(min(num_epochs, 1)):
        for _ in range(num_steps):
            velocity = momentum * velocity - learning_rate * gradient(theta)
            theta = theta + velocity
    return theta
