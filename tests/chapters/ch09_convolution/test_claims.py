"""Chapter 9's claims and errata: the numbers meet the theory, and could have said the opposite."""

import math

import numpy as np
import pytest

from course_lib.chapters.ch09_convolution.claims import structure as ch09_structure
from course_lib.chapters.ch09_convolution.claims.pooling import canvas, shifted, small_network, trained
from course_lib.chapters.ch09_convolution.claims.structure import dense_ratio, shift_error, tied_sums
from course_lib.chapters.ch09_convolution.errata import ERRATA, one_too_many
from course_lib.chapters.ch09_convolution.experiments.receptive_field import STACKS, sensitivity
from course_lib.claims import CLAIMS
from course_lib.layers import MaxPool2d, conv2d, convolution_matrix, weight_places

VERDICTS = {
    "C-09-1": "holds",
    "C-09-2": "holds if",
    "C-09-3": "holds if",
    "C-09-4": "holds if",
    "C-09-5": "holds",
    "C-09-6": "holds",
    "C-09-7": "holds if",
}

OTHERWISE = [
    ("C-09-1", {"forward": 0.1}, "fails"),
    ("C-09-1", {"d_w": 0.1}, "fails"),
    ("C-09-1", {"filled": 1.0}, "fails"),
    ("C-09-2", {"c1": 2.0}, "fails"),
    ("C-09-2", {"c5": 100.0, "share": 0.9}, "holds"),
    ("C-09-3", {"gain": -1.0}, "fails"),
    ("C-09-3", {"lost": 1.0}, "holds"),
    ("C-09-4", {"interior": 0.1}, "fails"),
    ("C-09-4", {"border": 0.0, "stride_one": 0.0, "pool_one": 0.0}, "holds"),
    ("C-09-5", {"params": 3.0}, "fails"),
    ("C-09-5", {"sum_max": 0.1}, "fails"),
    ("C-09-5", {"slope": 0.0}, "fails"),
    ("C-09-6", {"gain": -1.0}, "fails"),
    ("C-09-6", {"moved": -5.0}, "holds if"),
    ("C-09-7", {"size": 1.0}, "fails"),
    ("C-09-7", {"width": 0.5}, "fails"),
    ("C-09-7", {"lenet": 14.0}, "holds"),
]


@pytest.fixture(scope="module")
def own():
    """The claims of this chapter, run once."""
    return {claim_id: CLAIMS[claim_id].run() for claim_id in VERDICTS}


def test_every_claim_has_the_verdict_that_the_chapter_quotes(own):
    assert {claim_id: result.verdict.kind for claim_id, result in own.items()} == VERDICTS
    assert set(VERDICTS) == {claim_id for claim_id in CLAIMS if claim_id.startswith("C-09-")}


@pytest.mark.parametrize(("claim_id", "changes", "kind"), OTHERWISE)
def test_the_rule_can_say_something_else(own, claim_id, changes, kind):
    numbers = dict(own[claim_id].numbers)
    assert not set(changes) - set(numbers)
    for name, value in changes.items():
        numbers[name] = numbers[name]._replace(value=value, low=None, high=None)
    assert CLAIMS[claim_id].judge(numbers).kind == kind


def test_figures_of_all_claims_can_be_drawn(own):
    for result in own.values():
        figure, alt = result.figure()
        figure.canvas.draw()
        assert result.verdict.kind in alt and "nan" not in alt


@pytest.mark.parametrize("claim_id", ["C-09-1", "C-09-4", "C-09-5"])
def test_random_experiments_come_out_the_same_twice(own, claim_id):
    assert str(CLAIMS[claim_id].run()) == str(own[claim_id])


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


def test_arms_are_compared_with_equally_many_weights_and_train_well_above_chance(own):
    sizes = {small_network(arm, np.random.default_rng(0)).theta.size for arm in ("max", "average", "stride 2")}
    assert len(sizes) == 1
    assert all(values[:, 0].min() > 0.6 for values in trained().values())


# --- Errata -----------------------------------------------------------------------------------------------------


def test_the_lectures_errata_on_convolution_are_all_there_and_point_to_claims_that_exist():
    assert [erratum.id for erratum in ERRATA] == ["E51", "E52"]
    assert all(erratum.claim in CLAIMS for erratum in ERRATA if erratum.claim)


@pytest.mark.parametrize("erratum", ERRATA, ids=lambda erratum: erratum.id)
def test_printed_and_right_give_different_numbers(erratum):
    rows = erratum.compare()
    assert all(math.isfinite(row.printed) and math.isfinite(row.right) for row in rows)
    assert all(row.cells()[1] != row.cells()[2] for row in rows)


def test_the_printed_limits_reach_one_row_and_column_too_far():
    x = np.zeros((4, 4))
    x[3, 3] = 1.0  # no 3 × 3 window at (0, 0) sees this pixel
    assert one_too_many(x, np.ones((3, 3)))[0, 0] == 1.0
    assert conv2d(x[None, None], np.ones((1, 1, 3, 3)))[0, 0, 0, 0] == 0.0
