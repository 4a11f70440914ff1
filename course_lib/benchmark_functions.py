r"""The 30 n-dimensional test functions of Plevris and Solorzano (2022), with gradients and all their known minima.

Every function takes ``theta`` of shape ``(..., n)`` and is written in NumPy, so that ``course_lib.autodiff``
can differentiate it too; the gradients here are written by hand. Where a function has a kink the gradient is a
subgradient, where it has a cusp (a slope of +-inf) the infinite part is left out; ``kinks`` says where.

``erratum`` says where the paper (or the name it uses) does not hold, after we looked.

Source: V. Plevris and G. Solorzano, "A Collection of 30 Multidimensional Functions for Global Optimization
Benchmarking", Data 2022, 7(4), 46, doi:10.3390/data7040046. F01-F30 are its numbers, the domains those it searched.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from course_lib.objective import Objective
from course_lib.validation import count, numbers

MOST_MINIMA = 1_000_000


@dataclass(frozen=True)
class BenchmarkFunction(Objective):
    """An objective for any number of dimensions; no Hessian (``course_lib.autodiff.objective`` makes one).

    Attributes:
        number: ``"F01"`` ... ``"F30"``, the paper's.
        name: key in ``BENCHMARK_FUNCTIONS``.
        title: what a figure calls it.
        formula: LaTeX, in x_1 ... x_n.
        domain: ``(low, high)`` for every coordinate.
        minimum: ``n -> (n,)``, where the value is 0, the lowest.
        coordinate_minima: if each coordinate may choose for itself among several values, all of them.
        kinks: where the function is not differentiable; ``""`` if nowhere.
        smallest_n: the fewest dimensions for which it is defined.
        erratum: what to know that the paper does not say, or says wrongly.
    """

    number: str = ""
    name: str = ""
    title: str = ""
    formula: str = ""
    domain: tuple = (-100.0, 100.0)
    minimum: Callable = np.zeros
    coordinate_minima: tuple = ()
    kinks: str = ""
    smallest_n: int = 1
    erratum: str = ""

    def minima(self, n):
        """All known places of the value 0 inside the domain, ``(k, n)``; k grows like k_1^n, so keep n small."""
        n = count("n", n, minimum=self.smallest_n)
        if not self.coordinate_minima:
            return self.minimum(n)[None]
        if len(self.coordinate_minima) ** n > MOST_MINIMA:
            raise ValueError(f"n is {n}, and {self.name} then has {len(self.coordinate_minima)}^{n} minima: too many.")
        return np.stack(np.meshgrid(*[self.coordinate_minima] * n), axis=-1).reshape(-1, n)


class BenchmarkFunctions(dict):
    """A dict by name; an unknown name raises ``KeyError`` with the names there are."""

    def __missing__(self, name):
        raise KeyError(f"There is no benchmark function {name!r}. Choose one of: {', '.join(self)}.")


BENCHMARK_FUNCTIONS = BenchmarkFunctions()


def _checked(function, name, smallest_n):
    def on_vectors(theta):
        x = numbers("theta", theta, kinds="fc")
        if np.ndim(x) == 0 or np.shape(x)[-1] < smallest_n:
            raise ValueError(f"{name} needs theta with at least {smallest_n} coordinates, not the shape {np.shape(x)}.")
        return function(x)

    return on_vectors


def _add(number, name, value, gradient, smallest_n=1, **attributes):
    BENCHMARK_FUNCTIONS[name] = BenchmarkFunction(
        value=_checked(value, name, smallest_n),
        gradient=_checked(gradient, name, smallest_n),
        number=number,
        name=name,
        smallest_n=smallest_n,
        **attributes,
    )


def _sum(x, keepdims=False):
    return np.sum(x, axis=-1, keepdims=keepdims)


def _count_up(x):
    """1, 2, ..., n."""
    return np.arange(1.0, np.shape(x)[-1] + 1)


def _spread(x):
    """0, ..., 1 in n steps."""
    return np.linspace(0.0, 1.0, np.shape(x)[-1])


def _weighted_squares(number, name, weights, **attributes):
    """sum of weights_i x_i^2, where ``weights`` is a function of x's shape only."""
    _add(number, name, lambda x: _sum(weights(x) * x**2), lambda x: 2 * weights(x) * x, **attributes)


