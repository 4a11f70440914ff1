"""Data: made on the spot, bundled (with scikit-learn, or here), or the classic image sets from a folder or the network.

Nothing here needs a download, except ``mnist``, ``fashion_mnist`` and ``cifar10``. Random things take a
NumPy ``Generator`` and come out the same for the same seed.
"""

from course_lib.data.augmentation import flipped, random_flip, random_shift, shifted
from course_lib.data.bundled import breast_cancer, diabetes, digits, iris, mnist5000, wine
from course_lib.data.colour import COLOUR_SHAPES, colour_shapes
from course_lib.data.dataset import Dataset, Scaling, Splits, split, standardise, wrong_labels
from course_lib.data.image_files import DataNotFound, cifar10, fashion_mnist, mnist
from course_lib.data.pictures import available_pictures, default_picture, picture
from course_lib.data.procedural import (
    adding_task,
    circles,
    linear_regression,
    logistic_regression,
    moons,
    shapes,
    spirals,
)

__all__ = [
    "COLOUR_SHAPES",
    "DataNotFound",
    "Dataset",
    "Scaling",
    "Splits",
    "adding_task",
    "available_pictures",
    "breast_cancer",
    "cifar10",
    "circles",
    "colour_shapes",
    "default_picture",
    "diabetes",
    "digits",
    "fashion_mnist",
    "flipped",
    "iris",
    "linear_regression",
    "logistic_regression",
    "mnist",
    "mnist5000",
    "moons",
    "picture",
    "random_flip",
    "random_shift",
    "shapes",
    "shifted",
    "spirals",
    "split",
    "standardise",
    "wine",
    "wrong_labels",
]
