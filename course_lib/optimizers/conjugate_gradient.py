r"""Conjugate gradients: for linear equations A x = b, and for minimising any smooth function.

On a quadratic with n coordinates both end in n steps (exact arithmetic): each new direction keeps
what the earlier ones have won. Neither ever forms a matrix: the first needs products A v, the second gradients.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, NamedTuple

import numpy as np

from course_lib.objective import Array, Objective
from course_lib.optimizers.line_search import inner, step_downhill, strong_wolfe
from course_lib.validation import count, function_of, non_negative, number, one_of, vector, zero_vector


class LinearSolution(NamedTuple):
    """``solution`` ``(..., n)``; ``negative_curvature`` ``(...)``: whether a d with d^T A d <= 0 stopped it."""

    solution: np.ndarray
    negative_curvature: np.ndarray


def solve_linear(product, b, num_steps, tolerance=0.0):
    r"""Solve A x = b for a symmetric A that is known only through ``product(v) = A v``, from x = 0.

    .. math:: x \leftarrow x + \alpha \, d, \qquad \alpha = r^T r / d^T A d, \qquad r = b - A x, \tag{4.10}
    .. math:: d \leftarrow r + \beta \, d, \qquad \beta = r^T r / r_\text{old}^T r_\text{old}. \tag{4.11}

    A member of a stack stops when norm(r) <= tolerance * norm(b), or before a direction of zero or
    negative curvature; if that is the very first one, the solution is b itself (for b = -gradient:
    steepest descent). At most ``num_steps`` steps.

    Source: L3 "Conjugate gradient"; Hestenes and Stiefel 1952; Nocedal and Wright 2006, algorithms 5.2, 7.1.

    >>> matrix = np.array([[2.0, 1.0], [1.0, 3.0]])
    >>> solve_linear(lambda v: v @ matrix, np.array([3.0, 4.0]), num_steps=2).solution.round(12)
    array([1., 1.])
    """
    function_of("product", product, "v -> A v")
    b, num_steps = vector("b", b), count("num_steps", num_steps)
    x, r, d = np.zeros_like(b), b, b
    goal = np.square(number("tolerance", tolerance, non_negative)) * inner(b, b)
    active, negative = ~(inner(r, r) <= goal), np.zeros(np.shape(b)[:-1], dtype=bool)
    for step in range(num_steps):
        a_d, r_r = product(d), inner(r, r)
        bend = inner(d, a_d)
        stopped = active & ~(bend > 0)
        lost = active & np.isnan(bend)
        if step == 0:
            x = np.where(stopped[..., None], b, x)
        x = np.where(lost[..., None], np.nan, x)
        negative, active = negative | (stopped & ~lost), active & ~stopped
        alpha = np.where(active, r_r / np.where(active, bend, 1.0), 0.0)[..., None]
        x, r = x + alpha * d, r - alpha * a_d  # (4.10)
        d = r + (inner(r, r) / np.where(r_r > 0, r_r, 1.0))[..., None] * d  # (4.11)
        active = active & ~(inner(r, r) <= goal)
        if not np.any(active):
            break
    return LinearSolution(x, negative)


nearly_exact = partial(strong_wolfe, curvature=0.1)


class ConjugateGradientState(NamedTuple):
    """``t`` steps done; ``gradient`` and ``search_direction`` of the last one, shape of theta.

    ``length`` ``(...)`` of the last step: 1 before the first, 0 where the line search found nothing.
    """

    t: int
    gradient: np.ndarray
    search_direction: np.ndarray
    length: np.ndarray


@dataclass(frozen=True)
class ConjugateGradient:
    r"""Steepest descent that keeps a part of the direction before.

    .. math:: d \leftarrow -g + \beta \, d, \qquad \theta \leftarrow \theta + \text{step\_size} \, d,
              \qquad g = \nabla f(\theta), \tag{4.12}
    .. math:: \beta = \max\!\left(0, \frac{g^T (g - g_\text{old})}{g_\text{old}^T g_\text{old}}\right)
              \text{ ("polak\_ribiere", the default)}, \tag{4.13}
    .. math:: \beta = \frac{g^T g}{g_\text{old}^T g_\text{old}} \text{ ("fletcher\_reeves")}. \tag{4.14}

    Looks like momentum with a coefficient that is computed. With ``line_search=exact_on_quadratic``
    it is the linear method: n steps on a quadratic, and both rules agree there. Otherwise a strong
    Wolfe search with a small ``curvature`` is needed (0.1 by default; below 1/2 Fletcher-Reeves
    directions lead downhill). Where d does not lead downhill, and every
    ``restart_every`` steps (None: not at all), it starts again from -g; so it does where the search finds nothing,
    with a first trial as long as the last step (1 if there was none). Where that finds nothing either, theta stays,
    with a warning.

    No learning rate. Ensembles: every member has its own beta and its own search.

    Source: L3 "Conjugate gradient"; Nocedal and Wright 2006, algorithm 5.4, (5.44), (5.45).
    PyTorch has none.

    >>> from course_lib.optimizers.line_search import exact_on_quadratic
    >>> from course_lib.run import descend
    >>> from course_lib.surfaces import SURFACES
    >>> linear = ConjugateGradient(line_search=exact_on_quadratic)
    >>> descend(SURFACES["booth"], linear, [-3.0, 0.0], num_steps=2).thetas[-1].round(12)
    array([1., 3.])
    """

    drawn: ClassVar[int] = 16

    rule: str = "polak_ribiere"
    line_search: Callable = nearly_exact
    restart_every: int | None = None

    def __post_init__(self):
        one_of("rule", self.rule, ("polak_ribiere", "fletcher_reeves"))
        function_of("line_search", self.line_search, "strong_wolfe")
        if self.restart_every is not None:
            count("restart_every", self.restart_every)

    def init(self, theta: Array) -> ConjugateGradientState:
        zeros = zero_vector(theta)
        return ConjugateGradientState(0, zeros, zeros, length=np.ones(zeros.shape[:-1], zeros.dtype))

    def step(
        self, objective: Objective, theta: Array, state: ConjugateGradientState
    ) -> tuple[Array, ConjugateGradientState]:
        theta = vector("theta", theta)
        gradient = objective.gradient(theta)
        conjugate = -gradient + self._beta(gradient, state)[..., None] * state.search_direction  # (4.12)
        direction = np.where((inner(conjugate, gradient) < 0)[..., None], conjugate, -gradient)
        step = step_downhill(self.line_search, objective, theta, direction, gradient, state.length)
        direction = np.where(step.restarted[..., None], -gradient, direction)
        return step.say_if_stuck().theta, ConjugateGradientState(state.t + 1, gradient, direction, step.length)

    def _beta(self, gradient, state):
        old = inner(state.gradient, state.gradient)
        if self.restart_every is not None and state.t % self.restart_every == 0:
            return np.zeros_like(old)
        if self.rule == "fletcher_reeves":
            above = inner(gradient, gradient)  # (4.14)
        else:
            above = np.maximum(inner(gradient, gradient - state.gradient), 0)  # (4.13)
        return np.where(old > 0, above / np.where(old > 0, old, 1.0), 0.0)