def _divide(a, b):
    """a / b, and 0 where b is 0: what is left out at a cusp, or the middle of all directions at a cone."""
    return np.where(b == 0, 0.0, a / np.where(b == 0, 1.0, b))


def _product_of_the_others(x):
    n = x.shape[-1]
    return np.prod(np.where(np.eye(n, dtype=bool), 1.0, x[..., None, :]), axis=-1)


def _ones(n):
    return np.ones(n)


def _minus_ones(n):
    return -np.ones(n)


# --- F01-F10 -----------------------------------------------------------------------------------------

_weighted_squares("F01", "sphere", lambda x: 1.0, title="Sphere", formula=r"\sum_i x_i^2")

_weighted_squares("F02", "ellipsoid", _count_up, title="Ellipsoid", formula=r"\sum_i i \, x_i^2")

_add(
    "F03",
    "sum_of_powers",
    lambda x: _sum(np.abs(x) ** (_count_up(x) + 1)),
    lambda x: (_count_up(x) + 1) * np.abs(x) ** _count_up(x) * np.sign(x),
    title="Sum of different powers",
    formula=r"\sum_i |x_i|^{i+1}",
    domain=(-10.0, 10.0),
)


def _quintic(x):
    return x**5 - 3 * x**4 + 4 * x**3 + 2 * x**2 - 10 * x - 4


_add(
    "F04",
    "quintic",
    lambda x: _sum(np.abs(_quintic(x))),
    lambda x: np.sign(_quintic(x)) * (5 * x**4 - 12 * x**3 + 12 * x**2 + 4 * x - 10),
    title="Quintic",
    formula=r"\sum_i |x_i^5 - 3x_i^4 + 4x_i^3 + 2x_i^2 - 10x_i - 4|",
    domain=(-20.0, 20.0),
    minimum=_minus_ones,
    # The real roots of the quintic, (x + 1)(x - 2)(x^3 - 2x^2 + 4x + 2).
    coordinate_minima=(-1.0, -0.4026279411861238, 2.0),
    kinks="at each root of the polynomial, the minima among them",
    erratum="The paper lists 2 minima, all -1 and all 2. The polynomial has a third real root, -0.40263, and each "
    "coordinate may choose its own: 3^n minima.",
)


def _drop_wave_gradient(x):
    square = _sum(x**2, keepdims=True)
    r, bottom = np.sqrt(square), square / 2 + 2
    return x * (144 * np.sinc(12 * r / np.pi) / bottom + (1 + np.cos(12 * r)) / bottom**2)


_add(
    "F05",
    "drop_wave",
    lambda x: 1 - (1 + np.cos(12 * np.sqrt(_sum(x**2)))) / (_sum(x**2) / 2 + 2),
    _drop_wave_gradient,
    title="Drop-wave",
    formula=r"1 - \frac{1 + \cos 12 \|x\|}{\|x\|^2 / 2 + 2}",
    domain=(-5.12, 5.12),
)

_WAVES = np.arange(21)
_HEIGHTS, _FREQUENCIES = 0.5**_WAVES, 3.0**_WAVES


def _weierstrass(x):
    # cos(2 pi 3^k (x + 1/2)) = -cos(2 pi 3^k x) since 3^k is odd; 1 - cos(2a) = 2 sin(a)^2 keeps small values exact.
    return _sum(_sum(2 * _HEIGHTS * np.sin(np.pi * _FREQUENCIES * x[..., None]) ** 2))


