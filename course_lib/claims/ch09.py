"""Every claim of chapter 9, convolution, in the order of the chapter."""

from course_lib.claims.ch09_pooling import POOLING_CLAIMS
from course_lib.claims.ch09_structure import STRUCTURE_CLAIMS

CHAPTER = tuple(sorted((*STRUCTURE_CLAIMS, *POOLING_CLAIMS), key=lambda claim: int(claim.id.rpartition("-")[2])))
