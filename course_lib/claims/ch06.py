"""Every claim of chapter 6, initialisation, in the order of the chapter."""

from course_lib.claims.ch06_signals import SIGNAL_CLAIMS
from course_lib.claims.ch06_training import TRAINING_CLAIMS

CHAPTER = (*SIGNAL_CLAIMS, *TRAINING_CLAIMS)
