"""Every claim of chapter 8, dropout and regularisation, in the order of their numbers."""

from course_lib.claims.ch08_masks import MASK_CLAIMS
from course_lib.claims.ch08_training import TRAINING_CLAIMS

CHAPTER = tuple(sorted((*MASK_CLAIMS, *TRAINING_CLAIMS), key=lambda claim: int(claim.id.rpartition("-")[2])))
