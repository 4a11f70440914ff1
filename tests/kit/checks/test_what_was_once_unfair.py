"""Answers that once got the wrong points or the wrong name: each found by somebody who tried."""

import numpy as np
import pytest

from course_lib.checks import EXERCISES


def report(exercise_id, function, seed=4):
    return EXERCISES[exercise_id].run(function, seed)


def named(made):
    return {result.mistake for result in made.results if not result.passed}


def by_coordinates(theta, gradient, learning_rate):
    theta = theta.copy()
    for i in reversed(range(len(theta))):
        theta[i] -= learning_rate * gradient(theta)[i]
    return theta


def test_coordinate_descent_is_not_gradient_descent():
    assert report("00-1", by_coordinates).points == 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("exercise_id", ["03-1", "03-2", "03-3"])
def test_the_gradient_alone_earns_nothing(exercise_id, seed):
    for place in (0, 1):

        def answer(theta, velocity, gradient, learning_rate, *rest, place=place):
            return theta, gradient(theta + place * rest[-1] * velocity)

        assert report(exercise_id, answer, seed).points == 0


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("limit", "word"), [(min, "falls"), (max, "rises")])
def test_a_ratio_that_is_cut_off_is_named(limit, word, seed):
    def answer(theta, velocity, gradient, learning_rate, previous, momentum):
        velocity = momentum * velocity * limit(1, learning_rate / previous) - learning_rate * gradient(theta)
        return theta + velocity, velocity

    assert named(report("03-3", answer, seed)) == {f"carried over only where the rate {word}"}


def momentum(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta)
    return theta + velocity, velocity


def test_a_theta_that_is_kept_between_calls_is_named():
    kept = []

    def answer(theta, *rest):
        kept.append(theta)
        return momentum(kept[-2] if len(kept) > 1 else theta, *rest)

    assert "remembers something between calls" in named(report("03-1", answer))

    def first(theta, *rest, kept=[]):  # noqa: B006
        kept.append(theta)
        return momentum(kept[0], *rest)

    assert named(report("03-1", first)) == {"remembers something between calls"}


def test_a_global_in_place_of_an_argument_is_named():
    made = report("03-1", lambda theta, velocity, gradient, rate, m: momentum(theta, velocity, gradient, 0.1, m))
    assert "an argument without effect" in named(made) and "learning_rate has no effect" in str(made)


def test_an_argument_that_has_no_effect_by_right_is_not_said_to_lack_one():
    def l2_only(weight, bias, l1_penalty, l2_penalty):
        return l2_penalty / 2 * np.sum(weight**2), l2_penalty * weight, 0 * bias

    made = report("08-3", l2_only)
    assert "an argument without effect" in named(made)
    assert "l1_penalty has no effect" in str(made) and "bias has no effect" not in str(made)


def test_a_step_that_cancels_is_not_said_to_have_no_effect():
    def five_points(theta, function, h):
        moves = h * np.eye(len(theta))
        near = np.array([function(theta + move) - function(theta - move) for move in moves])
        far = np.array([function(theta + 2 * move) - function(theta - 2 * move) for move in moves])
        return (8 * near - far) / (12 * h)

    assert "an argument without effect" not in named(report("01-5", five_points))


def test_an_argument_that_has_an_effect_is_not_said_to_have_none():
    made = report("03-1", lambda theta, velocity, gradient, rate, m: momentum(theta, 0.5 * velocity, gradient, rate, m))
    assert "an argument without effect" not in named(made)


@pytest.mark.parametrize("exercise_id", ["03-1", "03-2"])
def test_a_call_of_the_gradient_for_debugging_is_named(exercise_id):
    def answer(theta, velocity, gradient, learning_rate, momentum):
        gradient(theta - 1)
        ahead = momentum * velocity if exercise_id == "03-2" else 0
        velocity = momentum * velocity - learning_rate * gradient(theta + ahead)
        return theta + velocity, velocity

    assert named(report(exercise_id, answer)) == {"one call of the gradient too many"}


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (np.array([1j, 2, 3]), "complex"),
        (np.array([None, 2, 3]), "array of objects"),
        (np.array(["a", "b", "c"]), "array of text"),
    ],
)
def test_arrays_that_hold_no_real_numbers_are_called_what_they_are(result, words):
    made = report("03-1", lambda *given: (given[0], result))
    assert words in made.results[0].sentence


def test_an_argument_of_which_only_the_sign_or_the_order_counts_has_an_effect():
    def in_percent(hessian, tolerance):
        eigenvalues = np.linalg.eigvalsh(hessian)
        zero = tolerance * np.abs(eigenvalues).max()
        flat = np.abs(eigenvalues) <= zero
        return [100 * np.mean(part) for part in (~flat & (eigenvalues > 0), flat, ~flat & (eigenvalues < 0))]

    made = report("04-2", in_percent)
    assert made.points == 0
    assert "an argument without effect" not in named(made)


