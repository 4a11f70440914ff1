"""How the tests are spread over processes: a file stays in one, unless its cases are of different chapters.

A case that names an exercise, a claim or a chapter ("05-4", "C-05-2", "ch05_adaptive") goes where the others of the
same file and chapter go. What takes longest begins first, so that no process is left alone with it at the end.
"""

import re

CHAPTER = re.compile(r"\[(?:.*?-)?(?:ch|C-|V-)?(\d\d)[-_]")
LONG = ("tests/tools/test_recipes", "tests/tools/test_packs", "tests/tools", "tests/grading", "notebooks", "solutions")


def part_of(nodeid):
    """The part of all cases that one process runs from end to end, "file" or "file chapter"."""
    file, _, case = nodeid.partition("::")
    chapter = CHAPTER.search(case)
    return f"{file} {chapter.group(1)}" if chapter else file


def urgency(part):
    """Parts with the smallest go first."""
    return next((place for place, start in enumerate(LONG) if part.startswith(start)), len(LONG))


def sort(config, items):
    """Put the cases of one of several processes into the order in which they are handed out."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: urgency(item.nodeid))


def scheduler(config, log):
    """The scheduler of pytest-xdist for ``--dist loadfile``; any other is pytest-xdist's own."""
    from xdist.scheduler import LoadScopeScheduling

    class ByPart(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return part_of(nodeid)

    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # ours is the order
    return ByPart(config, log)
