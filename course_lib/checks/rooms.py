"""Which modules an answer may not use: a rule over the rooms of the library, not a list for each exercise.

Off limits in an exercise is a room that holds what is asked for (``HOLDERS``, by topic), a room that is built upon such
a one, for what a module imports can be reached through it, and in every exercise all that draws, checks, explains or
runs the course. Of other packages: those that hold the topic, and for answers in NumPy every framework.
"""

import re
from functools import cache
from pathlib import Path

import course_lib
from course_lib.floors import WORKSHOP, below, from_up

HOLDERS = {
    "optimizers": ("course_lib.optimizers",),
    "schedules": ("course_lib.schedules",),
    "sampling": ("course_lib.stochastic", "course_lib.run"),
    "derivatives": (
        "course_lib.autodiff",
        "course_lib.finite_differences",
        "course_lib.gradcheck",
        "course_lib.objective",
        "scipy",
    ),
    "layers": ("course_lib.layers",),
    "softmax": ("scipy",),
    "initialisation": ("course_lib.initializers",),
    "regularisation": ("course_lib.objective",),
    "convolution": ("scipy",),
    "training": (),  # what holds it is the chapter's own
}
FRAMEWORKS = (
    *("torch", "torchvision", "tensorflow", "keras", "jax", "flax", "optax", "mxnet", "autograd"),
    *("sklearn", "skimage", "cv2"),
)
WITH_TORCH = ("torch", "torchvision")


@cache
def taught():
    """The names of the library's rooms: all below the figures. What belongs to a chapter is not among them."""
    return tuple(room for room in below("figures") if room not in WORKSHOP)


@cache
def built_upon():
    """``{room: rooms that it imports when it is loaded}``, read from the library's text."""
    return {room: frozenset(_imported(Path(course_lib.__file__).parent / room)) - {room} for room in taught()}


def _imported(place):
    for path in sorted(place.glob("**/*.py")) or [place.with_suffix(".py")]:
        yield from re.findall(r"^(?:from|import) course_lib\.(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)


@cache
def off_limits(topics, profile="numpy"):
    """The modules that answers to an exercise on these topics may not use; what lies below them is meant too."""
    held = {holder for topic in topics for holder in HOLDERS[topic]}
    closed = {name.partition(".")[2] for name in held if name.startswith("course_lib.")}
    while more := {room for room, imports in built_upon().items() if imports & closed} - closed:
        closed |= more
    packages = {name for name in FRAMEWORKS if profile != "torch" or name not in WITH_TORCH}
    packages |= {name for name in held if not name.startswith("course_lib.")}
    return tuple(sorted(packages | {f"course_lib.{room}" for room in {*closed, *WORKSHOP, *from_up("figures")}}))


def is_off_limits(name, forbidden):
    """Whether a module is, or lies below, one of ``forbidden``."""
    top, *below = name.split(".", 2)  # what is off limits is named by one word or by two
    return top in forbidden or (bool(below) and f"{top}.{below[0]}" in forbidden)


BEGINS = "Off limits in your function"


def in_words(forbidden):
    """The sentence under the text of an exercise that names what its answer may not use."""
    rooms = [f"`{room}`" for room in taught() if f"course_lib.{room}" in forbidden]
    packages = [PACKAGES[name] for name in PACKAGES if name in forbidden]
    rooms_too = f"{', '.join(rooms)}, and " if rooms else ""
    return (
        f"{BEGINS}, for the check and for grading: {', '.join(packages)} and packages like them; of `course_lib` "
        f"{rooms_too}all that draws, checks or grades (`figures`, `widgets`, `checks` and the like)."
    )


PACKAGES = {"torch": "PyTorch", "tensorflow": "TensorFlow", "jax": "JAX", "sklearn": "scikit-learn", "scipy": "SciPy"}
