"""Every optimizer of the course. ``OPTIMIZERS`` is the list that tests, figures and widgets iterate over."""

from course_lib.optimizers.adam import Adam, Adamax, AdamW, Nadam
from course_lib.optimizers.adaptive import Adadelta, Adagrad, RMSprop
from course_lib.optimizers.descent import SGD, Momentum, Nesterov, NesterovPyTorch, NesterovTwoSequence

OPTIMIZERS = (SGD, Momentum, Nesterov, Adagrad, RMSprop, Adadelta, Adam, AdamW, Nadam, Adamax)

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Momentum",
    "Nadam",
    "Nesterov",
    "NesterovPyTorch",
    "NesterovTwoSequence",
    "RMSprop",
]
