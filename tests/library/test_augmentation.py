"""Augmentation and the painted colour images: pixels by hand, what is left alone, chance that is where it should be."""

import numpy as np
import pytest

from course_lib.data import COLOUR_SHAPES, colour_shapes, flipped, random_flip, random_shift, shifted
from course_lib.data.colour import _inside


def generator(seed=0):
    return np.random.default_rng(seed)


def test_a_shift_by_hand_repeats_the_edge_that_it_came_over():
    x = np.array([[1, 2, 3], [4, 5, 6]])[None, None]
    assert shifted(x, [1], [0]).tolist() == [[[[1, 2, 3], [1, 2, 3]]]]
    assert shifted(x, [0], [-1]).tolist() == [[[[2, 3, 3], [5, 6, 6]]]]
    assert shifted(x, [0], [2]).tolist() == [[[[1, 1, 1], [4, 4, 4]]]]


@pytest.mark.parametrize("shape", [(4, 1, 5, 7), (3, 3, 8, 8), (1, 2, 1, 1)])
def test_a_shift_is_the_slow_obvious_loop(shape):
    rng = generator()
    x = rng.normal(size=shape)
    down, right = rng.integers(-9, 10, size=(2, shape[0]))
    slow = np.empty_like(x)
    for i, c, r, k in np.ndindex(shape):
        slow[i, c, r, k] = x[i, c, min(max(r - down[i], 0), shape[2] - 1), min(max(k - right[i], 0), shape[3] - 1)]
    assert np.array_equal(shifted(x, down, right), slow)


def test_a_flip_mirrors_the_chosen_images_left_to_right_and_leaves_the_input_alone():
    x = generator().normal(size=(4, 2, 3, 5))
    before = x.copy()
    out = flipped(x, [0, 3])
    assert np.array_equal(out[[0, 3]], x[[0, 3], :, :, ::-1]) and np.array_equal(out[1:3], x[1:3])
    assert np.array_equal(flipped(x, [True, False, False, True]), out) and np.array_equal(x, before)


def test_random_shifts_reach_every_offset_and_no_further():
    x = np.zeros((2000, 1, 9, 9))
    x[:, 0, 4, 4] = 1
    rows, columns = np.nonzero(random_shift(x, generator(), 2).sum(axis=1))[1:]
    assert set(rows) == set(columns) == {2, 3, 4, 5, 6}
    assert np.array_equal(random_shift(x, generator(), 0), x)


@pytest.mark.parametrize(("probability", "share"), [(0.0, 0.0), (1.0, 1.0), (0.3, 0.3)])
def test_random_flips_happen_with_their_probability(probability, share):
    x = np.tile(np.array([0.0, 1.0]), (3000, 1, 1, 1))
    assert np.mean(random_flip(x, generator(), probability)[:, 0, 0, 0]) == pytest.approx(share, abs=0.04)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda x: random_shift(x, generator(), -1), "most"),
        (lambda x: random_flip(x, generator(), 1.5), "probability"),
        (lambda x: flipped(x, [9]), "chosen"),
        (lambda x: colour_shapes(10, generator(), size=8), "size"),
        (lambda x: colour_shapes(10, generator(), contrast=0.9), "contrast"),
    ],
)
def test_what_cannot_be_is_refused_by_name(call, word):
    with pytest.raises(ValueError, match=word):
        call(np.zeros((2, 1, 3, 3)))


def test_the_ten_colour_shapes_are_ten_different_shapes_that_lie_inside():
    row, column = np.mgrid[-14:15, -14:15]
    drawn = [_inside(label, row, column, 10.0) for label in range(len(COLOUR_SHAPES))]
    for i, one in enumerate(drawn):
        assert not one[[0, -1]].any() and not one[:, [0, -1]].any() and one.sum() > 40
        assert all((one != other).mean() > 0.03 for other in drawn[:i])


def test_colour_images_have_values_from_0_to_1_and_a_shape_that_can_be_seen():
    data = colour_shapes(200, generator(), noise=0.0)
    assert data.x.dtype == np.float32 and data.x.min() >= 0 and data.x.max() <= 1
    assert np.bincount(data.y).tolist() == [20] * 10
    jumps = np.abs(np.diff(data.x, axis=3)).max(axis=(1, 2, 3))
    assert np.mean(jumps > 0.2) > 0.95  # the edge of the shape; the ground changes slowly
