"""Conventions of chapter 5."""

from course_lib.chapters.ch05_adaptive.conventions import adam, rates

CONVENTIONS = (
    *rates.CONVENTIONS,
    *adam.CONVENTIONS,
)