_add(
    "F06",
    "weierstrass",
    _weierstrass,
    lambda x: _sum(2 * np.pi * _HEIGHTS * _FREQUENCIES * np.sin(2 * np.pi * _FREQUENCIES * x[..., None])),
    title="Weierstrass",
    formula=r"\sum_i \sum_{k=0}^{20} 0.5^k \cos(2\pi 3^k (x_i + 0.5)) - n \sum_{k=0}^{20} 0.5^k \cos(\pi 3^k)",
    domain=(-0.5, 0.5),
    erratum="A finite sum of cosines, so smooth; but its shortest wave is 3e-10 long, with slopes of thousands: a "
    "difference quotient with a step of 1e-6 steps over it and measures something else.",
)


def _alpine1_slope(x):
    return np.sign(x * np.sin(x) + 0.1 * x) * (np.sin(x) + x * np.cos(x) + 0.1)


# sin x = -0.1 inside the domain, and x = 0.
_ALPINE = np.arcsin(0.1)
_ALPINE_ROOTS = sorted(
    [0.0] + [root for k in (-2, -1, 0, 1, 2) for root in (2 * np.pi * k - _ALPINE, 2 * np.pi * k + np.pi + _ALPINE)]
)

_add(
    "F07",
    "alpine1",
    lambda x: _sum(np.abs(x * np.sin(x) + 0.1 * x)),
    _alpine1_slope,
    title="Alpine 1",
    formula=r"\sum_i |x_i \sin x_i + 0.1 x_i|",
    domain=(-10.0, 10.0),
    coordinate_minima=tuple(float(root) for root in _ALPINE_ROOTS if abs(root) <= 10),
    kinks="wherever a term is 0, the minima among them",
    erratum="The paper lists one minimum, 0. The value is 0 wherever every x_i is 0 or sin(x_i) = -0.1: 8^n minima "
    "in the domain.",
)


def _ackley(x):
    n = np.shape(x)[-1]
    return 20 - 20 * np.exp(-0.2 * np.sqrt(_sum(x**2) / n)) + np.e - np.exp(_sum(np.cos(2 * np.pi * x)) / n)


def _ackley_gradient(x):
    n = x.shape[-1]
    r = np.sqrt(_sum(x**2, keepdims=True) / n)
    waves = np.exp(_sum(np.cos(2 * np.pi * x), keepdims=True) / n)
    return 4 / n * _divide(x, r) * np.exp(-0.2 * r) + 2 * np.pi / n * np.sin(2 * np.pi * x) * waves


_add(
    "F08",
    "ackley",
    _ackley,
    _ackley_gradient,
    title="Ackley",
    formula=r"20 + e - 20 e^{-0.2 \sqrt{\sum x_i^2 / n}} - e^{\sum \cos(2 \pi x_i) / n}",
    domain=(-32.768, 32.768),
    kinks="at the minimum, a cone",
)


def _griewank_gradient(x):
    root = np.sqrt(_count_up(x))
    return x / 2000 + np.sin(x / root) / root * _product_of_the_others(np.cos(x / root))


_add(
    "F09",
    "griewank",
    lambda x: 1 + _sum(x**2) / 4000 - np.prod(np.cos(x / np.sqrt(_count_up(x))), axis=-1),
    _griewank_gradient,
    title="Griewank",
    formula=r"1 + \sum_i \frac{x_i^2}{4000} - \prod_i \cos \frac{x_i}{\sqrt i}",
)

_add(
    "F10",
    "rastrigin",
    lambda x: _sum(x**2 - 10 * np.cos(2 * np.pi * x) + 10),
    lambda x: 2 * x + 20 * np.pi * np.sin(2 * np.pi * x),
    title="Rastrigin",
    formula=r"10 n + \sum_i (x_i^2 - 10 \cos 2 \pi x_i)",
    domain=(-5.12, 5.12),
)

# --- F11-F20 -----------------------------------------------------------------------------------------


def _bowl_at_minus_one(x):
    """(|x|^2 / 2 + sum x_i) / n + 1/2 = |x + 1|^2 / (2 n), the second part of HappyCat and HGBat."""
    return _sum((x + 1) ** 2) / (2 * np.shape(x)[-1])


