"""Every claim of chapter 6, initialisation, in the order of the chapter."""

from course_lib.chapters.ch06_initialisation.claims.signals import SIGNAL_CLAIMS
from course_lib.chapters.ch06_initialisation.claims.training import TRAINING_CLAIMS

CHAPTER = (*SIGNAL_CLAIMS, *TRAINING_CLAIMS)
