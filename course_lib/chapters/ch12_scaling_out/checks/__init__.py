"""Exercises of chapter 12, scaling out."""

from course_lib.chapters.ch12_scaling_out.checks.gradients import average
from course_lib.chapters.ch12_scaling_out.checks.loops import loop
from course_lib.chapters.ch12_scaling_out.checks.plans import backups, scaling, stale

CHAPTER = (average, stale, scaling, backups, loop)
