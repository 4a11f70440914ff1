"""Every claim of chapter 4, Newton and saddles, in the order of their numbers."""

from course_lib.claims.ch04_krylov import KRYLOV
from course_lib.claims.ch04_landscape import LANDSCAPE_CLAIMS
from course_lib.claims.ch04_newton import NEWTON_CLAIMS

CHAPTER = (*NEWTON_CLAIMS, *LANDSCAPE_CLAIMS, KRYLOV)
