"""Every claim of chapter 1, backpropagation, in the order of the chapter."""

from course_lib.chapters.ch01_backprop.claims.autodiff import AUTODIFF_CLAIMS
from course_lib.chapters.ch01_backprop.claims.networks import NETWORK_CLAIMS

CHAPTER = tuple(sorted((*AUTODIFF_CLAIMS, *NETWORK_CLAIMS), key=lambda claim: int(claim.id.rpartition("-")[2])))
