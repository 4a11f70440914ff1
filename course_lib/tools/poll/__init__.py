"""A chapter's predictions, asked of a class: phones answer on a plain page, the lecturer's page counts.

Nothing leaves the machine, nothing is written to disk, and all of it ends with the lecture.
"""

from course_lib.tools.poll.serve import hold

__all__ = ["hold"]