def _happycat_gradient(x):
    n = x.shape[-1]
    off = _sum(x**2, keepdims=True) - n
    return _divide(x / 2 * np.sign(off), np.abs(off) ** 0.75) + (x + 1) / n


_add(
    "F11",
    "happycat",
    lambda x: np.abs(_sum(x**2) - np.shape(x)[-1]) ** 0.25 + _bowl_at_minus_one(x),
    _happycat_gradient,
    title="HappyCat",
    formula=r"\left| \|x\|^2 - n \right|^{1/4} + (\|x\|^2 / 2 + \sum x_i) / n + 1/2",
    domain=(-20.0, 20.0),
    minimum=_minus_ones,
    kinks="on the sphere |x|^2 = n, a cusp of infinite slope; the minimum lies on it",
)


def _hgbat_gradient(x):
    square, total = _sum(x**2, keepdims=True), _sum(x, keepdims=True)
    inside = square**2 - total**2
    root = np.sqrt(np.abs(inside))
    return np.sign(inside) * _divide(2 * square * x - total, root) + (x + 1) / x.shape[-1]


_add(
    "F12",
    "hgbat",
    lambda x: np.abs(_sum(x**2) ** 2 - _sum(x) ** 2) ** 0.5 + _bowl_at_minus_one(x),
    _hgbat_gradient,
    title="HGBat",
    formula=r"\left| \|x\|^4 - (\sum x_i)^2 \right|^{1/2} + (\|x\|^2 / 2 + \sum x_i) / n + 1/2",
    domain=(-15.0, 15.0),
    minimum=_minus_ones,
    kinks="where |x|^2 = |sum x_i|, a cusp of infinite slope; the minimum lies on it",
)


def _rosenbrock_gradient(x):
    d = np.zeros(x.shape)
    gap = x[..., 1:] - x[..., :-1] ** 2
    d[..., 1:] = 200 * gap
    d[..., :-1] += -400 * x[..., :-1] * gap + 2 * (x[..., :-1] - 1)
    return d


_add(
    "F13",
    "rosenbrock_n",
    lambda x: _sum(100 * (x[..., 1:] - x[..., :-1] ** 2) ** 2 + (x[..., :-1] - 1) ** 2),
    _rosenbrock_gradient,
    smallest_n=2,
    title="Rosenbrock",
    formula=r"\sum_{i<n} 100 (x_{i+1} - x_i^2)^2 + (x_i - 1)^2",
    domain=(-10.0, 10.0),
    minimum=_ones,
    erratum="Not unimodal: from n = 4 on there is a second, local minimum near (-1, 1, ..., 1), with a value near 4.",
)

_weighted_squares(
    "F14",
    "high_conditioned_elliptic",
    lambda x: 1e6 ** _spread(x),
    smallest_n=2,
    title="High conditioned elliptic",
    formula=r"\sum_i (10^6)^{(i-1)/(n-1)} x_i^2",
)

_weighted_squares(
    "F15",
    "discus",
    lambda x: np.where(_count_up(x) == 1, 1e6, 1.0),
    smallest_n=2,
    title="Discus",
    formula=r"10^6 x_1^2 + \sum_{i \ge 2} x_i^2",
)

_weighted_squares(
    "F16",
    "bent_cigar",
    lambda x: np.where(_count_up(x) == 1, 1.0, 1e6),
    smallest_n=2,
    title="Bent cigar",
    formula=r"x_1^2 + 10^6 \sum_{i \ge 2} x_i^2",
    erratum="The bend of BBOB's bent cigar comes from a transformation that is not applied here: this one is straight.",
)

_PERM_BETA = 0.5


def _perm_parts(x):
    """``weights[i, j] = j^i + beta`` and ``powers[..., i, j] = (x_j / j)^i``."""
    j = _count_up(x)
    i = j[:, None]
    return j**i + _PERM_BETA, (x / j)[..., None, :] ** i


