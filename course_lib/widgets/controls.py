"""What a person can set on a live figure: each control is bound to one trait of the figure by its name."""

from dataclasses import asdict, dataclass

import numpy as np


@dataclass(frozen=True)
class Slider:
    """A slider over ``positions``, with a field beside it for any other number.

    Attributes:
        trait: the figure's trait that it sets.
        label: its visible and accessible name.
        positions: the values on the slider, ascending; whole numbers give a slider of whole numbers.
        plays: whether a button beside it goes over the positions by itself; or the name of the synced trait that holds
            the position at which this ends.
    """

    trait: str
    label: str
    positions: tuple
    plays: bool | str = False

    @property
    def whole(self):
        """Whether it takes whole numbers only."""
        return all(isinstance(position, int) for position in self.positions)

    def read(self, text):
        """Turn what was typed into a number, or raise ``ValueError`` with a sentence."""
        try:
            return int(text) if self.whole else float(text.replace(",", "."))
        except ValueError:
            kind = "a whole number" if self.whole else "a number"
            raise ValueError(f"{self.label} must be {kind} such as {self.positions[-1]}, but it is {text!r}.") from None


@dataclass(frozen=True)
class Menu:
    """A menu; ``options`` are ``(value, label)`` pairs."""

    trait: str
    label: str
    options: tuple


@dataclass(frozen=True)
class Ticks:
    """Tick boxes; the trait is the list of the values that are ticked, in the order of ``options``."""

    trait: str
    label: str
    options: tuple


@dataclass(frozen=True)
class Text:
    """A field for text, such as a formula; the trait is set with Enter, or when the field is left."""

    trait: str
    label: str


@dataclass(frozen=True)
class Progress:
    """A bar with a button that stops the run, or starts it again: for figures of ``background.py``."""

    trait: str = "progress"
    label: str = "Run"


@dataclass(frozen=True)
class Grid:
    """Rows of fields for numbers, such as a kernel; the trait is a list of rows.

    A field is set with Enter or when it is left; the arrow keys up and down add and take away ``step``. What is not a
    number reaches the trait as text, so that the figure can read "1/9" or say what is wrong.
    """

    trait: str
    label: str
    step: float = 1.0


@dataclass(frozen=True)
class Point:
    """A point ``[x, y]`` in the picture: a click, or the arrow keys while the picture has the focus, set it.

    ``axes`` lists the numbers of the figure's axes that take it.
    """

    trait: str
    label: str
    axes: tuple = (0,)


def description(control):
    """What the front end needs to know about ``control``, as plain data."""
    return {"kind": type(control).__name__.lower(), **asdict(control)}


def log_positions(low, high, number=61, digits=3):
    """``number`` positions from ``low`` to ``high``, equally spaced on a log scale, rounded to ``digits`` digits."""
    return tuple(float(f"{value:.{digits}g}") for value in np.geomspace(low, high, number))


def even_positions(low, high, number=61, digits=4):
    """``number`` equally spaced positions from ``low`` to ``high``, rounded to ``digits`` decimals."""
    return tuple(round(float(value), digits) for value in np.linspace(low, high, number))
