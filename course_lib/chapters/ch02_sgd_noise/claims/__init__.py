"""Every claim of chapter 2, SGD and its noise, in the order of the chapter."""

from course_lib.chapters.ch02_sgd_noise.claims.minima import MINIMUM_CLAIMS
from course_lib.chapters.ch02_sgd_noise.claims.noise import NOISE_CLAIMS
from course_lib.chapters.ch02_sgd_noise.claims.rules import RULE_CLAIMS

CHAPTER = tuple(
    sorted((*NOISE_CLAIMS, *RULE_CLAIMS, *MINIMUM_CLAIMS), key=lambda claim: int(claim.id.rpartition("-")[2]))
)
