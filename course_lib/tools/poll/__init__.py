"""A chapter's predictions, asked of a class: phones answer on a plain page, the lecturer's page counts.

Nothing leaves the machine, no count is written to disk, and all of it ends with the lecture. The bars also stand beside
the prediction: in a notebook, whose kernel reads them (``widgets.class_poll``), and on slides that the poll shows.
"""

from course_lib.tools.poll.serve import hold

__all__ = ["hold"]
