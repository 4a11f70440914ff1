"""How a method is drawn: one colour, dash pattern and marker in every figure, claim and chapter.

A label names its method where it begins, and then ends or goes on after a comma, a colon, a bracket or "from": "Adam",
"Adam, beta1 = 0", "SGD (diverges)". The number that belongs to the name is the argument of ``line_style``. What is
compared in one figure only needs no row here.
"""

import re
from itertools import count

from course_lib.figures.style import PALETTE, line_style
from course_lib.optimizers import OPTIMIZERS

COLOURS = len(PALETTE)
_DRAWN = {cls.__name__: vars(cls)["drawn"] for cls in OPTIMIZERS}
_OTHER_WORDS = {  # under which a figure or a source knows one of ``OPTIMIZERS``
    "gradient descent": "SGD",
    "descent": "SGD",
    "momentum 0": "SGD",
    "momentum": "Momentum",
    "momentum 0.9": "Momentum",
    "heavy ball": "Momentum",
    "coordinate descent": "CoordinateDescent",
    "conjugate gradient": "ConjugateGradient",
    "L-BFGS": "LBFGS",
    "Hessian-free": "HessianFree",
    "Krylov": "KrylovSubspaceDescent",
    "Krylov subspace": "KrylovSubspaceDescent",
    "saddle-free Newton": "SaddleFreeNewton",
}
_FAMILIES = (  # compared with each other, so that each family begins anew
    {"natural gradient": 14, "SVRG": 29, "SAGA": 31},
    {"momentum 0.5": 4, "momentum 0.99": 2, "momentum 0.999": 3},
    {"Nesterov, rising momentum": 2, "Nesterov, momentum 0.9": 9, "Adam + L2 penalty": 12},
    {"online": 0, "mini-batch": 1, "full batch": 2},
    {"no normaliser": 0, "batch norm": 1, "layer norm": 2, "group norm": 3, "instance norm": 4, "rms norm": 5},
    {"LeCun": 0, "Xavier": 1, "He": 2, "orthogonal": 3},
    {"linear": 0, "identity": 0, "sigmoid": 1, "tanh": 2, "ReLU": 3, "leaky ReLU": 4, "PReLU": 5},
    {"linear, normal": 0, "linear, orthogonal": 7, "tanh, normal": 2, "tanh, orthogonal": 9},
    {"ReLU, normal": 3, "ReLU, orthogonal": 10},
    {"RNN": 0, "LSTM": 1, "GRU": 2, "residual": 3, "feed-forward": 4},
    {"synchronous": 0, "backups": 1, "with backups": 1, "asynchronous": 2, "local SGD": 3},
    {"no clipping": 0, "clipped": 1, "clipped at 1": 1, "clipped at 0.1": 2, "always 0.1 long": 3},
    {"max": 0, "max pooling": 0, "average": 1, "average pooling": 1, "stride 1": 4, "stride 2": 2, "stride 4": 5},
    {"training": 0, "validation": 1, "test": 2},
)
STYLE_NUMBERS = {
    name.lower(): number
    for names in (_DRAWN, {word: _DRAWN[name] for word, name in _OTHER_WORDS.items()}, *_FAMILIES)
    for name, number in names.items()
}
_LONGEST_FIRST = "|".join(re.escape(name) for name in sorted(STYLE_NUMBERS, key=len, reverse=True))
_NAMED = re.compile(rf"({_LONGEST_FIRST})(?=$|[,:]| \(| from )", re.IGNORECASE)


def method_of(label):
    """The name in ``STYLE_NUMBERS`` with which ``label`` begins, or ``None``."""
    found = _NAMED.match(str(label))
    return found[1].lower() if found else None


def styles_of(labels):
    """``{label: LineStyle}`` of what one figure compares.

    A method has its own style; a second one of the same method has its colour, with another dash pattern and marker.
    What is no known method gets what is left, in order: colours first.
    """
    labels = [str(label) for label in labels]
    numbers: dict[str, int] = {}
    for label in sorted(filter(method_of, labels), key=lambda label: label.lower() not in STYLE_NUMBERS):
        own = STYLE_NUMBERS[method_of(label)]
        numbers[label] = next(n for n in count(own, COLOURS) if n not in numbers.values())
    for label in labels:
        if label not in numbers:
            numbers[label] = _left(numbers.values())
    return {label: line_style(numbers[label]) for label in labels}


def _left(numbers):
    """The first style of a colour that none of ``numbers`` has; where all have been taken, the first one left."""
    taken = {number % COLOURS for number in numbers}
    if len(taken) < COLOURS:
        return next(n for n in range(COLOURS) if n not in taken)
    return next(n for n in count() if n not in numbers)
