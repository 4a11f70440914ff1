"""What every optimizer, layer and initialiser says about itself: how PyTorch differs."""

import inspect

import pytest

from course_lib import initializers, layers, optimizers

INITIALIZERS = [
    thing
    for name, thing in vars(initializers).items()
    if inspect.isfunction(thing) and thing.__module__ == initializers.__name__ and not name.startswith("_")
]
PUBLIC = [
    thing
    for thing in (*(getattr(room, name) for room in (optimizers, layers) for name in room.__all__), *INITIALIZERS)
    if callable(thing)  # not the lists OPTIMIZERS, BY_GRADIENTS, ...
]


@pytest.mark.parametrize("thing", PUBLIC, ids=lambda thing: thing.__name__)
def test_the_docstring_says_how_pytorch_differs(thing):
    assert "torch" in thing.__doc__.lower()


def test_all_of_them_are_looked_at():
    names = {thing.__name__ for thing in PUBLIC}
    assert {method.__name__ for method in optimizers.OPTIMIZERS} | {"RNN", "Dropout", "he_uniform", "gain"} <= names
