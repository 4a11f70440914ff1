"""Every claim of chapter 1, backpropagation, in the order of the chapter."""

from course_lib.claims.ch01_autodiff import AUTODIFF_CLAIMS
from course_lib.claims.ch01_networks import NETWORK_CLAIMS

CHAPTER = tuple(sorted((*AUTODIFF_CLAIMS, *NETWORK_CLAIMS), key=lambda claim: int(claim.id.rpartition("-")[2])))