def _perm(x):
    weights, powers = _perm_parts(x)
    return _sum(_sum(weights * (powers - 1)) ** 2)


def _perm_gradient(x):
    weights, powers = _perm_parts(x)
    j = _count_up(x)
    i = j[:, None]
    slopes = i / j * (x / j)[..., None, :] ** (i - 1)
    residuals = _sum(weights * (powers - 1), keepdims=True)
    return np.sum(2 * residuals * weights * slopes, axis=-2)


_add(
    "F17",
    "perm",
    _perm,
    _perm_gradient,
    title="Perm (n, beta)",
    formula=r"\sum_i \left( \sum_j (j^i + 0.5) ((x_j / j)^i - 1) \right)^2",
    domain=(-50.0, 50.0),
    minimum=lambda n: np.arange(1.0, n + 1),
    erratum="The usual domain is [-n, n]; the paper searches [-50, 50], where the value reaches 50^(2n).",
)


def _pairs(x):
    return np.sqrt(x[..., :-1] ** 2 + x[..., 1:] ** 2)


def _schaffer_f7_mean(s):
    return np.mean(np.sqrt(s) * (1 + np.sin(50 * s**0.2) ** 2), axis=-1)


def _schaffer_f7_gradient(x):
    s = _pairs(x)
    wave = 50 * s**0.2
    # d sqrt(s) (1 + sin^2 wave) / ds, times ds/dx = x / s
    slope = _divide(0.5 * (1 + np.sin(wave) ** 2), np.sqrt(s)) + _divide(10 * np.sin(2 * wave), s**0.3)
    by_pair = _divide(slope, s) / s.shape[-1]
    d = np.zeros(x.shape)
    d[..., :-1] = by_pair * x[..., :-1]
    d[..., 1:] += by_pair * x[..., 1:]
    return 2 * _schaffer_f7_mean(s)[..., None] * d


_add(
    "F18",
    "schaffer_f7",
    lambda x: _schaffer_f7_mean(_pairs(x)) ** 2,
    _schaffer_f7_gradient,
    smallest_n=2,
    title="Schaffer F7",
    formula=r"\left( \frac{1}{n-1} \sum_{i<n} \sqrt{s_i} (1 + \sin^2 50 s_i^{0.2}) \right)^2, "
    r"\quad s_i = \sqrt{x_i^2 + x_{i+1}^2}",
    kinks="where two neighbouring coordinates are 0",
)


def _schaffer_f6_squares(x):
    """x_i^2 + x_{i+1}^2 around the circle, x_{n+1} = x_1."""
    return x**2 + np.roll(x, -1, axis=-1) ** 2


def _schaffer_f6_gradient(x):
    q = _schaffer_f6_squares(x)
    r, bottom = np.sqrt(q), 1 + 0.001 * q
    by_pair = np.sinc(2 * r / np.pi) / bottom**2 - 0.002 * (np.sin(r) ** 2 - 0.5) / bottom**3  # dg / dq
    return 2 * x * (by_pair + np.roll(by_pair, 1, axis=-1))


_add(
    "F19",
    "expanded_schaffer_f6",
    lambda x: _sum(
        0.5 + (np.sin(np.sqrt(_schaffer_f6_squares(x))) ** 2 - 0.5) / (1 + 0.001 * _schaffer_f6_squares(x)) ** 2
    ),
    _schaffer_f6_gradient,
    title="Expanded Schaffer F6",
    formula=r"\sum_i g(x_i, x_{i+1}), \; x_{n+1} = x_1, \quad "
    r"g(x, y) = \frac12 + \frac{\sin^2 \sqrt{x^2 + y^2} - 1/2}{(1 + 0.001 (x^2 + y^2))^2}",
)

