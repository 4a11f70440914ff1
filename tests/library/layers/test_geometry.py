"""Sizes, counts and receptive fields: against PyTorch, against windows listed one by one, and limiting cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.layers import (
    Conv2d,
    Linear,
    Window,
    conv_parameters,
    dense_parameters,
    effective_widths,
    output_size,
    receptive_fields,
)

WINDOWS = st.builds(Window, st.integers(1, 7), st.integers(1, 4), st.integers(0, 3), st.integers(1, 3))


@given(st.integers(1, 40), WINDOWS)
def test_the_size_is_the_number_of_windows_that_fit_whole(size, window):
    starts = range(0, size + 2 * window.padding - window.extent + 1, window.stride)
    if not len(starts):
        with pytest.raises(ValueError, match="does not fit"):
            window.output_size(size)
        return
    assert window.output_size(size) == len(starts)
    assert window.unseen(size) == size + 2 * window.padding - (starts[-1] + window.extent)
    assert 0 <= window.unseen(size) < window.stride


def test_without_dilation_a_window_has_the_layers_own_size():
    assert Window(7, 2, 3).output_size(224) == output_size(224, 7, 2, 3) == 112


@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_sizes_and_dilation_are_those_of_pytorch(dilation):
    torch = pytest.importorskip("torch")
    for size in range(9, 20):
        theirs = torch.nn.Conv2d(1, 1, 4, 3, 2, dilation)(torch.zeros(1, 1, size, size)).shape[-1]
        assert Window(4, 3, 2, dilation).output_size(size) == theirs


@pytest.mark.parametrize("bias", [True, False])
def test_counts_are_those_of_the_layers(rng, bias):
    layer = Conv2d(3, 5, (2, 4), rng, bias=bias)
    assert conv_parameters(3, 5, (2, 4), bias) == sum(param.size for param in layer.params.values())
    dense = Linear(7, 4, rng, bias=bias)
    assert dense_parameters(7, 4, bias) == sum(param.size for param in dense.params.values())


def test_a_kernel_as_large_as_its_map_is_a_dense_layer():
    assert conv_parameters(16, 120, 5) == dense_parameters(16 * 5 * 5, 120)


def test_counts_name_what_is_wrong():
    for wrong in (lambda: conv_parameters(0, 1, 3), lambda: dense_parameters(2.5, 1), lambda: conv_parameters(1, 1, 0)):
        with pytest.raises(ValueError, match="whole number, at least 1"):
            wrong()


def pixels_seen(windows):
    """The positions in the input that one output depends on, and those of its neighbour, by listing all of them."""

    def below(positions, window):
        taps = window.dilation * np.arange(window.kernel)
        return {int(p) * window.stride + int(t) for p in positions for t in taps}

    found = []
    for output in (0, 1):
        positions = {output}
        for window in reversed(windows):
            positions = below(positions, window)
        found.append(positions)
    return found


@given(st.lists(st.builds(Window, st.integers(1, 5), st.integers(1, 3), st.just(0), st.integers(1, 2)), max_size=4))
def test_receptive_field_and_jump_are_what_listing_the_pixels_gives(windows):
    one, neighbour = pixels_seen(windows)
    size, jump = receptive_fields(windows)[-1]
    assert size == max(one) - min(one) + 1
    assert jump == min(neighbour) - min(one)


def test_without_layers_an_output_is_its_pixel():
    assert receptive_fields([]) == [(1, 1)]
    assert effective_widths([]) == [0.0]


@given(st.lists(st.builds(Window, st.integers(1, 5), st.integers(1, 3), st.just(0), st.integers(1, 2)), max_size=4))
def test_the_width_is_that_of_the_number_of_paths(windows):
    paths, jump = np.ones(1), 1
    for window in windows:
        box = np.zeros((window.kernel - 1) * window.dilation * jump + 1)
        box[:: window.dilation * jump] = 1
        paths, jump = np.convolve(paths, box), jump * window.stride
    place = np.arange(len(paths))
    mean = np.average(place, weights=paths)
    width = np.sqrt(np.average((place - mean) ** 2, weights=paths))
    np.testing.assert_allclose(effective_widths(windows)[-1], width, atol=1e-9)


def test_the_field_grows_with_the_depth_and_the_width_with_its_root():
    windows = [Window(3)] * 100
    sizes, widths = receptive_fields(windows), effective_widths(windows)
    assert sizes[100][0] - 1 == 4 * (sizes[25][0] - 1)
    assert widths[100] == pytest.approx(2 * widths[25])
