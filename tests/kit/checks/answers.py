"""Right answers to every exercise, written differently: the checks must let all of them pass.

They stand in ``answers.py`` in the folders of the chapters' tests, as ``ANSWERS``: ``{exercise id: functions}``. There,
as ``LAZY``, may stand answers that let the library do the work, beside those of ``lazy.py``.
"""

from importlib import import_module
from pathlib import Path

from course_lib.chapters import CHAPTERS

TESTS = Path(__file__).parents[2] / "chapters"


def of_all(name):
    """The tables of this name, of all chapters whose tests have an ``answers.py``, as one."""
    found = [chapter for chapter in CHAPTERS if (TESTS / chapter / "answers.py").is_file()]
    modules = [import_module(f"tests.chapters.{chapter}.answers") for chapter in found]
    return {id: answers for module in modules for id, answers in getattr(module, name, {}).items()}


ANSWERS = of_all("ANSWERS")
