"""Every claim of chapter 8, dropout and regularisation, in the order of their numbers."""

from course_lib.chapters.ch08_dropout.claims.masks import MASK_CLAIMS
from course_lib.chapters.ch08_dropout.claims.training import TRAINING_CLAIMS

CHAPTER = tuple(sorted((*MASK_CLAIMS, *TRAINING_CLAIMS), key=lambda claim: int(claim.id.rpartition("-")[2])))
