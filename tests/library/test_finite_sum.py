import numpy as np
import pytest

from course_lib.autodiff import objective
from course_lib.gradcheck import check_gradient
from course_lib.optimizers import SGD
from course_lib.run import descend
from course_lib.stochastic import deal_batches, draw_batch, finite_sum, least_squares, logistic_loss

RNG = np.random.default_rng(5)
X = RNG.normal(size=(12, 3))
Y = X @ [1.0, -2.0, 0.5] + RNG.normal(size=12)
LABELS = (Y > 0).astype(int)
THETA = RNG.normal(size=3)
SUMS = {"least squares": lambda **k: least_squares(X, Y, **k), "logistic": lambda **k: logistic_loss(X, LABELS, **k)}


@pytest.mark.parametrize("name", SUMS)
def test_the_whole_is_the_mean_of_its_terms(name):
    whole = SUMS[name]()
    terms = [whole.on([i]) for i in range(12)]
    for part in ("value", "gradient", "hessian"):
        mean = np.mean([getattr(term, part)(THETA) for term in terms], axis=0)
        np.testing.assert_allclose(getattr(whole, part)(THETA), mean, rtol=1e-12)
    np.testing.assert_allclose(
        whole.on([3, 3, 5]).gradient(THETA),
        (2 * terms[3].gradient(THETA) + terms[5].gradient(THETA)) / 3,
        rtol=1e-12,
    )


@pytest.mark.parametrize("name", SUMS)
def test_derivatives_are_right(name):
    whole = SUMS[name]()
    assert check_gradient(whole, THETA)
    made = objective(whole.value)
    np.testing.assert_allclose(whole.gradient(THETA), made.gradient(THETA), rtol=1e-12)
    np.testing.assert_allclose(whole.hessian(THETA), made.hessian(THETA), rtol=1e-11)


@pytest.mark.parametrize("name", SUMS)
@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("batch_size", [1, 4])
def test_the_sampled_gradient_is_right_on_average_with_the_variance_of_theory(name, replacement, batch_size):
    runs = 40_000
    whole = SUMS[name](batch_size=batch_size, replacement=replacement, runs=(runs,))
    theta = np.broadcast_to(THETA, (runs, 3))
    sampled = whole.sample(np.random.default_rng(0)).gradient(theta)
    each = np.array([whole.on([i]).gradient(THETA) for i in range(12)])
    variance = each.var(axis=0) / batch_size * (1 if replacement else (12 - batch_size) / 11)
    assert np.all(np.abs(sampled.mean(axis=0) - whole.gradient(THETA)) < 4.5 * np.sqrt(variance / runs))
    np.testing.assert_allclose(sampled.var(axis=0), variance, rtol=0.1)


def test_the_full_batch_without_replacement_has_no_noise():
    whole = least_squares(X, Y, batch_size=12)
    np.testing.assert_allclose(
        whole.sample(np.random.default_rng(0)).gradient(THETA), whole.gradient(THETA), rtol=1e-12
    )


def test_value_and_gradient_of_one_sample_see_the_same_batch():
    seen = least_squares(X, Y, batch_size=2).sample(np.random.default_rng(0))
    assert seen.value(THETA) == seen.value(THETA)
    assert check_gradient(seen.value, seen.gradient, THETA)


def test_every_run_of_an_ensemble_has_its_own_batch():
    whole = least_squares(X, Y, batch_size=2, runs=(50,))
    thetas = descend(whole, SGD(0.05), np.zeros((50, 3)), 3, rng=np.random.default_rng(0)).thetas
    assert len(np.unique(thetas[1][:, 0])) > 30
    batch = draw_batch(12, 4, np.random.default_rng(0), runs=(5, 6))
    assert batch.shape == (5, 6, 4)
    assert all(len(set(b)) == 4 for b in batch.reshape(-1, 4).tolist())


def test_a_single_run_equals_the_same_steps_by_hand():
    whole = least_squares(X, Y, batch_size=3)
    path = descend(whole, SGD(0.1), np.zeros(3), 5, rng=np.random.default_rng(9)).thetas
    rng, theta = np.random.default_rng(9), np.zeros(3)
    for t in range(5):
        batch = rng.choice(12, size=3, replace=False)
        theta = theta - 0.1 * X[batch].T @ (X[batch] @ theta - Y[batch]) / 3
        np.testing.assert_allclose(path[t + 1], theta, rtol=1e-12)


@pytest.mark.parametrize(("size", "batch_size", "lengths"), [(12, 4, [4, 4, 4]), (10, 4, [4, 4, 2]), (3, 7, [3])])
def test_an_epoch_sees_every_term_once(size, batch_size, lengths):
    batches = deal_batches(size, batch_size, np.random.default_rng(0))
    assert [len(batch) for batch in batches] == lengths
    assert sorted(np.concatenate(batches).tolist()) == list(range(size))


def test_epochs_differ_and_their_mean_gradient_is_the_whole():
    whole = least_squares(X, Y, batch_size=4)
    rng = np.random.default_rng(0)
    first, second = [[part.gradient(THETA) for part in whole.epoch(rng)] for _ in range(2)]
    assert not np.allclose(first, second)
    np.testing.assert_allclose(np.mean(first, axis=0), whole.gradient(THETA), rtol=1e-12)


def test_without_replacement_every_subset_is_equally_likely():
    rng = np.random.default_rng(0)
    counts = np.zeros((4, 4))
    for batch in draw_batch(4, 2, rng, runs=(12_000,)):
        counts[tuple(sorted(batch))] += 1
    share = counts[np.triu_indices(4, 1)]
    assert np.all(np.abs(share - 2_000) < 4.5 * np.sqrt(2_000))


def test_large_scores_do_not_overflow():
    extreme = logistic_loss([[1e4], [-1e4]], [0, 1])
    with np.errstate(over="raise", invalid="raise"):
        assert extreme.value(np.ones(1)) == pytest.approx(1e4)
        assert np.isfinite(extreme.gradient(np.ones(1))).all() and np.isfinite(extreme.hessian(np.ones(1))).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: least_squares(X, Y, batch_size=13), "only 12 terms"),
        (lambda: least_squares(X, Y, batch_size=0), "batch_size"),
        (lambda: least_squares(X, Y, batch_size=2.5), "batch_size"),
        (lambda: least_squares(X[:, 0], Y), "x of shape"),
        (lambda: least_squares(X, Y[:-1]), "x of shape"),
        (lambda: logistic_loss(X, LABELS * 2 - 1), "labels 0 and 1"),
        (lambda: least_squares(X, Y).on([]), "batch must be indices"),
        (lambda: least_squares(X, Y).on([0.5]), "whole numbers"),
        (lambda: finite_sum(np.sum, np.sum, 0), "size must be"),
        (lambda: deal_batches(4, 0, np.random.default_rng(0)), "batch_size"),
    ],
)
def test_misuse_gets_a_sentence(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_more_draws_than_terms_are_possible_with_replacement():
    assert least_squares(X, Y, batch_size=40, replacement=True).sample(np.random.default_rng(0)).value(THETA) > 0
