"""Errata of chapter 9: E51 and E52 of L1, each formula run as printed and put right."""

import numpy as np

from course_lib.chapters.ch09_convolution.conventions import size_without_floor
from course_lib.claims.errata import Erratum, Row
from course_lib.layers import conv2d, dense_parameters, output_size


def one_too_many(x, w):
    """L1 l.67 as printed: p and q run to FH and FW, one row and column of pixels more than there are weights.

    Read with the weights that are missing as 1, the only way to run it: y for one channel.
    """
    height, width = w.shape
    more = np.ones((height + 1, width + 1))
    more[:height, :width] = w
    return conv2d(x[None, None], more[None, None])[0, 0]


def _upper_limits():
    rng = np.random.default_rng(51)
    x, w = rng.normal(size=(6, 6)), rng.normal(size=(3, 3))
    printed, right = one_too_many(x, w), conv2d(x[None, None], w[None, None])[0, 0]
    colour, kernels = rng.normal(size=(1, 3, 6, 6)), rng.normal(size=(1, 3, 3, 3))
    one, three = conv2d(colour[:, :1], kernels[:, :1])[0, 0], conv2d(colour, kernels)[0, 0]
    flipped = conv2d(x[None, None], w[None, None, ::-1, ::-1])[0, 0]
    return (
        Row("weights that a sum over p = 0..FH, q = 0..FW asks for, kernel 3 × 3", 4 * 4, 3 * 3),
        Row("outputs in a row of 6 pixels", printed.shape[1], right.shape[1]),
        Row("first output on a colour image: one channel, all three", one[0, 0], three[0, 0]),
        Row("first output, kernel turned as in a convolution, as it stands", flipped[0, 0], right[0, 0]),
    )


def _dense_and_floor():
    inputs, units = 1024, 4704  # LeNet's C1, written as a dense layer
    return (
        Row(
            "parameters of a dense layer, 1024 inputs, 4704 units",
            (units + 1) * inputs,
            dense_parameters(1024, 4704),
            8,
        ),
        Row("the same, 2 inputs, 1 unit: w1, w2, b", (1 + 1) * 2, dense_parameters(2, 1)),
        Row("output of 8 pixels, kernel 3, stride 2", size_without_floor(8, 3, 2, 0), output_size(8, 3, 2, 0)),
        Row(
            "output of 224 pixels, kernel 7, stride 2, padding 3",
            size_without_floor(224, 7, 2, 3),
            output_size(224, 7, 2, 3),
            4,
        ),
    )


ERRATA = (
    Erratum(
        "E51",
        "L1 l.67",
        "b + sum over p = 0..FH and q = 0..FW of w_pq x(i + p, j + q)",
        "b + sum over channels c, p = 0..FH-1 and q = 0..FW-1 of w_cpq x_c(i + p, j + q)",
        "A kernel of FH x FW has no weight number FH. One map is made from ALL channels below. And with i + p the "
        "kernel is not turned round: it is a cross-correlation that is called a convolution, as everywhere in "
        "the field.",
        _upper_limits,
        "C-09-1",
    ),
    Erratum(
        "E52",
        "L1 l.95, l.98",
        "a dense layer has (n_l + 1) n_(l-1) parameters; OH = (H + 2P - FH) / S + 1",
        "(n_(l-1) + 1) n_l; the quotient is rounded down",
        "Each unit has a bias, not each input. Half an output does not exist.",
        _dense_and_floor,
        "C-09-2",
    ),
)
