"""Layers and losses in plain NumPy: ``forward`` with its derivative beneath it."""

from course_lib.layers.activations import (
    GELU,
    SELU,
    Identity,
    LeakyReLU,
    PReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from course_lib.layers.base import Layer
from course_lib.layers.convolution import conv1d, conv2d, conv_transpose2d
from course_lib.layers.convolution_layers import Conv1d, Conv2d, ConvTranspose2d
from course_lib.layers.dropout import Dropout
from course_lib.layers.geometry import Window, conv_parameters, dense_parameters, effective_widths, receptive_fields
from course_lib.layers.lenet import lenet, passages
from course_lib.layers.linear import Flatten, Linear
from course_lib.layers.losses import CrossEntropy, Hinge, LeastAbsoluteDeviation, LeastSquares, Loss
from course_lib.layers.normalization import BatchNorm, GroupNorm, LayerNorm, RMSNorm
from course_lib.layers.pooling import AvgPool2d, MaxPool2d
from course_lib.layers.recurrent import RNN, LastStep
from course_lib.layers.recurrent_gated import GRU, LSTM
from course_lib.layers.unrolled import convolution_matrix, weight_places
from course_lib.layers.windows import output_size

__all__ = [
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "SELU",
    "AvgPool2d",
    "BatchNorm",
    "Conv1d",
    "Conv2d",
    "ConvTranspose2d",
    "CrossEntropy",
    "Dropout",
    "Flatten",
    "GroupNorm",
    "Hinge",
    "Identity",
    "LastStep",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "LeastAbsoluteDeviation",
    "LeastSquares",
    "Linear",
    "Loss",
    "MaxPool2d",
    "PReLU",
    "RMSNorm",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "Window",
    "conv1d",
    "conv2d",
    "conv_parameters",
    "conv_transpose2d",
    "convolution_matrix",
    "dense_parameters",
    "effective_widths",
    "lenet",
    "output_size",
    "passages",
    "receptive_fields",
    "weight_places",
]
