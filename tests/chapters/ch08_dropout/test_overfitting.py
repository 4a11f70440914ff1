"""The small net on few samples: the same data whatever is set, splits, patience, and what each remedy changes."""

import numpy as np
import pytest

from course_lib.chapters.ch08_dropout.experiments.overfitting import (
    Settings,
    accuracy,
    cached_digits_run,
    checked,
    confidence,
    digits_task,
    dropout_net,
    flipped,
    learn,
    moons_task,
    stops_at,
    wrong_labels,
)

SHORT = Settings(width=20, num_epochs=25)


def test_the_split_is_70_15_15_and_the_fresh_samples_are_others():
    splits, fresh = moons_task(100, 0.15, 0)
    assert [len(part.y) for part in splits] == [70, 15, 15] and len(fresh.y) == 500
    assert not set(map(tuple, splits.train.x)) & set(map(tuple, fresh.x))


def test_label_noise_changes_labels_only():
    noisy, clean = moons_task(100, 0.3, 2)[0].train, moons_task(100, 0.0, 2)[0].train
    np.testing.assert_array_equal(noisy.x, clean.x)
    settings = Settings(label_noise=0.3, seed=2)
    np.testing.assert_array_equal(wrong_labels(settings), noisy.y != clean.y)
    assert 0.15 < wrong_labels(settings).mean() < 0.45
    assert not wrong_labels(settings._replace(label_noise=0.0)).any()


def test_a_flipped_label_is_another_class():
    task, _ = digits_task(500, 0.0, 0)
    wrong = flipped(task, 0.5, np.random.default_rng(1)).y
    assert 0.4 < np.mean(wrong != task.y) < 0.6 and set(wrong) <= set(range(10))


def test_a_run_is_the_same_twice_and_reports_every_epoch():
    told = []
    one, other = learn(SHORT, report=lambda learning, done: told.append((len(learning.losses), done))), learn(SHORT)
    np.testing.assert_array_equal(one.losses, other.losses)
    assert told == [(epoch + 1, epoch / 25) for epoch in range(26)]
    assert one.losses.shape == (26, 3) and np.isfinite(one.losses).all()


def test_every_epoch_is_kept_where_it_is_asked_for():
    kept = learn(SHORT, keep_all=True)
    assert kept.thetas.shape == (26, len(kept.theta))
    np.testing.assert_array_equal(kept.thetas[-1], kept.theta)
    np.testing.assert_array_equal(kept.thetas[kept.best_epoch], kept.best_theta)
    assert learn(SHORT).thetas is None


@pytest.mark.parametrize("patience", [1, 3, 8])
def test_patience_stops_the_training_where_stops_at_says(patience):
    whole = learn(SHORT)
    stop, best = stops_at(whole.losses[:, 1], patience)
    stopped = learn(SHORT._replace(patience=patience))
    assert (len(stopped.losses) - 1, stopped.best_epoch) == (stop, best)
    np.testing.assert_array_equal(stopped.losses, whole.losses[: stop + 1])
    assert stopped.stopped == (stop < 25 or stop - best >= patience)


def test_stops_at_by_hand():
    losses = [3, 2, 2, 2.5, 1, 1.5, np.nan, 1, 4]
    assert stops_at(losses, 3) == (7, 4)
    assert stops_at(losses, 2) == (3, 1)
    assert stops_at(losses, 1) == (2, 1)
    assert stops_at(losses, 50) == (8, 4) == stops_at(losses, 0)


def test_the_remedies_of_the_chapter_lower_the_loss_on_fresh_samples_and_raise_the_training_loss():
    training, _, fresh = learn(Settings()).losses[-1]
    for remedy in ({"l2_penalty": 0.01}, {"l1_penalty": 0.003}, {"drop_rate": 0.5}):
        remedied = learn(Settings(**remedy)).losses[-1]
        assert remedied[2] < fresh and remedied[0] > training


def test_probabilities_agree_with_the_accuracy():
    learning = learn(SHORT)
    p = confidence(SHORT, learning.theta, np.zeros((3, 2, 2)))
    assert p.shape == (3, 2) and np.all((p > 0) & (p < 1))
    assert 0.5 < accuracy(SHORT, learning.theta) <= 1


def test_a_net_without_dropout_has_no_dropout_layer_and_the_same_start():
    sizes = (4, 8, 8, 3)
    plain, dropped = (dropout_net(sizes, rate, np.random.default_rng(0)) for rate in (0.0, 0.5))
    assert len(plain.layers) == 5 and len(dropped.layers) == 7
    np.testing.assert_array_equal(plain.theta, dropped.theta)


def test_digits_of_training_and_test_are_different_and_a_pair_of_runs_sees_the_same():
    (train, test), (again, _) = digits_task(100, 0.2, 3), digits_task(100, 0.2, 3)
    assert not set(map(bytes, train.x)) & set(map(bytes, test.x))
    np.testing.assert_array_equal(train.y, again.y)
    run = cached_digits_run(60, 0.0, 0.5, 0, 3, width=16)
    assert run.losses.shape == (4, 2) and run.losses[-1, 0] < run.losses[0, 0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"drop_rate": 1.0},
        {"l2_penalty": -1.0},
        {"l1_penalty": np.inf},
        {"label_noise": 0.6},
        {"num_samples": 5},
        {"patience": -1},
        {"num_epochs": 0},
        {"seed": -1},
    ],
)
def test_settings_that_cannot_be_trained_are_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        checked(Settings(**wrong))
