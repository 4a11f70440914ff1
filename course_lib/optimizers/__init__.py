"""Every optimizer of the course. ``OPTIMIZERS`` is the list that tests, figures and widgets iterate over.

In it is every class that works with its defaults on any surface: first those that need gradients only,
then those that ask for the Hessian, for Hessian-vector products or for line searches. Those in
``WITHOUT_LEARNING_RATE`` find the length of their steps themselves and have no ``learning_rate``.

Not in the list: other ways to write Nesterov's method, ``NaturalGradient`` (needs an objective with
``fisher``), ``SVRG`` and ``SAGA`` (need mini-batches of a finite sum), ``ProximalAdagrad`` and ``FTRL`` (minimise the
objective and a penalty of their own) and ``PolyakAverage`` (wraps another optimizer).
"""

from course_lib.optimizers.adam import Adam, Adamax, AdamW, AMSGrad, Nadam
from course_lib.optimizers.adaptive import Adadelta, Adagrad, RMSprop
from course_lib.optimizers.averaging import PolyakAverage
from course_lib.optimizers.clipping import clip_by_global_norm, clip_by_norm, clip_by_value, with_clipping
from course_lib.optimizers.conjugate_gradient import ConjugateGradient
from course_lib.optimizers.coordinate_descent import CoordinateDescent
from course_lib.optimizers.descent import SGD, Momentum, Nesterov, NesterovPyTorch, NesterovTwoSequence
from course_lib.optimizers.hessian_free import HessianFree, KrylovSubspaceDescent
from course_lib.optimizers.line_search import armijo, exact_on_quadratic, strong_wolfe
from course_lib.optimizers.optimizer import Optimizer
from course_lib.optimizers.proximal import FTRL, ProximalAdagrad, soft_threshold
from course_lib.optimizers.quasi_newton import BFGS, LBFGS
from course_lib.optimizers.second_order import NaturalGradient, Newton, SaddleFreeNewton
from course_lib.optimizers.subgradient import Subgradient
from course_lib.optimizers.variance_reduction import SAGA, SVRG

BY_GRADIENTS: tuple[type[Optimizer], ...] = (
    SGD,
    Momentum,
    Nesterov,
    Adagrad,
    RMSprop,
    Adadelta,
    Adam,
    AdamW,
    Nadam,
    Adamax,
    CoordinateDescent,
    Subgradient,
    AMSGrad,
)
BY_HESSIAN: tuple[type[Optimizer], ...] = (Newton, SaddleFreeNewton)
WITHOUT_LEARNING_RATE: tuple[type[Optimizer], ...] = (
    BFGS,
    LBFGS,
    ConjugateGradient,
    HessianFree,
    KrylovSubspaceDescent,
)

OPTIMIZERS: tuple[type[Optimizer], ...] = BY_GRADIENTS + BY_HESSIAN + WITHOUT_LEARNING_RATE

__all__ = [
    "BFGS",
    "BY_GRADIENTS",
    "BY_HESSIAN",
    "FTRL",
    "LBFGS",
    "OPTIMIZERS",
    "SAGA",
    "SGD",
    "SVRG",
    "WITHOUT_LEARNING_RATE",
    "AMSGrad",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "ConjugateGradient",
    "CoordinateDescent",
    "HessianFree",
    "KrylovSubspaceDescent",
    "Momentum",
    "Nadam",
    "NaturalGradient",
    "Nesterov",
    "NesterovPyTorch",
    "NesterovTwoSequence",
    "Newton",
    "Optimizer",
    "PolyakAverage",
    "ProximalAdagrad",
    "RMSprop",
    "SaddleFreeNewton",
    "Subgradient",
    "armijo",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
    "exact_on_quadratic",
    "soft_threshold",
    "strong_wolfe",
    "with_clipping",
]
