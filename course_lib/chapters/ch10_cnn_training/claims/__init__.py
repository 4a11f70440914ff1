"""Claims of chapter 10."""

from course_lib.chapters.ch10_cnn_training.claims.survival import (
    ADAM,
    AUGMENTATION,
    DRAWS,
    DROPOUT,
    FORGIVES,
    NORMALISATION,
    READS,
)
from course_lib.chapters.ch10_cnn_training.claims.tuning import TUNING_CLAIMS

CHAPTER = (READS, ADAM, NORMALISATION, DROPOUT, DRAWS, FORGIVES, *TUNING_CLAIMS, AUGMENTATION)
