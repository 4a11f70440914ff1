"""Exercises of chapter 12, scaling out."""

from course_lib.chapters.ch12_scaling_out.checks.ages import stale
from course_lib.chapters.ch12_scaling_out.checks.gradients import average
from course_lib.chapters.ch12_scaling_out.checks.loops import loop
from course_lib.chapters.ch12_scaling_out.checks.rates import scaling
from course_lib.chapters.ch12_scaling_out.checks.spares import backups

CHAPTER = (average, stale, scaling, backups, loop)
