"""Exercises of chapter 0."""

from course_lib.chapters.ch00_start.checks.hello import CHAPTER

__all__ = ["CHAPTER"]
