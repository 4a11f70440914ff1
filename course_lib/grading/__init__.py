"""Marking a folder of handed-in notebooks, with student code in a confined process that never holds an answer.

``parent`` side (trusted: checks, seeds, points): ``intake`` finds what was handed in (``places``, ``names``), by whom
(``layouts``, ``levels``, ``platforms``, ``roster``), and which of it counts (``files``, ``assignment``); ``reader`` has
it read, ``session`` runs a notebook in a child, ``notes`` says what was left out, ``marking`` makes the verdict,
``turns`` says who is next, ``store`` keeps it, ``exports`` and ``feedback`` write it down, ``batch`` puts these in a
row; ``checking`` is the same for one notebook, ``packages`` what answers may use. The reading process: ``reading``,
``archives``, ``containers``, ``source``, ``kinds``; what it says is ``handed``. ``child`` side (holds no answer):
``zygote``, ``child``, ``running``, ``standins``, ``shelf``. Several: ``protocol``, ``cells``, ``plain``. The
confinement: ``sandbox`` on top of ``linux`` and ``seccomp``.

Nothing is imported here before it is asked for, so that a child's process never loads the parent's side.
"""

HOMES = {"check_notebook": "checking", "grade_folder": "batch"}
__all__ = ["check_notebook", "grade_folder"]


def __getattr__(name):
    if name not in HOMES:
        raise AttributeError(f"course_lib.grading has no {name!r}")
    from importlib import import_module

    return getattr(import_module(f"course_lib.grading.{HOMES[name]}"), name)
