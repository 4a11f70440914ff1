"""Convolutional networks in PyTorch: LeNet and a small residual net, one training loop, tuning, throughput.

PyTorch is imported when something is first built, not before; without it every function here says so in one
sentence. Everything runs on a CUDA card where there is one, and on the CPU otherwise.
"""

from course_lib.chapters.ch10_cnn_training.experiments.batches import Batches
from course_lib.chapters.ch10_cnn_training.experiments.images import Images, load_images, where_it_is
from course_lib.chapters.ch10_cnn_training.experiments.loading import ImageSet, loader
from course_lib.chapters.ch10_cnn_training.experiments.settings import OPTIMIZERS, Settings
from course_lib.chapters.ch10_cnn_training.experiments.training import (
    Epoch,
    History,
    Score,
    evaluate,
    score_on_test,
    train_network,
)
from course_lib.chapters.ch10_cnn_training.experiments.transforms import RandomFlip, RandomShift
from course_lib.chapters.ch10_cnn_training.experiments.tuning import (
    grid_points,
    hits_best_share,
    random_points,
    range_test,
    search,
)
from course_lib.torch_nets import INITIALISATIONS, NETWORKS, initialise, lenet, num_parameters, residual_net

__all__ = [
    "INITIALISATIONS",
    "NETWORKS",
    "OPTIMIZERS",
    "Batches",
    "Epoch",
    "History",
    "ImageSet",
    "Images",
    "RandomFlip",
    "RandomShift",
    "Score",
    "Settings",
    "evaluate",
    "grid_points",
    "hits_best_share",
    "initialise",
    "lenet",
    "load_images",
    "loader",
    "num_parameters",
    "random_points",
    "range_test",
    "residual_net",
    "score_on_test",
    "search",
    "train_network",
    "where_it_is",
]
