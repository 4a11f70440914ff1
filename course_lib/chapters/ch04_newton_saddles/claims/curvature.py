"""Chapter 4, what the inverse Hessian does to the length and the sense of a step."""

import numpy as np

from course_lib.claims.kit import Claim, Evidence, Line, Measured, Plot, fails, holds, holds_if, log_slope
from course_lib.optimizers import Newton
from course_lib.surfaces import quadratic

STEEP = np.geomspace(0.01, 100, 9)


def _step(curvature):
    """Newton's step where the gradient is 1 and the second derivative ``curvature``."""
    bowl = quadratic(np.array([curvature]))
    at = np.array([1 / curvature])
    newton = Newton()
    return (newton.step(bowl, at, newton.init(at))[0] - at)[0]


def _lengths():
    up, down = (np.array([_step(sign * curvature) for curvature in STEEP]) for sign in (1, -1))
    numbers = {
        "slope": Measured(log_slope(STEEP, np.abs(up)), label="power of the curvature that the length follows"),
        "downhill": Measured(np.mean(up < 0), label="share of the steps downhill, curvature above 0"),
        "negative": Measured(log_slope(STEEP, np.abs(down)), label="the same power, curvature below 0"),
        "uphill": Measured(np.mean(down > 0), label="share of the steps uphill, curvature below 0"),
    }
    lines = (
        Line("curvature above 0", STEEP, np.abs(up)),
        Line("below 0: uphill", STEEP, np.abs(down)),
        Line("1 / curvature", STEEP, 1 / STEEP, theory=True),
    )
    return Evidence(numbers, Plot("size of the curvature", "length of the step, gradient 1", lines, "xy"))


def _judge_lengths(n):
    if abs(n["slope"].value + 1) > 1e-9 or n["downhill"].value < 1:
        return fails("the length is not that of the gradient over the curvature")
    if n["uphill"].value > 0:
        return holds_if("the curvature is above 0: below, the steps are as long and lead uphill")
    return holds("downhill everywhere")


SHALLOW = Claim(
    id="C-04-12",
    lecture="L0 l.169",
    statement="Newton takes aggressive steps where curvature is shallow and shorter ones where it is steep",
    condition="Steps of the library's Newton's method at gradient 1 and curvatures of +-0.01 to +-100",
    rule="Fails if the length does not fall like 1 / curvature (power -1 up to 1e-9) or a step with curvature above 0 "
    "leads uphill; 'holds if' when one with curvature below 0 does; else holds.",
    experiment=_lengths,
    judge=_judge_lengths,
    identity=True,
)
