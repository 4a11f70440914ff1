"""Chapter 9's claims and errata: the numbers meet the theory, and could have said the opposite."""

import numpy as np
import pytest

from course_lib.chapters.ch09_convolution.claims import structure as ch09_structure
from course_lib.chapters.ch09_convolution.claims.measured import measured
from course_lib.chapters.ch09_convolution.claims.structure import dense_ratio, shift_error, tied_sums
from course_lib.chapters.ch09_convolution.errata import one_too_many
from course_lib.chapters.ch09_convolution.experiments import runs
from course_lib.chapters.ch09_convolution.experiments.receptive_field import STACKS, sensitivity
from course_lib.chapters.ch09_convolution.experiments.runs import canvas, moved_digits, shifted, small_network, trained
from course_lib.claims import CLAIMS
from course_lib.layers import MaxPool2d, conv2d, convolution_matrix, weight_places


def test_a_matrix_of_the_turned_kernel_would_be_noticed(monkeypatch):
    def turned(w, *rest):
        return convolution_matrix(w[:, :, ::-1, ::-1], *rest)

    monkeypatch.setattr(ch09_structure, "convolution_matrix", turned)
    assert CLAIMS["C-09-1"].run().verdict.kind == "fails"


def test_tied_sums_collect_one_dense_gradient_from_every_place():
    places = weight_places((2, 2), (3, 3))
    sums = tied_sums(np.ones((4, 9)), places, (1, 1), (2, 2))
    np.testing.assert_array_equal(sums, np.full((1, 1, 2, 2), 4.0))


def test_the_ratio_to_a_dense_layer_is_one_where_the_kernel_covers_the_map():
    assert dense_ratio((3, 7, 7), 5, 7) == 1
    assert dense_ratio((3, 14, 14), 5, 7) > 100


def test_a_shift_by_the_stride_is_exact_and_the_measure_sees_one_that_is_not():
    x = np.random.default_rng(0).normal(size=(2, 1, 16, 16))
    w = np.random.default_rng(1).normal(size=(1, 1, 3, 3))
    assert shift_error(lambda x: conv2d(x, w, stride=4), x, 4, 4) < 1e-12
    assert shift_error(MaxPool2d(2).forward, x, 2, 2) == 0
    assert shift_error(lambda x: x[:, :, ::-1], x, 1, 1) > 0.5


@pytest.mark.parametrize("name", STACKS)
def test_the_measured_spread_is_the_closed_form_to_sampling_error(name):
    result = sensitivity(name)
    for layer in range(1, len(STACKS[name]) + 1):
        assert result.extent(layer) == result.theory[layer][0]
        assert result.width(layer) == pytest.approx(result.widths[layer], rel=0.1)


def test_digits_keep_their_ink_when_they_are_moved_to_four_sides():
    x, _ = canvas()
    moved = shifted(x[:20], 2)
    assert moved.shape == (4, 20, 1, 12, 12)
    np.testing.assert_allclose(moved.sum(axis=(2, 3, 4)), np.broadcast_to(x[:20].sum(axis=(1, 2, 3)), (4, 20)))
    np.testing.assert_array_equal(moved[0, :, :, :, 2:], x[:20, :, :, :-2])


def test_arms_are_compared_with_equally_many_weights_and_train_well_above_chance():
    sizes = {small_network(arm, np.random.default_rng(0)).theta.size for arm in ("max", "average", "stride 2")}
    assert len(sizes) == 1
    stored = measured("moved_digits")
    assert list(stored) == list(runs.ARMS)
    assert all(np.min(found["accuracy"], axis=0)[0] > 0.6 for found in stored.values())


def test_no_arm_has_its_best_rate_at_the_end_of_the_grid():
    assert all(runs.RATES[0] < found["rate"] < runs.RATES[-1] for found in measured("moved_digits").values())


def test_a_stored_arm_comes_out_again_and_the_digits_it_is_chosen_by_are_not_those_it_is_tested_on():
    stored = measured("moved_digits")["stride 2"]
    run = trained("stride 2", stored["rate"], 0)
    assert [run.accuracy(pixels) for pixels in runs.SHIFTS] == pytest.approx(stored["accuracy"][0], abs=0.03)
    assert len(run.x) == len(canvas()[0]) - runs.EXAMPLES
    whole = run.chosen_by(), run.accuracy()
    run.x[: runs.EXAMPLES] = 0
    assert (run.chosen_by() == whole[0], run.accuracy() == whole[1]) == (True, False)


def test_the_rate_is_chosen_on_the_tuning_seeds(monkeypatch):
    asked = []

    class Run:
        def __init__(self, rate):
            self.rate = rate

        def chosen_by(self):
            return -abs(np.log(self.rate / 0.01))

        def accuracy(self, pixels):
            return pixels

    def fake(arm, rate, seed, num_epochs):
        asked.append((rate, seed))
        return Run(rate)

    monkeypatch.setattr(runs, "trained", fake)
    found = moved_digits(seeds=[1, 2], tuning_seeds=[8, 9], rates=(0.001, 0.01, 0.1), arms=("max",))
    assert found == {"max": {"rate": 0.01, "accuracy": [[0, 1, 2], [0, 1, 2]]}}
    assert asked[:6] == [(rate, seed) for rate in (0.001, 0.01, 0.1) for seed in (8, 9)]
    assert asked[6:] == [(0.01, 1), (0.01, 2)]


# --- Errata -----------------------------------------------------------------------------------------------------


def test_the_printed_limits_reach_one_row_and_column_too_far():
    x = np.zeros((4, 4))
    x[3, 3] = 1.0  # no 3 × 3 window at (0, 0) sees this pixel
    assert one_too_many(x, np.ones((3, 3)))[0, 0] == 1.0
    assert conv2d(x[None, None], np.ones((1, 1, 3, 3)))[0, 0, 0, 0] == 0.0
