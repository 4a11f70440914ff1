"""Chapter 9's claims and errata: the numbers meet the theory, and could have said the opposite."""

import numpy as np
import pytest

from course_lib.chapters.ch09_convolution.claims import structure as ch09_structure
from course_lib.chapters.ch09_convolution.claims.pooling import canvas, shifted, small_network, trained
from course_lib.chapters.ch09_convolution.claims.structure import dense_ratio, shift_error, tied_sums
from course_lib.chapters.ch09_convolution.errata import one_too_many
from course_lib.chapters.ch09_convolution.experiments.receptive_field import STACKS, sensitivity
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


def test_arms_are_compared_with_equally_many_weights_and_train_well_above_chance(results):
    sizes = {small_network(arm, np.random.default_rng(0)).theta.size for arm in ("max", "average", "stride 2")}
    assert len(sizes) == 1
    assert all(values[:, 0].min() > 0.6 for values in trained().values())


# --- Errata -----------------------------------------------------------------------------------------------------


def test_the_printed_limits_reach_one_row_and_column_too_far():
    x = np.zeros((4, 4))
    x[3, 3] = 1.0  # no 3 × 3 window at (0, 0) sees this pixel
    assert one_too_many(x, np.ones((3, 3)))[0, 0] == 1.0
    assert conv2d(x[None, None], np.ones((1, 1, 3, 3)))[0, 0, 0, 0] == 0.0
