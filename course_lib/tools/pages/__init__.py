"""A chapter as one file that needs neither a kernel nor a network: a page to read, or slides to show."""

from course_lib.tools.pages.write import write_page, write_slides

__all__ = ["write_page", "write_slides"]
