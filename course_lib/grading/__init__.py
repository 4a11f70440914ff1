"""Marking a folder of handed-in notebooks, with student code in a confined process that never holds an answer.

``parent`` side (trusted: checks, seeds, points): ``intake`` finds what was handed in (``places``, ``names``), by whom
(``layouts``, ``levels``, ``platforms``, ``roster``), and which of it counts (``files``, ``assignment``); ``reader`` has
it read, ``session`` runs a notebook in a child, ``notes`` says what was left out, ``marking`` makes the verdict,
``turns`` says who is next, ``store`` keeps it, ``exports`` and ``feedback`` write it down, ``batch`` puts these in a
row; ``checking`` is the same for one notebook, ``packages`` what answers may use. The reading process: ``reading``,
``archives``, ``containers``, ``source``, ``kinds``; what it says is ``handed``. ``child`` side (holds no answer):
``zygote``, ``child``, ``running``, ``standins``, ``shelf``. Several: ``protocol``, ``cells``, ``plain``. The
confinement: ``sandbox`` on top of ``linux`` and ``seccomp``.

Words that mean one thing each in this package:

zygote      a Python that has loaded everything and is forked once for each submission, as Android does with its apps
child       the confined process that a zygote forks; student code runs there and nowhere else
line        the socket between parent and child, and what may cross it (``protocol``)
handle      a number that stands, in the parent, for an object that stays in the child
stand-in    what a child finds in place of a package that is not there, or may not be used
workshop    the rooms of the course that draw, check or run it: cells may call their stand-ins, answers may not
shelf       the finder that lets a child import a fixed list of packages, whatever else is installed
level       how well a child is confined: see ``sandbox.LEVELS``; ``levels`` is about folders of submissions
profile     what children can import: "numpy", or "torch" as well
lane        one of the places that mark at the same time: this process, another one, or a Dask worker
set aside   what takes long waits until the others have had their turn; what is nobody's hand-in is put aside
row         what is recorded of one student
replay      the cells run again after a child has died, up to where it was

Nothing is imported here before it is asked for, so that a child's process never loads the parent's side.
"""

HOMES = {"check_notebook": "checking", "grade_folder": "batch"}
__all__ = ["check_notebook", "grade_folder"]


def __getattr__(name):
    if name not in HOMES:
        raise AttributeError(f"course_lib.grading has no {name!r}")
    from importlib import import_module

    return getattr(import_module(f"course_lib.grading.{HOMES[name]}"), name)
