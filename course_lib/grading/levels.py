"""Which level of a tree of places tells people apart: files, folders, or what lies in folders for weeks and groups."""

from dataclasses import dataclass

from course_lib.grading import attempts, platforms
from course_lib.grading.names import (
    alike,
    contains,
    is_archive,
    is_date,
    is_impersonal,
    is_notebook,
    is_numbered,
    without_assignment,
    words_of,
)
from course_lib.grading.places import Entry


@dataclass
class Level:
    """Entries that stand for people.

    Attributes:
        layout: a name of ``layouts.LAYOUTS``.
        entries: each of one student; several may be of the same.
        rival: another ``Level`` that explains the places as well.
    """

    layout: str
    entries: list[Entry]
    rival: "Level | None" = None


@dataclass(frozen=True)
class Levels:
    """Finds levels. ``assignments``: names of notebooks, which are nobody's names."""

    assignments: tuple = ()

    def impersonal(self, entry):
        return is_impersonal(entry.stem, self.assignments)

    def settled(self, root):
        """The level of the whole tree; where all names are those of tasks, all may be one student's."""
        level = self.level(root)
        plain = level.layout in ("flat", "folder")
        if plain and not level.rival and self.people(level) > 1 and all(map(self.impersonal, level.entries)):
            level.rival = Level("one", [root])
        return level

    def people(self, level):
        return len({without_assignment(entry.stem, self.assignments) for entry in level.entries})

    def level(self, here):
        """The level at or below a folder."""
        folders, notebooks = here.folders, [file for file in here.files if is_notebook(file.name)]
        if found := self.platform(here):
            return found
        if not folders:
            return Level("flat", here.files)
        if len(folders) == 1 and not notebooks:
            return self.through(folders[0], here)
        if len(notebooks) > len(folders):
            return Level("flat", here.files + [folder for folder in folders if folder.notebooks])
        return self.of_folders(folders, notebooks + [file for file in here.files if is_archive(file.name)])

    def through(self, folder, around):
        """The level of a folder that holds everything: a wrapper around people, or a lone student's own."""
        inner = self.level(folder)
        alone = Level("folder", [folder, *filter(_is_document, around.files)], inner.rival)
        if not inner.entries or (self.people(inner) == 1 and not self.impersonal(folder)):
            return alone
        if self.impersonal(folder) or inner.layout not in ("flat", "folder"):
            return inner
        nobodys = [entry for entry in inner.entries if self.impersonal(entry)]
        numbered = [entry for entry in nobodys if is_numbered(entry.stem, self.assignments)]
        somebodys = len(nobodys) < len(inner.entries)
        if somebodys and len(numbered) == len(nobodys):
            return inner
        if len(folder.notebooks) > 1 and (somebodys or len(numbered) == len(nobodys)):
            alone.rival = inner
        return alone

    def of_folders(self, folders, files):
        """The level of folders that lie beside each other, with files that are people's, too."""
        level = Level("folder", folders + files)
        exports = [self.platform(self.opened(folder)) for folder in folders]
        if all(exports) and len({export.layout for export in exports}) == 1:
            return Level(exports[0].layout, [entry for export in exports for entry in export.entries] + files)
        decision = self.shared(folders)
        if decision != NO:
            items = self.inside(folders, files)
            if decision == YES:
                return items
            level.rival = items
        bearing = [folder for folder in folders if folder.notebooks]
        if len(bearing) == 1 and not files and not level.rival:
            inner = self.level(bearing[0])
            if self.people(inner) > 1 and not any(map(self.impersonal, inner.entries)):
                level.rival = inner
        return level

    def inside(self, folders, files=()):
        """The level of what lies in folders."""
        items = [item for folder in folders for item in self.opened(folder).items]
        kind = "subfolder" if 2 * sum(item.is_folder for item in items) > len(items) else "flat"
        return Level(kind, items + list(files))

    def opened(self, folder):
        """A folder, or the wrapper in it that holds all of it (``submissions`` of ``group-1.zip/submissions/anna``)."""
        while len(folder.items) == 1 and folder.items[0].is_folder and self.impersonal(folder.items[0]):
            (folder,) = folder.items
        return folder

    def shared(self, folders):
        """Whether these folders (of weeks, tasks, dates, groups) are shared by the people whose work lies in them."""
        of_tasks = all(map(self.impersonal, folders))
        bearing = [folder for folder in folders if folder.notebooks or of_tasks]  # what one packs full tells of nobody
        within = {folder.path: self.opened(folder).items for folder in bearing}
        items = [item for found in within.values() for item in found]
        names = [without_assignment(item.stem, self.assignments) for item in items]
        named = sum(not self.impersonal(item) for item in items)
        several = sum(len(found) > 1 for found in within.values())
        of_one = not several or 2 * several < len(folders)  # most hold the work of one
        if 2 * named <= len(items) or len(set(names)) < 2:  # what lies in them is called by the task
            numbered = sum(is_numbered(item.stem, self.assignments) for item in items)
            apart = len(set(names)) == len(names) and 2 * (named + numbered) > len(items)
            return MAYBE if apart and (of_tasks or not of_one) else NO
        if of_tasks:
            return YES
        if of_one:
            return NO
        dated = all(is_date(folder.stem) for folder in folders)
        if 2 * len(set(names)) <= len(names):
            return MAYBE if dated else NO  # the same files in each
        if dated:
            return YES if len(set(names)) == len(names) else MAYBE
        own = sum(_bears(item.stem, folder.stem) for folder in bearing for item in within[folder.path])
        return NO if 2 * own > len(items) else MAYBE

    def platform(self, here):
        """The level of a platform's export, ``None`` if this folder is none."""
        names, submitted = list(here.below), here.below.get("submitted")
        exported = sum(map(bool, map(platforms.moodle, names)))
        if exported and 2 * exported >= len(here.folders + here.files):
            return Level("moodle", here.folders + [f for f in here.files if platforms.moodle(f.name) or f.notebooks])
        if platforms.METADATA in names and any(platforms.gradescope(name, {}) for name in names):
            return Level("gradescope", here.folders + [file for file in here.files if file.notebooks])
        steps = {folder.name for folder in here.folders} <= platforms.NBGRADER_STEPS
        if submitted and steps and any(student.folders for student in submitted.folders):
            return Level("nbgrader", submitted.folders)
        entries = [entry for entry in here.folders + here.files if entry.name != attempts.CONTENTS]
        names = [entry.name for entry in entries]
        if found := next((layout for layout, form in attempts.FORMS.items() if form(names)), None):
            return Level(found, entries)
        return Level("canvas", entries) if platforms.is_canvas(names) else None

    def forced(self, root, layout):
        """The level of a layout that was asked for, ``None`` if there is none."""
        here = root
        if layout == "one":
            return Level("one", [root])
        if layout in ("flat", "google-classroom"):
            return Level(layout, [leaf for leaf in root.leaves if is_notebook(leaf.name)] or root.leaves)
        if layout in ("folder", "subfolder", "github-classroom"):
            depth = 2 if layout == "subfolder" else 1
            while _lone_folder(here) and _reaches(here.folders[0], depth):
                here = here.folders[0]
            notebooks = [file for file in here.files if is_notebook(file.name)]
            return Level(layout, self.inside(here.folders).entries if depth == 2 else here.folders + notebooks)
        while not ((found := self.platform(here)) and found.layout == layout):
            if not _lone_folder(here):
                return None
            here = here.folders[0]
        return found


NO, MAYBE, YES = "no", "maybe", "yes"


def _lone_folder(here):
    return len(here.folders) == 1 and not any(map(is_notebook, here.below))


def _reaches(folder, depth):
    """Whether there are folders below a folder, that deep."""
    return depth == 0 or any(_reaches(below, depth - 1) for below in folder.folders)


def _bears(name, folders):
    """Whether a name has that of its folder in it: as words, or as a piece that is long enough to be no chance, to the
    last digit (``group-14`` has no ``group-1``, and not everyone with an a in their name is in folder ``A``)."""
    wanted = alike(folders)
    _, found, after = alike(name).partition(wanted)
    whole = len(wanted) > 3 and bool(found) and not (found[-1:].isdigit() and after[:1].isdigit())
    return whole or contains(words_of(alike(name)), words_of(wanted))


def _is_document(file):
    return not is_notebook(file.name)
