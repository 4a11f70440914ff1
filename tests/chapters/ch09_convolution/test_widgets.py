"""Chapter 9's live figures without a browser: every control from end to end, out of order, and what they say."""

import re
import time
import warnings

import numpy as np
import pytest

from course_lib.chapters.ch09_convolution.experiments.receptive_field import STACKS, sensitivity
from course_lib.chapters.ch09_convolution.figures.kernel import KERNELS
from course_lib.chapters.ch09_convolution.figures.pooling import INPUTS
from course_lib.chapters.ch09_convolution.widgets import pooling, receptive_field, size_calculator, sliding_kernel
from course_lib.chapters.ch09_convolution.widgets.kernel import OPERATIONS, OWN
from course_lib.data import available_pictures

FIGURES = {
    "kernel": sliding_kernel,
    "sizes": size_calculator,
    "field": receptive_field,
    "pooling": pooling,
}


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("image", available_pictures())
def test_the_kernel_slides_over_every_picture_to_all_corners(image):
    figure = sliding_kernel(image)
    for stride, padding in ((1, 0), (4, 2), (3, 1), (2, 2)):
        figure.set(stride=stride, padding=padding)
        for row, column in ((0, 0), (45, 67), (0, 67), (45, 0), (3, 4)):
            figure.set(row=row, column=column)
            assert figure.problem == ""
            assert f"Output ({figure.row}, {figure.column})" in figure.caption


def test_a_click_on_the_input_takes_the_window_there_and_sliders_bring_the_point():
    figure = sliding_kernel("two edges")
    figure.point = [9.2, 4.9]
    assert (figure.row, figure.column) == (4, 8) and figure.point == [9.2, 4.9]
    figure.column = 0
    assert figure.point == [1.0, 5.0]
    figure.set(stride=3, padding=1, point=[100.0, -100.0])
    assert (figure.row, figure.column) == (0, 5)


def test_small_steps_of_the_arrow_keys_add_up_although_windows_are_four_pixels_apart():
    figure = sliding_kernel("temple" if "temple" in available_pictures() else "painted landscape", stride=4)
    start = figure.column
    for _ in range(5):
        figure.point = [figure.point[0] + 1.3, figure.point[1]]
    assert figure.column > start


def test_a_preset_brings_its_weights_and_typed_weights_their_name():
    figure = sliding_kernel()
    for name, weights in KERNELS.items():
        figure.preset = name
        np.testing.assert_allclose(figure.kernel, weights)
    figure.kernel = [[0, 0, 0], [0, "1/3", 0], [0, "0,5", 0]]
    assert figure.preset == OWN and figure.problem == ""
    assert figure.kernel[1][1] == pytest.approx(1 / 3) and figure.kernel[2][1] == 0.5
    figure.kernel = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert figure.preset == "vertical edges"


