"""Test functions as data: value, gradient, Hessian, critical points, and the window to draw.

``SURFACES`` holds the two-dimensional ones by name. All of them take ``theta`` of shape ``(..., 2)``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from course_lib.objective import Array, Objective
from course_lib.settings.language import tr
from course_lib.validation import count, finite, number, numbers, positive, shown


@dataclass(frozen=True)
class Surface(Objective):
    """A two-dimensional objective that can be drawn.

    Attributes:
        name: key in ``SURFACES``.
        title: what a figure calls it.
        formula: LaTeX, in x and y.
        window: ``((x_min, x_max), (y_min, y_max))``.
        start: a point from which a race is worth watching.
        minima, saddles, maxima: known critical points inside the window, each ``(x, y)``.
        source: where the function comes from.
    """

    name: str = ""
    title: str = ""
    formula: str = ""
    window: tuple[tuple[float, float], tuple[float, float]] = ((-2.0, 2.0), (-2.0, 2.0))
    start: tuple[float, float] = (1.5, 1.5)
    minima: tuple[tuple[float, float], ...] = ()
    saddles: tuple[tuple[float, float], ...] = ()
    maxima: tuple[tuple[float, float], ...] = ()
    source: str = ""


class Surfaces(dict[str, Surface]):
    """A dict of surfaces; an unknown name raises ``KeyError`` with the names there are."""

    def __missing__(self, name):
        raise KeyError(f"There is no surface {name!r}. Choose one of: {', '.join(self)}.")


SURFACES = Surfaces()


def _vector(x, y):
    if isinstance(x, float) and isinstance(y, float):  # one point: six times quicker than stacking
        return np.array((x, y))
    return np.stack((x, y), axis=-1)


def _symmetric(xx, xy, yy):
    return np.stack([_vector(xx, xy), _vector(xy, yy)], axis=-2)


def _surface(name, value, gradient, hessian, **attributes):
    """Make a surface from functions of ``(x, y)``: value -> z, gradient -> (x, y), Hessian -> (xx, xy, yy)."""

    def coordinates(theta):
        theta = numbers("theta", theta, kinds="fc")
        if theta.shape[-1:] != (2,):
            raise ValueError(f"{name} has two coordinates, x and y, but theta has shape {tuple(theta.shape)}.")
        if len(theta.shape) == 1:  # two numbers: NumPy works on them several times quicker than on 0-d arrays
            return theta[0], theta[1]
        return theta[..., 0], theta[..., 1]

    def of_coordinates(function: Callable, pack: Callable):
        return lambda theta: pack(*function(*coordinates(theta)))

    return Surface(
        value=lambda theta: value(*coordinates(theta)),
        gradient=of_coordinates(gradient, _vector),
        hessian=of_coordinates(hessian, _symmetric),
        name=name,
        **attributes,
    )


def _add(surface):
    SURFACES[surface.name] = surface
    return surface


# --- The six of the Gradient Descent Visualiser (L4; github.com/lilipads/gradient_descent_viz) ----------


def _dented_bowl(name, dents, stretch, **attributes):
    """x^2 + (stretch y)^2 + sum of a * exp(-((x - p)^2 + (b y - q)^2) / 0.2) over ``dents`` (a, p, q, b)."""

    def bumps(x, y):
        for amplitude, p, q, b in dents:
            u, w = x - p, b * y - q
            yield amplitude * np.exp(-(u**2 + w**2) / 0.2), u, w, b

    def value(x, y):
        return x**2 + (stretch * y) ** 2 + sum(bump for bump, *_ in bumps(x, y))

    def gradient(x, y):
        g_x, g_y = 2 * x, 2 * stretch**2 * y
        for bump, u, w, b in bumps(x, y):
            g_x, g_y = g_x - 10 * u * bump, g_y - 10 * b * w * bump
        return g_x, g_y

    def hessian(x, y):
        h_xx, h_xy, h_yy = 2.0 + 0 * x, 0 * x, 2 * stretch**2 + 0 * y
        for bump, u, w, b in bumps(x, y):
            h_xx = h_xx + (100 * u**2 - 10) * bump
            h_xy = h_xy + 100 * b * u * w * bump
            h_yy = h_yy + b**2 * (100 * w**2 - 10) * bump
        return h_xx, h_xy, h_yy

    return _surface(name, value, gradient, hessian, source="Gradient Descent Visualiser, L4", **attributes)


_add(
    _dented_bowl(
        "local_minimum",
        dents=[(-2, 1, 0, 1.4), (-6, -1, 0, 1.4)],
        stretch=1.4,
        title="Local minimum",
        formula=r"x^2 + 1.96 y^2 - 2 e^{-5((x-1)^2 + 1.96 y^2)} - 6 e^{-5((x+1)^2 + 1.96 y^2)}",
        minima=((-0.967577446455, 0.0), (0.905317860601, 0.0)),
        saddles=((0.120250364059, 0.0),),
    )
)


_add(
    _surface(
        "global_minimum",
        value=lambda x, y: x**2 + y**2,
        gradient=lambda x, y: (2 * x, 2 * y),
        hessian=lambda x, y: (2 + 0 * x, 0 * x, 2 + 0 * y),
        title="Global minimum",
        formula="x^2 + y^2",
        minima=((0.0, 0.0),),
        source="Gradient Descent Visualiser, L4",
    )
)

_add(
    _surface(
        "saddle_point",
        value=lambda x, y: np.sin(x) + y**2,
        gradient=lambda x, y: (np.cos(x), 2 * y),
        hessian=lambda x, y: (-np.sin(x), 0 * x, 2 + 0 * y),
        title="Saddle point",
        formula=r"\sin x + y^2",
        minima=((-np.pi / 2, 0.0),),
        saddles=((np.pi / 2, 0.0),),
        source="Gradient Descent Visualiser, L4",
    )
)


def _elliptic_bowl():
    def well(x, y):
        return np.exp(-(x**2 + 5 * y**2) / 4)

    return _surface(
        "elliptic_bowl",
        value=lambda x, y: x**2 / 4 + y**2 / 8 - well(x, y),
        gradient=lambda x, y: (x / 2 * (1 + well(x, y)), y / 4 + 5 * y / 2 * well(x, y)),
        hessian=lambda x, y: (
            (1 + well(x, y)) / 2 - x**2 / 4 * well(x, y),
            -5 * x * y / 4 * well(x, y),
            1 / 4 + (5 / 2 - 25 * y**2 / 4) * well(x, y),
        ),
        title="Elliptic bowl",
        formula=r"\frac{x^2}{4} + \frac{y^2}{8} - e^{-(x^2 + 5 y^2)/4}",
        minima=((0.0, 0.0),),
        source='Gradient Descent Visualiser, L4 (there "ecliptic bowl")',
    )


_add(_elliptic_bowl())

_add(
    _dented_bowl(
        "hills",
        # The third bump is shifted by -1 in the coordinate that is already stretched.
        dents=[(2, 1, 0, 1.4), (6, -1, 0, 1.4), (-2, 1, -1, 1.4)],
        stretch=1.4,
        title="Hills",
        formula=r"x^2 + 1.96 y^2 + 2 e^{-5((x-1)^2 + 1.96 y^2)} + 6 e^{-5((x+1)^2 + 1.96 y^2)}"
        r" - 2 e^{-5((x-1)^2 + (1.4 y + 1)^2)}",
        minima=((0.0415071257, -0.000640377638), (0.900306522299, -0.653401158304)),
        saddles=(
            (-1.710272972341, 0.0),
            (0.458292973723, -0.449980756162),
            (1.485245863653, 0.006561191693),
        ),
        maxima=((-1.034698188378, 0.0), (1.121546077506, 0.005060385664)),
    )
)


def _plateau():
    """-sin(r)/r + r^2/100, r = 10 |theta|. The Visualiser adds 0.01 to r against 0/0, which makes a kink at 0."""

    def radial(x, y):
        """r, f'(r)/r and f''(r), by their series where r is small."""
        r = 10 * np.hypot(x, y)
        safe = np.where(r < 1e-2, 1.0, r)
        slope = (np.sin(safe) - safe * np.cos(safe)) / safe**3
        curvature = np.sin(safe) / safe + 2 * np.cos(safe) / safe**2 - 2 * np.sin(safe) / safe**3
        small = r < 1e-2
        slope = np.where(small, 1 / 3 - r**2 / 30, slope) + 0.02
        return r, slope, np.where(small, 1 / 3 - r**2 / 10, curvature) + 0.02

    def gradient(x, y):
        _, slope, _ = radial(x, y)
        return 100 * slope * x, 100 * slope * y

    def hessian(x, y):
        r, slope, curvature = radial(x, y)
        bend = 1e4 * (curvature - slope) / np.where(r == 0, 1, r) ** 2
        return 100 * slope + bend * x**2, bend * x * y, 100 * slope + bend * y**2

    return _surface(
        "plateau",
        value=lambda x, y: -np.sinc(10 * np.hypot(x, y) / np.pi) + x**2 + y**2,
        gradient=gradient,
        hessian=hessian,
        title="Plateau",
        formula=r"-\frac{\sin r}{r} + \frac{r^2}{100}, \quad r = 10 \sqrt{x^2 + y^2}",
        minima=((0.0, 0.0),),
        source="Gradient Descent Visualiser, L4",
    )


