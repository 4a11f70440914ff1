"""Chapter 1's claims and errata: the numbers meet the theory, and could have said the opposite."""

import numpy as np
import pytest

from course_lib.autodiff import trace
from course_lib.chapters.ch01_backprop.claims import autodiff as ch01_autodiff
from course_lib.chapters.ch01_backprop.claims.autodiff import (
    multipliers,
    run_layers,
    small_net,
    stages,
    unit,
    walk_all_paths,
)
from course_lib.chapters.ch01_backprop.claims.networks import collapse_error, deep, pieces, relu_fit, tent
from course_lib.chapters.ch01_backprop.errata import (
    ERRATA,
    hidden_deltas,
    network,
    own_weights,
    sign_shares,
    wrong_index,
)
from course_lib.claims import CLAIMS
from course_lib.layers import Identity, Tanh


def test_if_merging_lost_a_path_it_would_be_noticed(monkeypatch):
    def lossy(result, inputs):
        list(trace.backward_steps(result))
        for leaf in inputs:
            leaf.delta = leaf.delta * 0.5
        return len(trace.edges(result)), np.array([float(leaf.delta) for leaf in inputs])

    monkeypatch.setattr(ch01_autodiff, "reverse_count", lossy)
    assert CLAIMS["C-01-2"].run().verdict.kind == "fails"
    assert CLAIMS["C-01-1"].run().verdict.kind == "fails"


def test_walking_every_path_gives_the_number_that_is_counted_without_walking():
    leaf, result = stages(6)
    assert walk_all_paths(leaf, result)[0] == trace.number_of_paths(result) == 64


def test_a_unit_has_one_path_from_each_weight():
    result, inputs = unit(7)
    assert trace.number_of_paths(result) == len(inputs) == 7


def test_multipliers_are_derivatives_by_the_activations():
    weights, x, target = small_net(np.random.default_rng(1))
    us, xs = run_layers(weights, x)
    top = multipliers(weights, us, xs, target)[-1]
    np.testing.assert_allclose(top, xs[-1] - target)


def test_collapse_is_measured_at_points_that_the_map_was_not_fitted_to():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 6))
    assert collapse_error(deep(5, Identity, rng), x) < 1e-12 < 0.01 < collapse_error(deep(1, Tanh, rng), x)


def test_pieces_of_the_tent_double_and_the_fit_meets_its_kinks():
    x = np.linspace(0, 1, 2**12 + 1)
    assert [pieces(tent(x, depth)) for depth in (1, 2, 3, 4)] == [2, 4, 8, 16]
    kinks = np.linspace(-1, 1, 9)
    np.testing.assert_allclose(relu_fit(np.sin, 8)(kinks), np.sin(kinks), atol=1e-12)


# --- Errata -----------------------------------------------------------------------------------------------------


def test_the_right_deltas_have_no_angle_to_themselves_and_the_printed_ones_do():
    right = hidden_deltas(lambda weights, deltas, level: weights[level + 1].T @ deltas[level + 1])
    assert right.max() < 1e-5
    assert hidden_deltas(wrong_index).mean() > 30 and hidden_deltas(own_weights).mean() > 30


def test_the_right_weight_gradient_is_the_difference_quotient():
    (printed, quotient, _) = next(one for one in ERRATA if one.id == "E3").compare()
    assert printed.right == pytest.approx(quotient.right, abs=1e-4)
    assert abs(printed.printed - quotient.right) > 1e-3
    assert len(network()[0]) == 3


def test_one_sample_moves_one_units_weights_in_one_direction_always():
    assert sign_shares(1)[0] == 1.0
    assert sign_shares(32)[0] < 0.9
