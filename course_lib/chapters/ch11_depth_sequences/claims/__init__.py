"""Every claim of chapter 11, in the order of the chapter."""

from course_lib.chapters.ch11_depth_sequences.claims.gradients import GRADIENT_CLAIMS
from course_lib.chapters.ch11_depth_sequences.claims.training import TRAINING_CLAIMS

CHAPTER = tuple(sorted((*GRADIENT_CLAIMS, *TRAINING_CLAIMS), key=lambda claim: int(claim.id.rpartition("-")[2])))
