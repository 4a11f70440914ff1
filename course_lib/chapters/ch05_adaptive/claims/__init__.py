"""Every claim of chapter 5, adaptive methods, in the order of their numbers."""

from course_lib.chapters.ch05_adaptive.claims.adam import ADAM_CLAIMS
from course_lib.chapters.ch05_adaptive.claims.digits import DIGITS_CLAIMS
from course_lib.chapters.ch05_adaptive.claims.races import RACE_CLAIMS
from course_lib.chapters.ch05_adaptive.claims.rates import RATE_CLAIMS
from course_lib.chapters.ch05_adaptive.claims.sparse import ZEROS

CHAPTER = tuple(
    sorted(
        (*RATE_CLAIMS, *RACE_CLAIMS, *ADAM_CLAIMS, *DIGITS_CLAIMS, ZEROS),
        key=lambda claim: int(claim.id.rpartition("-")[2]),
    )
)
