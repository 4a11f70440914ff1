"""Every claim of chapter 12, scaling out, in the order of the chapter."""

from course_lib.chapters.ch12_scaling_out.claims.batches import LINEAR, NOISE_SCALE, SHARP, SLOWER
from course_lib.chapters.ch12_scaling_out.claims.clusters import (
    ASYNCHRONOUS,
    BACKUPS,
    LARGE_BATCH,
    LOCAL,
    SLOWEST,
    STALE,
)
from course_lib.chapters.ch12_scaling_out.claims.sums import ACCUMULATION, RING

CHAPTER = (
    *(LARGE_BATCH, SLOWEST, STALE, ASYNCHRONOUS, BACKUPS, SLOWER, LINEAR, SHARP, NOISE_SCALE, LOCAL),
    *(RING, ACCUMULATION),
)
