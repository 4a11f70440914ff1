"""Chapter 9's figures: drawn without a warning, alt text with the finding, windows where the formula puts them."""

import numpy as np
import pytest

from course_lib.chapters.ch09_convolution.figures.kernel import (
    KERNELS,
    grey_limits,
    number,
    output_extent,
    slide,
)
from course_lib.chapters.ch09_convolution.figures.pooling import INPUTS, pooled
from course_lib.chapters.ch09_convolution.figures.sizes import count_sentence, counts, lay_out, size_sentence
from course_lib.data import available_pictures, picture
from course_lib.layers import Window, conv2d


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), (3, 2), (4, 0)])
@pytest.mark.parametrize("flipped", [False, True])
def test_the_products_of_a_window_sum_to_its_output_at_every_place(stride, padding, flipped):
    image = np.random.default_rng(0).random((9, 12))
    for kernel in KERNELS.values():
        first = slide(image, kernel, 0, 0, stride, padding, flipped)
        for row, column in np.ndindex(first.output.shape):
            now = slide(image, kernel, row, column, stride, padding, flipped)
            assert now.total == pytest.approx(now.output[row, column])
            assert now.corner == (row * stride - padding, column * stride - padding)


def test_beyond_the_last_window_there_is_the_last_and_a_flip_is_a_true_convolution():
    image = np.random.default_rng(1).random((6, 7))
    now = slide(image, KERNELS["emboss"], 99, -3)
    assert (now.row, now.column) == (3, 0)
    turned = slide(image, KERNELS["emboss"], 0, 0, flipped=True).output
    spectrum = np.fft.rfft2(image, (8, 9)) * np.fft.rfft2(KERNELS["emboss"], (8, 9))  # the convolution theorem
    np.testing.assert_allclose(turned, np.fft.irfft2(spectrum, (8, 9))[2:6, 2:7], atol=1e-12)


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (1, 1), (2, 0), (3, 2)])
def test_an_output_is_drawn_over_the_middle_of_its_window(stride, padding):
    out = slide(np.zeros((10, 12)), KERNELS["blur"], 0, 0, stride, padding).output.shape
    left, right, bottom, top = output_extent(out, stride, padding)
    assert (left + right) / 2 == pytest.approx(1 - padding + stride * (out[1] - 1) / 2)
    assert top + stride / 2 == pytest.approx(1 - padding) and bottom - top == stride * out[0]


def test_middle_grey_is_zero_where_there_are_negative_values():
    assert grey_limits(np.array([0.1, 0.9])) == (0, 1)
    low, high = grey_limits(np.array([-3.0, 1.0]))
    assert low + high == 0 and high == 3
    assert grey_limits(np.array([-3.0, 1.0]), total=1.0) == (0, 1)  # sharpened: clipped, not grey


def test_numbers_in_cells_are_short():
    assert [number(value) for value in (0, -0.001, 0.5, -1, 1 / 9, 1234.5)] == [
        "0",
        "0",
        "0.5",
        "−1",
        "0.11",
        "1.23e+03",
    ]


def test_the_photographs_and_the_painted_ones_are_grey_from_0_to_1():
    assert {"painted landscape", "two edges", "one bright pixel"} <= set(available_pictures())
    for name in available_pictures():
        image = picture(name)
        assert image.ndim == 2 and image.min() >= 0 and image.max() <= 1 and np.ptp(image) > 0.5
        assert picture(name, colour=True).shape[1:] == image.shape
    with pytest.raises(ValueError, match="no picture 'nobody'"):
        picture("nobody")


def test_without_scikit_learn_only_the_painted_pictures_are_offered(monkeypatch):
    from course_lib.data import pictures

    monkeypatch.setattr(pictures, "find_spec", lambda name: None)
    assert pictures.available_pictures() == ("painted landscape", "two edges", "one bright pixel")
    assert pictures.default_picture() == "painted landscape"


@pytest.mark.parametrize(
    "window", [Window(3), Window(3, 2), Window(2, 3), Window(5, 1, 2), Window(3, 2, 1, 2), Window(11, 1, 5)]
)
@pytest.mark.parametrize("size", [11, 12, 20])
def test_the_row_shows_as_many_windows_as_the_formula_says_and_every_pixel_once(window, size):
    place = lay_out(window, size)
    assert len(place["taps"]) == window.kernel * window.output_size(size)
    kinds = np.concatenate([place["image"], place["padding"], place["unseen"]])
    assert sorted(kinds) == list(range(size + 2 * window.padding)) and len(place["padding"]) == 2 * window.padding
    touched = set(place["taps"][:, 0].astype(int))
    assert not touched & set(place["unseen"]) and set(place["image"]) <= touched
    drawn_over = {(x, y) for x, y in place["taps"]}
    assert len(drawn_over) == len(place["taps"])  # windows on one level do not lie on each other


def test_sentences_put_the_numbers_into_the_formulas():
    assert size_sentence(Window(3, 2), 8) == "⌊(8 + 2 · 0 − 3) / 2⌋ + 1 = ⌊2.5⌋ + 1 = 3"
    assert size_sentence(Window(3, 1, 0, 2), 9) == "⌊(9 + 2 · 0 − (2 · 2 + 1)) / 1⌋ + 1 = ⌊4⌋ + 1 = 5"
    assert count_sentence(Window(5), 6, 16, True) == "(5 · 5 · 6 + 1) · 16 = 2 416"
    assert counts(Window(5), 5, 16, 120, True) == (48120, 48120)


@pytest.mark.parametrize("values", INPUTS)
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (2, 1), (4, 4), (1, 1)])
def test_pooling_keeps_the_sum_of_the_gradients(values, size, stride):
    for kind in ("max", "average"):
        result = pooled(kind, values, size, stride)
        assert result.d_x.sum() == pytest.approx(result.y.size)
        assert result.x.max() >= result.y.max()
    assert np.all(np.isin(pooled("max", values, size, stride).d_x, np.arange(size * size + 1)))


def test_a_line_moved_within_its_window_changes_no_maximum_and_moved_out_of_it_does():
    still, inside, outside = (pooled("max", "a vertical line", 2, 2, shift).y for shift in (0, 1, 2))
    np.testing.assert_array_equal(still, inside)
    assert not np.array_equal(still, outside)
    np.testing.assert_array_equal(outside[:, 1:], still[:, :-1])


def test_the_kernels_do_what_they_are_called():
    image = picture("two edges")[None, None]

    def answer(name):
        return np.abs(conv2d(image, np.array(KERNELS[name], dtype=float)[None, None])[0, 0])

    upright, level = answer("vertical edges"), answer("horizontal edges")
    assert upright[9, 7:9].min() > 1 and level[9, 7:9].max() < 1e-12  # beside the long vertical edge
    assert level[4, 3] > 1 and upright[4, 3] < 1e-12  # on the bar's upper side
    np.testing.assert_allclose(answer("identity"), image[0, 0, 1:-1, 1:-1])
