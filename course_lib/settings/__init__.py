"""What a lecturer says of a course of their own: ``course.toml``, and how such files are read.

``fields`` makes a dataclass of a TOML file, and one sentence of whatever is wrong in it; ``course`` is the course's own
file. What is said of one sheet of exercises stands in ``grading.sheet``, which knows the exercises.
"""

HOMES = {"BadSettings": "fields", "Course": "course", "course": "course", "read_course": "course"}
__all__ = ["BadSettings", "Course", "course", "read_course"]


def __getattr__(name):
    if name not in HOMES:
        raise AttributeError(f"course_lib.settings has no {name!r}")
    from importlib import import_module

    return getattr(import_module(f"course_lib.settings.{HOMES[name]}"), name)
