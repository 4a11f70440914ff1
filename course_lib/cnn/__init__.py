"""Convolutional networks in PyTorch: LeNet and a small residual net, one training loop, tuning, throughput.

PyTorch is imported when something is first built, not before; without it every function here says so in one
sentence. Everything runs on a CUDA card where there is one, and on the CPU otherwise.
"""

from course_lib.cnn.batches import Batches
from course_lib.cnn.images import Images, load_images, where_it_is
from course_lib.cnn.models import INITIALISATIONS, NETWORKS, initialise, lenet, num_parameters, residual_net
from course_lib.cnn.training import OPTIMIZERS, Epoch, History, Score, Settings, evaluate, train_network
from course_lib.cnn.tuning import grid_points, hits_best_share, random_points, range_test, search

__all__ = [
    "INITIALISATIONS",
    "NETWORKS",
    "OPTIMIZERS",
    "Batches",
    "Epoch",
    "History",
    "Images",
    "Score",
    "Settings",
    "evaluate",
    "grid_points",
    "hits_best_share",
    "initialise",
    "lenet",
    "load_images",
    "num_parameters",
    "random_points",
    "range_test",
    "residual_net",
    "search",
    "train_network",
    "where_it_is",
]
