"""Right answers to every exercise, written differently: the checks must let all of them pass.

They stand in ``answers.py`` in the folders of the chapters' tests, as ``ANSWERS``: ``{exercise id: functions}``.
"""

from importlib import import_module
from pathlib import Path

from course_lib.chapters import CHAPTERS

TESTS = Path(__file__).parents[2] / "chapters"


def of_all(module, name):
    """The tables of this name, of all chapters whose tests have such a module, as one."""
    found = [chapter for chapter in CHAPTERS if (TESTS / chapter / f"{module}.py").is_file()]
    modules = [import_module(f"tests.chapters.{chapter}.{module}") for chapter in found]
    return {id: answers for each in modules for id, answers in getattr(each, name, {}).items()}


ANSWERS = of_all("answers", "ANSWERS")
