"""Objectives whose gradient is known only with noise: ``sample(rng)`` draws the one that a step sees."""

from dataclasses import dataclass

import numpy as np

from course_lib.objective import Objective
from course_lib.validation import non_negative


@dataclass(frozen=True)
class NoisyObjective(Objective):
    """An objective whose sampled gradient carries independent normal noise (build with ``with_gradient_noise``).

    ``value``, ``gradient`` and ``hessian`` are exact; the objective that ``sample(rng)`` returns adds
    ``noise_scale * rng.normal`` to every gradient that it is asked for.
    """

    noise_scale: float = 1.0

    def sample(self, rng):
        """Return the objective as one step sees it."""

        def noisy_gradient(theta):
            return self.gradient(theta) + self.noise_scale * rng.normal(size=np.shape(theta))

        return Objective(self.value, noisy_gradient, self.hessian)


def with_gradient_noise(objective, noise_scale):
    """Return ``objective`` with standard deviation ``noise_scale`` of noise on each gradient coordinate."""
    return NoisyObjective(
        objective.value, objective.gradient, objective.hessian, non_negative("noise_scale", noise_scale)
    )
