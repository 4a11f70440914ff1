"""What a browser gets is what was computed: to less than a pixel, at every step, without inf."""

import numpy as np
import pytest

from course_lib.widgets.frames import (
    FAR,
    UNIT,
    crossing,
    fit,
    kept,
    pack,
    pack_vectors,
    to_pixels,
    unpack,
    within_reach,
)

BOX = {"left": 100, "right": 500, "top": 50, "bottom": 450, "x": [-2.0, 2.0], "y": [-2.0, 2.0], "log": [False, False]}
LOG = {**BOX, "x": [0.0, 100.0], "y": [1e-4, 1e2], "log": [False, True]}


def walks(num_steps, positions, seed=0):
    steps = np.random.default_rng(seed).normal(size=(num_steps + 1, positions, 2)) * 4
    return 300 + np.cumsum(steps, axis=0)


@pytest.mark.parametrize("num_steps", [1, 2, 3, 16, 17, 100])
def test_every_step_of_every_line_comes_back_to_the_tolerance(num_steps):
    tracks = [walks(num_steps, 5, seed) for seed in range(3)]
    packed = pack(tracks, tolerance=0.4)
    for position in range(5):
        for number, track in enumerate(tracks):
            for step in range(num_steps + 1):
                line = unpack(packed, position * 3 + number, step)
                assert np.abs(line[-1] - track[step, position]).max() <= 0.4 + 1 / UNIT
                assert np.abs(line[0] - track[0, position]).max() <= 1 / UNIT


def test_a_straight_steady_walk_keeps_its_two_ends_only():
    line = np.linspace([0, 0], [100, 50], 65)[:, None]
    assert kept(line, 0.4).sum() == 2


def test_a_straight_walk_that_changes_its_speed_keeps_its_timing():
    time = np.linspace(0, 1, 65)[:, None, None]
    line = np.concatenate([400 * time**3, 0 * time], axis=-1)
    assert 2 < kept(line, 0.4).sum() < 40


def test_pixels_of_linear_and_logarithmic_axes():
    np.testing.assert_allclose(
        to_pixels(np.array([[-2.0, -2.0], [2.0, 2.0], [0.0, 0.0]]), BOX), [[100, 450], [500, 50], [300, 250]]
    )
    np.testing.assert_allclose(to_pixels(np.array([[50.0, 1e-1]]), LOG), [[300, 250]])


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan, 1e300, -1e300])
@pytest.mark.parametrize("path", [True, False])
def test_a_diverging_run_stays_finite_and_within_sixteen_bits(bad, path):
    points = np.zeros((20, 3, 2))
    points[5:, 1] = bad
    points[7:, 2, 1] = bad
    box = BOX if path else LOG
    pixels = within_reach(to_pixels(points, box), box, path=path)
    assert np.isfinite(pixels).all()
    assert np.abs(pixels).max() * UNIT < 2**15
    packed = pack([pixels])
    assert np.abs(unpack(packed, 1, 19)[-1] - pixels[-1, 1]).max() < 1


def test_a_path_leaves_in_its_own_direction():
    points = np.zeros((3, 1, 2))
    points[1:, 0] = [3e12, 1e12]
    offset = within_reach(to_pixels(points, BOX), BOX)[1, 0] - [300, 250]
    np.testing.assert_allclose(offset, [FAR, -FAR / 3], rtol=1e-6)


def test_what_swings_beyond_reach_no_longer_crosses_the_picture():
    points = np.array([[0.0, 0.0], [1e6, 0.0], [-1e9, 0.0], [1e12, 0.0]])[:, None]
    x = within_reach(to_pixels(points, BOX), BOX)[:, 0, 0]
    assert (x[1:] > 500).all()


def test_a_path_that_comes_back_is_followed_back():
    points = np.array([[0.0, 0.0], [1e6, 0.0], [1.0, 1.0]])[:, None]
    np.testing.assert_allclose(within_reach(to_pixels(points, BOX), BOX)[-1, 0], [400, 150])


def test_where_a_line_leaves_its_axes():
    assert crossing(np.array([[300.0, 250.0], [310.0, 250.0]]), BOX) is None
    x, y = crossing(np.array([[300.0, 250.0], [900.0, 250.0], [5000.0, 0.0]]), BOX)
    assert 480 < x <= 500
    assert y == pytest.approx(250)


def test_vectors_keep_their_ratios():
    vectors = np.random.default_rng(1).normal(size=(4, 3, 2, 2)) * 1e-9
    read = np.frombuffer(pack_vectors(vectors), "i1").reshape(3, 4, 2, 2)
    expected = np.moveaxis(vectors, 0, 1)
    expected = expected / np.abs(expected).max(axis=(-1, -2), keepdims=True)
    np.testing.assert_allclose(read / 127, expected, atol=1 / 127)


def test_vectors_of_a_diverged_run_are_zero_not_nan():
    assert set(pack_vectors(np.full((2, 1, 1, 2), np.nan))) == {0}


def test_fitted_arrows_fill_the_box_without_leaving_it():
    pixels = fit(np.array([[0.0, 0.0], [4.0, 1.0]]), BOX)
    assert np.ptp(pixels[:, 0]) == pytest.approx(0.72 * 400)
    assert pixels[1, 1] < pixels[0, 1]  # up is up
    assert fit(np.zeros((3, 2)), BOX) is None
