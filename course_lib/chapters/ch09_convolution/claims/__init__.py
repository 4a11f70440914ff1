"""Every claim of chapter 9, convolution, in the order of the chapter."""

from course_lib.chapters.ch09_convolution.claims.pooling import POOLING_CLAIMS
from course_lib.chapters.ch09_convolution.claims.structure import STRUCTURE_CLAIMS

CHAPTER = tuple(sorted((*STRUCTURE_CLAIMS, *POOLING_CLAIMS), key=lambda claim: int(claim.id.rpartition("-")[2])))
