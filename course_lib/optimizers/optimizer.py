"""What ``descend`` and ``train`` ask of an optimizer."""

from typing import Any, Protocol

from course_lib.objective import Array, Objective


class Optimizer(Protocol):
    """A frozen dataclass of hyperparameters with these two methods; neither changes what it is given.

    Those in ``OPTIMIZERS`` have a number of their own, ``drawn``: it says how their lines are drawn in every figure,
    and stays when others come.

    PyTorch's optimizers hold theta and the state themselves, and change them.
    """

    def init(self, theta: Array) -> Any:
        """The state before the first step; ``theta (..., n)`` gives its shapes."""
        ...

    def step(self, objective: Objective, theta: Array, state: Any) -> tuple[Array, Any]:
        """``(theta (..., n), state)`` after one update. ``objective`` is asked wherever the method wants to know."""
        ...
