"""Every claim of chapter 4, Newton and saddles, in the order of their numbers."""

from course_lib.chapters.ch04_newton_saddles.claims.curvature import SHALLOW
from course_lib.chapters.ch04_newton_saddles.claims.krylov import KRYLOV
from course_lib.chapters.ch04_newton_saddles.claims.landscape import LANDSCAPE_CLAIMS
from course_lib.chapters.ch04_newton_saddles.claims.newton import NEWTON_CLAIMS
from course_lib.chapters.ch04_newton_saddles.claims.saddles import SADDLE_CLAIMS

CHAPTER = tuple(
    sorted(
        (*NEWTON_CLAIMS, *LANDSCAPE_CLAIMS, *SADDLE_CLAIMS, KRYLOV, SHALLOW),
        key=lambda claim: int(claim.id.rpartition("-")[2]),
    )
)