@pytest.mark.parametrize("entry", ["", "abc", "1/0", float("nan"), float("inf"), "1e400", None, [1]])
def test_an_entry_that_is_no_number_is_named_by_its_place_and_the_old_picture_stays(entry):
    figure = sliding_kernel()
    before = figure.png(), figure.kernel
    figure.kernel = [[0, 0, 0], [0, 0, entry], [0, 0, 0]]
    assert figure.problem.startswith("Row 2, column 3 of the kernel must be a number")
    assert (figure.png(), figure.kernel) == before
    figure.kernel = [[0, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert figure.problem == "" and figure.preset == "shift by one"


def test_a_kernel_can_be_given_and_one_of_another_size_is_refused():
    assert sliding_kernel(kernel=np.eye(3).tolist()).preset == OWN
    with pytest.raises(ValueError, match="three rows of three"):
        sliding_kernel(kernel=[[1, 2], [3, 4]])


def test_turning_the_kernel_changes_the_sign_of_an_edge():
    figure = sliding_kernel("two edges", "vertical edges", row=9, column=7)
    total = float(re.search(r"sum to (.+)\.$", figure.caption)[1].replace("−", "-"))
    figure.operation = OPERATIONS[1]
    assert float(re.search(r"sum to (.+)\.$", figure.caption)[1].replace("−", "-")) == -total != 0


@pytest.mark.parametrize(
    ("name", "trait", "bad"),
    [
        ("kernel", "image", "nobody"),
        ("kernel", "preset", "magic"),
        ("kernel", "operation", "sum"),
        ("kernel", "stride", 0),
        ("kernel", "stride", 5),
        ("kernel", "padding", -1),
        ("kernel", "padding", 3),
        ("sizes", "kernel", 0),
        ("sizes", "kernel", 40),
        ("sizes", "padding", -1),
        ("sizes", "size", 100),
        ("sizes", "bias", "perhaps"),
        ("sizes", "dilation", 9),
        ("sizes", "out_channels", 5000),
        ("field", "stack", "none"),
        ("field", "activation", "tanh"),
        ("field", "layer", 0),
        ("pooling", "kind", "median"),
        ("pooling", "values", "none"),
        ("pooling", "size", 9),
        ("pooling", "stride", 0),
        ("pooling", "shift", -1),
    ],
)
def test_a_wrong_value_is_named_in_a_sentence_and_the_old_picture_stays(name, trait, bad):
    figure = FIGURES[name]()
    before = figure.png(), figure.caption, getattr(figure, trait)
    setattr(figure, trait, bad)
    assert len(figure.problem) > 25 and figure.problem.endswith(".")
    assert (figure.png(), figure.caption, getattr(figure, trait)) == before


def test_the_calculator_says_what_the_formulas_say():
    figure = size_calculator(size=12, kernel=3, stride=2, in_channels=3, out_channels=16)
    assert "5 outputs in a row, no window sees 1 of 12 pixels in a row" in figure.caption
    assert "448 parameters; a dense layer between the same maps has 173 200, 387 times" in figure.caption
    figure.set(size=5, kernel=5, stride=1, bias="without")
    assert "1 output in a row" in figure.caption and "1 200, just as many." in figure.caption
    figure.set(kernel=1, in_channels=1, out_channels=1)
    assert "1 parameter; a dense layer" in figure.caption
    figure.set(size=32, kernel=2, stride=3)
    assert "10 of 32 pixels" in figure.caption  # between the windows, and none is left over at the end


@pytest.mark.parametrize("activation", ["none", "ReLU"])
@pytest.mark.parametrize("stack", STACKS)
def test_the_field_of_every_network_grows_with_every_layer(stack, activation):
    figure = receptive_field(stack, activation, 1)
    pictures, sizes = [], []
    for layer in range(1, len(STACKS[stack]) + 1):
        figure.layer = layer
        pictures.append(figure.png())
        sizes.append(int(re.search(r"sees (\d+) ×", figure.caption)[1]))
    assert len(set(pictures)) == len(pictures)
    assert sizes == sorted(set(sizes)) and sizes[-1] == len(sensitivity(stack, activation).maps[0])
    figure.layer = 99
    assert figure.layer == len(STACKS[stack]) and figure.png() == pictures[-1]


def test_the_pooling_caption_counts_winners_ties_and_entries_that_win_twice():
    figure = pooling("max", "all different", 2, 2)
    assert "16 of 64 entries get a gradient, 16 in all." in figure.caption and "tie" not in figure.caption
    figure.values = "all alike"
    assert "4 entries tie and the first gets it all" in figure.caption
    figure.set(kind="average")
    assert "64 of 64 entries get a gradient, 16 in all." in figure.caption
    figure.set(kind="max", values="a vertical line", size=3, stride=1)
    assert "win more than one window" in figure.caption


def test_a_click_on_the_pooled_map_shows_its_window():
    figure = pooling(size=2, stride=2)
    figure.point = [6.4, 0.2]
    assert (figure.row, figure.column) == (0, 3)
    assert set(INPUTS) >= {figure.values}


@pytest.mark.parametrize(
    ("name", "trait", "values"),
    [
        ("kernel", "column", range(5, 35)),
        ("sizes", "size", range(5, 30)),
        ("field", "layer", [*range(1, 11)] * 2),
        ("pooling", "column", [0, 1, 2, 3] * 6),
    ],
)
def test_a_step_is_drawn_within_a_few_frames(name, trait, values):
    figure, times = FIGURES[name](), []
    for value in values:
        start = time.process_time()
        setattr(figure, trait, value)
        times.append(time.process_time() - start)
    assert np.median(times) < 0.08
