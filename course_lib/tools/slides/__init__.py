"""A chapter's core as slides in one file that needs neither a kernel nor a network."""

from course_lib.tools.slides.write import write_slides

__all__ = ["write_slides"]