_weighted_squares(
    "F20",
    "rotated_hyper_ellipsoid",
    lambda x: _count_up(x)[::-1],
    title="Rotated hyper-ellipsoid",
    formula=r"\sum_i \sum_{j \le i} x_j^2 = \sum_i (n + 1 - i) x_i^2",
    erratum="Nothing is rotated: it is F02 with the coordinates in the opposite order.",
)

# --- F21-F30 -----------------------------------------------------------------------------------------

# The first minimum of -x sin(sqrt(x)) that lies deepest in the domain: tan(u) = -u/2 with u = sqrt(x).
_SCHWEFEL = 420.968746359982
_SCHWEFEL_DEPTH = 418.9828872724337


def _schwefel_gradient(x):
    root = np.sqrt(np.abs(x))
    return -np.sin(root) - root * np.cos(root) / 2


_add(
    "F21",
    "schwefel",
    lambda x: _sum(_SCHWEFEL_DEPTH - x * np.sin(np.sqrt(np.abs(x)))),
    _schwefel_gradient,
    title="Schwefel",
    formula=r"418.98289 \, n - \sum_i x_i \sin \sqrt{|x_i|}",
    domain=(-500.0, 500.0),
    minimum=lambda n: np.full(n, _SCHWEFEL),
    erratum="Lowest inside the domain only: outside it goes down without end, so an unbounded method may leave.",
)

_add(
    "F22",
    "sum_of_powers_2",
    lambda x: _sum(np.abs(x) ** (2 + 4 * _spread(x))),
    lambda x: (2 + 4 * _spread(x)) * np.abs(x) ** (1 + 4 * _spread(x)) * np.sign(x),
    smallest_n=2,
    title="Sum of different powers 2",
    formula=r"\sum_i |x_i|^{2 + 4 (i-1)/(n-1)}",
    domain=(-10.0, 10.0),
)


def _xin_she_yang_1_gradient(x):
    small = np.exp(-_sum(np.sin(x**2), keepdims=True))
    return small * (np.sign(x) - 2 * x * np.cos(x**2) * _sum(np.abs(x), keepdims=True))


_add(
    "F23",
    "xin_she_yang_1",
    lambda x: _sum(np.abs(x)) * np.exp(-_sum(np.sin(x**2))),
    _xin_she_yang_1_gradient,
    title="Xin-She Yang 1",
    formula=r"\left( \sum_i |x_i| \right) e^{-\sum_i \sin x_i^2}",
    domain=(-2 * np.pi, 2 * np.pi),
    kinks="where a coordinate is 0, the minimum among them",
    erratum='Numbers differ between collections: others call this one "Xin-She Yang 2".',
)


def _largest_gradient(x):
    wins = np.abs(x) == np.max(np.abs(x), axis=-1, keepdims=True)
    return np.sign(x) * wins / _sum(wins, keepdims=True)


_add(
    "F24",
    "schwefel_2_21",
    lambda x: np.max(np.abs(x), axis=-1),
    _largest_gradient,
    title="Schwefel 2.21",
    formula=r"\max_i |x_i|",
    kinks="where two coordinates are largest, and at 0",
)

_add(
    "F25",
    "schwefel_2_22",
    lambda x: _sum(np.abs(x)) + np.prod(np.abs(x), axis=-1),
    lambda x: np.sign(x) * (1 + _product_of_the_others(np.abs(x))),
    title="Schwefel 2.22",
    formula=r"\sum_i |x_i| + \prod_i |x_i|",
    kinks="where a coordinate is 0",
)


def _salomon_gradient(x):
    r = np.sqrt(_sum(x**2, keepdims=True))
    return _divide(x, r) * (2 * np.pi * np.sin(2 * np.pi * r) + 0.1)


_add(
    "F26",
    "salomon",
    lambda x: 1 - np.cos(2 * np.pi * np.sqrt(_sum(x**2))) + 0.1 * np.sqrt(_sum(x**2)),
    _salomon_gradient,
    title="Salomon",
    formula=r"1 - \cos(2 \pi \|x\|) + 0.1 \|x\|",
    domain=(-20.0, 20.0),
    kinks="at the minimum, a cone",
)