@pytest.mark.parametrize("measure", [np.max, np.mean, lambda values: np.mean(np.abs(values)), np.linalg.norm, np.sum])
def test_zero_is_measured_by_the_largest_size_and_nothing_else(measure):
    def directions(hessian, tolerance):
        eigenvalues = np.linalg.eigvalsh(hessian)
        zero = tolerance * abs(measure(eigenvalues))
        return np.mean(eigenvalues > zero), np.mean(np.abs(eigenvalues) <= zero), np.mean(eigenvalues < -zero)

    for seed in range(10):
        assert report("04-2", directions, seed).points < 8


@pytest.mark.parametrize("h", [1e-3, 1e-4, 1e-5, 1e-6])
def test_a_difference_of_gradients_is_not_an_exact_product(h):
    def answer(w, v, x, y):
        def gradient(w):
            a = np.tanh(x @ w)
            return x.T @ ((a - y) * (1 - a**2)) / len(x)

        return (gradient(w + h * v) - gradient(w - h * v)) / (2 * h)

    for seed in range(10):
        assert report("04-6", answer, seed).points == 0


def test_shares_may_be_drawn_from_any_generator():
    def answer(w_out):
        noise = np.random.normal(size=w_out.shape)
        return w_out + noise - noise.mean(axis=1, keepdims=True)

    assert report("06-4", answer).passed


def test_one_array_with_two_rows_is_two_results():
    def answer(weight_variances, widths, activation):
        keep = 0.5 if activation == "relu" else 1.0
        up = np.cumprod(widths[:-1] * weight_variances) * keep ** np.arange(len(weight_variances))
        return np.array([up, np.cumprod((keep * widths[1:] * weight_variances)[::-1])[::-1]])

    assert report("06-1", answer).passed


def test_newtons_neighbours_and_half_answers_earn_less_than_half():
    def diagonal(theta, gradient, hessian, damping):
        return theta - gradient(theta) / (np.abs(np.diag(hessian(theta))) + damping)

    def last_term(inverse_hessian, s, y):
        return np.outer(s, s) / (y @ s) if y @ s > 0 else inverse_hessian.copy()

    def linear_only(weight_variances, widths, activation):
        up, down = widths[:-1] * weight_variances, widths[1:] * weight_variances
        return np.cumprod(up), np.cumprod(down[::-1])[::-1]

    def one_size(fan_in, fan_out, rng, distribution):
        return (
            rng.uniform(-0.1, 0.1, (fan_out, fan_in))
            if distribution == "uniform"
            else rng.normal(0, 0.01, (fan_out, fan_in))
        )

    answers = {"04-1": diagonal, "04-4": diagonal, "04-5": last_term, "06-1": linear_only, "06-2": one_size}
    for exercise_id, answer in answers.items():
        made = report(exercise_id, answer)
        assert made.points < made.max_points / 2, str(made)


@pytest.mark.parametrize("change", [lambda a: 1 - a**2, lambda a: 1 / (1 + a**2) ** 2, lambda a: 1 / (1 + a)])
def test_only_one_formula_fits_the_slopes(change):
    def he(fan_in, fan_out, rng, slope):
        return rng.normal(0, np.sqrt(2 * change(slope) / fan_in), (fan_out, fan_in))

    for seed in range(10):
        assert report("06-3", he, seed).points == 7


def test_a_gradient_that_overflows_beside_a_loss_that_does_not_loses_the_point():
    def half_stable(scores, target):
        p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        log_sum = np.logaddexp.reduce(scores, axis=1, keepdims=True)
        return -np.sum(target * (scores - log_sum)) / len(scores), (p - target) / len(scores)

    assert report("01-2", half_stable).points == 5


@pytest.mark.parametrize("seed", range(3))
def test_a_tangent_without_the_slope_is_no_dual_number(seed):
    def differences(x, y, function, slope):
        ahead, behind = (function((x[0] + h * x[1]) * (y[0] + h * y[1])) for h in (1e-6, -1e-6))
        return [function(x[0] * y[0]), (ahead - behind) / 2e-6]

    assert report("01-4", differences, seed).points <= 4


@pytest.mark.parametrize("seed", range(3))
def test_one_batch_for_the_whole_epoch_earns_nothing(seed):
    assert report("02-1", lambda samples, batch_size, permutation: [samples], seed).points == 0
    empty = report("02-1", lambda samples, batch_size, permutation: [], seed)
    assert empty.points == 0 and "returns what it was given" not in named(empty)


@pytest.mark.parametrize("seed", range(3))
def test_one_shrink_whatever_the_value_does_earns_nothing(seed):
    def armijo(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
        return first_step * shrink

    assert report("02-3", armijo, seed).points == 0


def test_a_search_that_asks_often_is_not_said_to_remember():
    def armijo(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
        return min(np.linspace(0, first_step, 200), key=lambda step: value(theta + step * search_direction))

    assert "remembers something between calls" not in named(report("02-3", armijo))
