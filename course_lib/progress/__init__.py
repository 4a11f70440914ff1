"""A learner's progress: which predictions, checks and quizzes are done, what comes next, what comes back.

``store``     the file, one for each copy of the course
``notebooks`` what there is to do, read from the calls in the notebooks
``review``    predictions that were wrong come back after three days, a week, three weeks
``overview``  how far one is, as text and as a table with links
"""

from course_lib.progress.notebooks import PLACES, Asked, asked, next_task, tasks
from course_lib.progress.overview import counts, summary, table
from course_lib.progress.review import due, predicted, reviewed, when_next
from course_lib.progress.store import KINDS, export, facts, load, merge, path, record

__all__ = [
    "KINDS",
    "PLACES",
    "Asked",
    "asked",
    "counts",
    "due",
    "export",
    "facts",
    "load",
    "merge",
    "next_task",
    "path",
    "predicted",
    "record",
    "reviewed",
    "summary",
    "table",
    "tasks",
    "when_next",
]
