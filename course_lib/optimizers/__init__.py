"""Every optimizer of the course. ``OPTIMIZERS`` is the list that tests, figures and widgets iterate over."""

from course_lib.optimizers.descent import SGD, Momentum, Nesterov, NesterovPyTorch, NesterovTwoSequence

OPTIMIZERS = (SGD, Momentum, Nesterov)

__all__ = ["OPTIMIZERS", "SGD", "Momentum", "Nesterov", "NesterovPyTorch", "NesterovTwoSequence"]
