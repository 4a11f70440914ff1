"""Exercises of chapter 11."""

from course_lib.chapters.ch11_depth_sequences.checks.clipping import clip
from course_lib.chapters.ch11_depth_sequences.checks.curriculum_lengths import curriculum_lengths
from course_lib.chapters.ch11_depth_sequences.checks.predicted import factor
from course_lib.chapters.ch11_depth_sequences.checks.stream import stream
from course_lib.chapters.ch11_depth_sequences.checks.through_time import backward, truncated

CHAPTER = (backward, truncated, clip, stream, factor, curriculum_lengths)