_add(_plateau())


# --- Classics ----------------------------------------------------------------------------------------


_add(
    _surface(
        "rosenbrock",
        value=lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
        gradient=lambda x, y: (-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)),
        hessian=lambda x, y: (2 - 400 * y + 1200 * x**2, -400 * x, 200 + 0 * y),
        title="Rosenbrock",
        formula="(1 - x)^2 + 100 (y - x^2)^2",
        window=((-2.0, 2.0), (-1.0, 3.0)),
        start=(-1.2, 1.0),
        minima=((1.0, 1.0),),
        source="Rosenbrock 1960",
    )
)


def _beale():
    def residuals(x, y):
        return 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y  # y**3 of one number is slow

    def slopes(x, y):
        """d residual / d(x, y)."""
        return (y - 1, x), (y * y - 1, 2 * x * y), (y * y * y - 1, 3 * x * y * y)

    def gradient(x, y):
        (a1, b1), (a2, b2), (a3, b3) = slopes(x, y)
        r1, r2, r3 = residuals(x, y)
        return 2 * (r1 * a1 + r2 * a2 + r3 * a3), 2 * (r1 * b1 + r2 * b2 + r3 * b3)

    def hessian(x, y):
        (a1, b1), (a2, b2), (a3, b3) = slopes(x, y)
        r1, r2, r3 = residuals(x, y)
        return (
            2 * (a1**2 + a2**2 + a3**2),
            2 * (a1 * b1 + r1 + a2 * b2 + 2 * y * r2 + a3 * b3 + 3 * y**2 * r3),
            2 * (b1**2 + b2**2 + 2 * x * r2 + b3**2 + 6 * x * y * r3),
        )

    return _surface(
        "beale",
        value=lambda x, y: sum(r**2 for r in residuals(x, y)),
        gradient=gradient,
        hessian=hessian,
        title="Beale",
        formula="(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
        window=((-4.5, 4.5), (-4.5, 4.5)),
        start=(1.0, 1.5),
        minima=((3.0, 0.5),),
        saddles=((0.0, 1.0), (0.100537937324, -2.644513585023)),
        source="Beale 1958",
    )


