"""Every claim of chapter 7, batch normalisation, in the order of the chapter."""

from course_lib.chapters.ch07_batchnorm.claims.exact import EXACT_CLAIMS
from course_lib.chapters.ch07_batchnorm.claims.others import ALONE
from course_lib.chapters.ch07_batchnorm.claims.training import TRAINING_CLAIMS

CHAPTER = tuple(sorted((*EXACT_CLAIMS, *TRAINING_CLAIMS, ALONE), key=lambda claim: int(claim.id.rpartition("-")[2])))