def _modified_ridge_gradient(x):
    rest = np.where(_count_up(x) == 1, 0.0, x)
    slope = _divide(0.4 * rest, _sum(rest**2, keepdims=True) ** 0.9)
    return np.where(_count_up(x) == 1, np.sign(x), slope)


_add(
    "F27",
    "modified_ridge",
    lambda x: np.abs(x[..., 0]) + 2 * _sum(x[..., 1:] ** 2) ** 0.1,
    _modified_ridge_gradient,
    smallest_n=2,
    title="Modified ridge",
    formula=r"|x_1| + 2 \left( \sum_{i \ge 2} x_i^2 \right)^{0.1}",
    kinks="where x_1 is 0, and where all others are 0: there a cusp of infinite slope",
)


def _zakharov_gradient(x):
    weights = _count_up(x) / 2
    along = _sum(weights * x, keepdims=True)
    return 2 * x + weights * (2 * along + 4 * along**3)


_add(
    "F28",
    "zakharov",
    lambda x: _sum(x**2) + _sum(_count_up(x) / 2 * x) ** 2 + _sum(_count_up(x) / 2 * x) ** 4,
    _zakharov_gradient,
    title="Zakharov",
    formula=r"\sum x_i^2 + \left( \sum \tfrac{i}{2} x_i \right)^2 + \left( \sum \tfrac{i}{2} x_i \right)^4",
    domain=(-10.0, 10.0),
)


def _xin_she_yang_3_gradient(x):
    wide, narrow = np.exp(-_sum((x / 15) ** 10, keepdims=True)), np.exp(-_sum(x**2, keepdims=True))
    waves = np.prod(np.cos(x) ** 2, axis=-1, keepdims=True)
    d_hills = -wide * 10 / 15 * (x / 15) ** 9 + 4 * x * narrow
    d_waves = -np.sin(2 * x) * _product_of_the_others(np.cos(x) ** 2)
    return 1e4 * (d_hills * waves + (wide - 2 * narrow) * d_waves)


_add(
    "F29",
    "modified_xin_she_yang_3",
    lambda x: 1e4 * (1 + (np.exp(-_sum((x / 15) ** 10)) - 2 * np.exp(-_sum(x**2))) * np.prod(np.cos(x) ** 2, axis=-1)),
    _xin_she_yang_3_gradient,
    title="Modified Xin-She Yang 3",
    formula=r"10^4 \left( 1 + (e^{-\sum (x_i/15)^{10}} - 2 e^{-\sum x_i^2}) \prod \cos^2 x_i \right)",
    domain=(-20.0, 20.0),
)


def _xin_she_yang_5_gradient(x):
    narrow = np.exp(-_sum(x**2, keepdims=True))
    root = np.sqrt(np.abs(x))
    small = np.exp(-_sum(np.sin(root) ** 2, keepdims=True))
    height = _sum(np.sin(x) ** 2, keepdims=True) - narrow
    # d sin(sqrt|x|)^2 / dx = sign(x) sin(2 sqrt|x|) / (2 sqrt|x|)
    return 1e4 * small * (np.sin(2 * x) + 2 * x * narrow - height * np.sign(x) * np.sinc(2 * root / np.pi))


_add(
    "F30",
    "modified_xin_she_yang_5",
    lambda x: 1e4 * (1 + (_sum(np.sin(x) ** 2) - np.exp(-_sum(x**2))) * np.exp(-_sum(np.sin(np.sqrt(np.abs(x))) ** 2))),
    _xin_she_yang_5_gradient,
    title="Modified Xin-She Yang 5",
    formula=r"10^4 \left( 1 + (\sum \sin^2 x_i - e^{-\sum x_i^2}) e^{-\sum \sin^2 \sqrt{|x_i|}} \right)",
    kinks="where a coordinate is 0, the minimum among them",
)