_add(_beale())


def _himmelblau():
    return _surface(
        "himmelblau",
        value=lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
        gradient=lambda x, y: (
            4 * x * (x**2 + y - 11) + 2 * (x + y**2 - 7),
            2 * (x**2 + y - 11) + 4 * y * (x + y**2 - 7),
        ),
        hessian=lambda x, y: (
            12 * x**2 + 4 * y - 42,
            4 * (x + y),
            4 * x + 12 * y**2 - 26,
        ),
        title="Himmelblau",
        formula="(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
        window=((-5.0, 5.0), (-5.0, 5.0)),
        start=(0.5, -4.0),
        minima=(
            (3.0, 2.0),
            (-2.805118086953, 3.131312518251),
            (-3.779310253378, -3.283185991286),
            (3.58442834033, -1.848126526964),
        ),
        saddles=(
            (-3.073025750764, -0.081353044288),
            (-0.127961346731, -1.953714980245),
            (0.086677504555, 2.884254701175),
            (3.385154183607, 0.073851879838),
        ),
        maxima=((-0.270844590667, -0.92303855648),),
        source="Himmelblau 1972",
    )


_add(_himmelblau())

_add(
    _surface(
        "booth",
        value=lambda x, y: (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2,
        gradient=lambda x, y: (10 * x + 8 * y - 34, 8 * x + 10 * y - 38),
        hessian=lambda x, y: (10 + 0 * x, 8 + 0 * x, 10 + 0 * y),
        title="Booth",
        formula="(x + 2y - 7)^2 + (2x + y - 5)^2",
        window=((-4.0, 6.0), (-2.0, 8.0)),
        start=(-3.0, 0.0),
        minima=((1.0, 3.0),),
    )
)

_add(
    _surface(
        "classical_saddle",
        value=lambda x, y: x**2 - y**2,
        gradient=lambda x, y: (2 * x, -2 * y),
        hessian=lambda x, y: (2 + 0 * x, 0 * x, -2 + 0 * y),
        title="Saddle",
        formula="x^2 - y^2",
        start=(1.5, 0.01),
        saddles=((0.0, 0.0),),
    )
)

_add(
    _surface(
        "monkey_saddle",
        value=lambda x, y: x**3 - 3 * x * y**2,
        gradient=lambda x, y: (3 * x**2 - 3 * y**2, -6 * x * y),
        hessian=lambda x, y: (6 * x, -6 * y, -6 * x),
        title="Monkey saddle",
        formula="x^3 - 3 x y^2",
        start=(1.0, 0.1),
        saddles=((0.0, 0.0),),
    )
)


def ravine(condition_number: float) -> Surface:
    """A quadratic valley, (x^2 + condition_number * y^2) / 2, steep across and flat along.

    Raises ``ValueError`` unless ``condition_number`` is a finite number larger than 0.
    """
    kappa = number("condition_number", condition_number, positive)
    return _surface(
        "ravine",
        value=lambda x, y: (x**2 + kappa * y**2) / 2,
        gradient=lambda x, y: (x, kappa * y),
        hessian=lambda x, y: (1 + 0 * x, 0 * x, kappa + 0 * y),
        title=tr("Ravine, condition number {kappa}", kappa=f"{kappa:g}"),
        formula=rf"(x^2 + {kappa:g}\, y^2) / 2",
        start=(-1.8, 1.0),
        minima=((0.0, 0.0),),
    )


_add(ravine(30.0))


def rotated(surface: Surface, degrees: float) -> Surface:
    """``surface`` turned about the origin, counter-clockwise; its known points and its start turn with it.

    Methods with one rate for all coordinates turn with it, too; methods with one for each do not.
    """
    if not isinstance(surface, Surface):
        raise TypeError(f"surface must be one of SURFACES, SURFACES['rosenbrock'] say, but it is {shown(surface)}.")
    angle = np.deg2rad(number("degrees", degrees))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def turned(theta):
        theta = numbers("theta", theta, kinds="fc")
        if np.shape(theta)[-1:] != (2,):
            raise ValueError(f"{surface.name} has two coordinates, x and y, but theta has shape {np.shape(theta)}.")
        return theta @ turn

    def moved(points):
        return tuple(tuple(float(x) for x in turn @ np.asarray(point)) for point in points)

    return replace(
        surface,
        value=lambda theta: surface.value(turned(theta)),
        gradient=lambda theta: surface.gradient(turned(theta)) @ turn.T,
        hessian=lambda theta: turn @ surface.hessian(turned(theta)) @ turn.T,
        title=f"{surface.title}, turned by {degrees:g}°",
        start=moved([surface.start])[0],
        **{name: moved(getattr(surface, name)) for name in ("minima", "saddles", "maxima")},
    )


# --- Quadratics in n dimensions ----------------------------------------------------------------------


def quadratic(hessian: Array, linear: Array | None = None) -> Objective:
    """``theta^T H theta / 2 - linear^T theta`` as an ``Objective``.

    Args:
        hessian: symmetric ``(n, n)``, or ``(n,)`` for a diagonal.
        linear: ``(n,)``, 0 if left out.
    """
    hessian = finite("hessian", hessian).astype(float, copy=False)
    matrix = np.diag(hessian) if hessian.ndim == 1 else hessian
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"hessian must be a symmetric matrix, but it has the shape {matrix.shape}.")
    if not np.allclose(matrix, matrix.T):
        raise ValueError("hessian must be a symmetric matrix: use (H + H.T) / 2.")
    n = len(matrix)
    b = np.zeros(n) if linear is None else finite("linear", linear, n).astype(float, copy=False)

    def checked(theta):
        theta = numbers("theta", theta, kinds="fc")
        if np.shape(theta)[-1:] != (n,):
            raise ValueError(f"This quadratic has {n} coordinates, but theta has the shape {np.shape(theta)}.")
        return theta

    def value(theta):
        theta = checked(theta)
        return np.sum(theta * (theta @ matrix / 2 - b), axis=-1)

    return Objective(
        value=value,
        gradient=lambda theta: checked(theta) @ matrix - b,
        hessian=lambda theta: np.broadcast_to(matrix, (*np.shape(checked(theta))[:-1], n, n)),
    )


def worst_case(n: int, lipschitz: float = 1.0) -> Objective:
    """Nesterov's function on which no first-order method beats O(1/k^2) while k <= (n - 1) / 2.

    f = lipschitz/4 * ((x_1^2 + sum (x_i - x_{i+1})^2 + x_n^2) / 2 - x_1), started at 0; its minimum is
    at x_i = 1 - i / (n + 1).
    Source: Nesterov 2004, Introductory Lectures on Convex Optimization, section 2.1.2.
    """
    n, lipschitz = count("n", n), number("lipschitz", lipschitz, positive)
    second_difference = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    return quadratic(lipschitz / 4 * second_difference, lipschitz / 4 * np.eye(n)[0])
