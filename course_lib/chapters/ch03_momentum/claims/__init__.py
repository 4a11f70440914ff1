"""Every claim of chapter 3, momentum and Nesterov, in the order of the chapter."""

from course_lib.chapters.ch03_momentum.claims.deep import DEEP_CLAIMS
from course_lib.chapters.ch03_momentum.claims.forms import FORM_CLAIMS
from course_lib.chapters.ch03_momentum.claims.momentum import MOMENTUM_CLAIMS
from course_lib.chapters.ch03_momentum.claims.nesterov import NESTEROV_CLAIMS
from course_lib.chapters.ch03_momentum.claims.paths import PATH_CLAIMS
from course_lib.chapters.ch03_momentum.claims.questions import QUESTION_CLAIMS
from course_lib.chapters.ch03_momentum.claims.rates import RATE_CLAIMS

CHAPTER = tuple(
    sorted(
        (*RATE_CLAIMS, *MOMENTUM_CLAIMS, *NESTEROV_CLAIMS, *PATH_CLAIMS, *QUESTION_CLAIMS, *FORM_CLAIMS, *DEEP_CLAIMS),
        key=lambda claim: int(claim.id.rpartition("-")[2]),
    )
)
