"""Who handed in what, read from all places together: a layout explains all of them, or it is not the layout.

Pure: from places (see ``places``) to people. Nothing is opened. What can be read in two ways that give different people
is not decided here: ``Unclear`` shows both.
"""

from dataclasses import dataclass

from course_lib.grading import attempts, platforms
from course_lib.grading.levels import Levels
from course_lib.grading.names import (
    alike,
    is_date,
    is_impersonal,
    is_notebook,
    shown,
    without_assignment,
    without_copy_mark,
    words_of,
)
from course_lib.grading.places import repositories, sorted_out, tree
from course_lib.grading.platforms import Person

LAYOUTS = {
    "flat": "files, one a student",
    "folder": "a folder for each student",
    "subfolder": "a folder for each student, in folders for groups or weeks",
    "one": "all of it from one student",
    "canvas": "files as Canvas exports them",
    "moodle": "folders or files as Moodle exports them",
    "gradescope": "folders as Gradescope exports them",
    "github-classroom": "repositories of GitHub Classroom, one a student",
    "google-classroom": "files as Google Classroom names them",
    "blackboard": "files as Blackboard exports them",
    "brightspace": "folders or files as Brightspace (D2L) exports them",
    "nbgrader": "the submitted or the exchange folder of nbgrader",
}
BESIDE = "beside the students' work"
MANY = 10  # sentences of one kind


class Unclear(ValueError):
    """It cannot be told who handed in what; the text shows why, and how to choose."""


@dataclass(frozen=True)
class Reading:
    """Who handed in what.

    Attributes:
        layout: one of ``LAYOUTS``.
        people: ``{Person: places}``, in order of keys.
        aside: ``{place: why it is nobody's}``.
        warnings: sentences for the lecturer.
    """

    layout: str
    people: dict
    aside: dict
    warnings: tuple = ()

    def __str__(self):
        count = len(self.people)
        return f"{LAYOUTS[self.layout]}, {count} student{'' if count == 1 else 's'}, for example: {self.example()}"

    def example(self):
        """One row, such as ``'anna' from anna/03_momentum.ipynb``."""
        person, places = next(iter(self.people.items()))
        place = next(filter(is_notebook, places), places[0])
        return f"'{person}' from {shown(place)}"


def recognise(places, assignments=(), layout=None, submitters=None):
    """The ``Reading`` of the places below a folder or archive of submissions, ``None`` if there is nobody's work.

    Args:
        places: see ``places``.
        assignments: names of notebooks (``03_momentum``), which are no part of a student's name.
        layout: one of ``LAYOUTS``, to be kept to; recognised if left out.
        submitters: as ``platforms.gradescope_submitters`` makes them.

    Raises ``Unclear``.
    """
    kept, aside = sorted_out(places)
    root, levels = tree(kept), Levels(tuple(assignments))
    level = levels.forced(root, layout) if layout else levels.settled(root)
    if level is None:
        raise Unclear(f"Nothing in what was handed in looks like --layout {layout}: {LAYOUTS[layout]}.")
    if not level.entries:
        return None
    owners = _Owners(levels.assignments, submitters or {}, repositories(places))
    first = owners.reading(level, root, aside)
    if level.rival is not None:
        second = owners.reading(level.rival, root, aside)
        if set(first.people.values()) != set(second.people.values()):
            raise Unclear(
                "What was handed in can be read in two ways, which give different students. "
                f"--layout {first.layout}: {first}. --layout {second.layout}: {second}. Choose one of the two."
            )
    return first


@dataclass(frozen=True)
class _Owners:
    """Finds the person of each entry of a level."""

    assignments: tuple
    submitters: dict
    repositories: set

    def reading(self, level, root, aside):
        layout, owners = self.of(level)
        people, entries = {}, {}
        for entry, person in owners:
            known, places = people.setdefault(person.key, (person, []))
            if known != person:
                raise Unclear(
                    f"Two names stand for one student, '{person.key}': {shown(entry.path)} and "
                    f"{shown(entries[person.key][0].path)}. Rename one of them."
                )
            entries.setdefault(person.key, []).append(entry)
            places += entry.places
        found = {person: tuple(dict.fromkeys(places)) for _, (person, places) in sorted(people.items())}
        mine = {place for places in found.values() for place in places}
        left = {place: BESIDE for place in root.places if place not in mine}
        return Reading(layout, found, aside | left, tuple(_warnings(found, entries)))

    def of(self, level):
        """``(layout, [(entry, person), ...])``."""
        layout, entries = level.layout, level.entries
        if layout == "one":
            return layout, [(entries[0], Person(_name_of_one(entries[0])))]
        if layout == "gradescope":
            people = [(e, platforms.gradescope(e.name, self.submitters) or [self.plain(e)]) for e in entries]
            return layout, [(entry, person) for entry, several in people for person in several]
        if layout in ("moodle", "canvas"):
            find = getattr(platforms, layout)
            return layout, [(entry, find(entry.name) or self.plain(entry)) for entry in entries]
        if found := self.attempts(level):
            return layout, [(entry, found.get(entry.name) or self.plain(entry)) for entry in entries]
        if layout in ("folder", "github-classroom"):
            prefix = self.prefix(entries, layout)
            if prefix:
                return "github-classroom", [(entry, _login(entry.name, prefix)) for entry in entries]
        return self.by_name(level)

    def attempts(self, level):
        """``{name: Person}`` where each attempt is an entry; the names beside each other are read together."""
        form = attempts.FORMS.get(level.layout)
        return form([entry.name for entry in level.entries]) if form else {}

    def plain(self, entry):
        return Person(shown(without_assignment(entry.stem, self.assignments)))

    def prefix(self, entries, layout):
        names = [entry.name for entry in entries]
        cloned = layout == "github-classroom" or {*names} <= self.repositories
        return platforms.classroom_prefix(names, entries[0].parent, self.assignments, cloned)

    def by_name(self, level):
        """Of files and folders that bear names; the same name in two folders for weeks is one person's."""
        layout, groups = level.layout, {}
        for entry in level.entries:
            groups.setdefault(entry.path.rpartition("/")[0], []).append(entry)
        named, seen = [], {}
        for group in groups.values():
            names, has_title = self.names(group)
            named += zip(group, names, strict=True)
            if layout == "flat" and has_title:
                layout = "google-classroom"
        for entry, name in named:
            seen.setdefault(name, set()).add(entry.path.rpartition("/")[0])
        apart = {name for name, folders in seen.items() if len(folders) > 1 and not self.all_shared(folders)}
        keys = [f"{entry.parent}/{name}" if name in apart else name for entry, name in named]
        return layout, [(entry, Person(shown(key))) for (entry, _), key in zip(named, keys, strict=True)]

    def all_shared(self, folders):
        last = [folder.rpartition("/")[2] for folder in folders]
        return all(not name or is_date(name) or is_impersonal(name, self.assignments) for name in last)

    def names(self, entries):
        """``(names of people, whether a platform's title stood beside them)`` of entries beside each other."""
        stems = {entry.stem for entry in entries if entry.is_download}
        raw = [self.original(entry.stem, stems) if entry.is_download else entry.stem for entry in entries]
        names = [
            without_assignment(stem, self.assignments) if entry.is_download else stem
            for entry, stem in zip(entries, raw, strict=True)
        ]
        before, after = platforms.google_title(names) if all(entry.is_download for entry in entries) else ("", "")
        names = _apart([name.removeprefix(before).removesuffix(after) for name in names], raw)
        titled = sum(" - " in stem and stem != name for stem, name in zip(raw, names, strict=True))
        return self.without_chapter(names), 2 * titled > len(names)

    def original(self, stem, stems):
        """``stem`` without marks of a copy, if the original lies beside it, and is named after somebody."""
        base = stem
        while (base := without_copy_mark(base)) is not None:
            if base in stems and not is_impersonal(base, self.assignments):
                stem = base
        return stem

    def without_chapter(self, names):
        """Names without the number of a chapter that stands before each of them."""
        first = {words_of(name)[0] if words_of(name) else "" for name in names}
        rest = [name[len(word) :].lstrip("-_ ") for name in names for word in first] if len(first) == 1 else []
        chapters = {words_of(assignment)[0] for assignment in self.assignments}
        of_people = all(name and not is_impersonal(name, self.assignments) for name in rest)
        return rest if rest and first <= chapters and of_people else names


def _apart(names, stems):
    """``names``, but the whole stem where two stems differ by blanks alone: what is cut off hides no student."""
    seen = {}
    for name, stem in zip(names, stems, strict=True):
        seen.setdefault((name, "".join(stem.split())), set()).add(stem)
    twins = {stem for found in seen.values() if len(found) > 1 for stem in found}
    return [stem if stem in twins else name for name, stem in zip(names, stems, strict=True)]


def _login(name, prefix):
    login = name.removeprefix(prefix)
    return Person(shown(login), "", {"github_login": login})


def _name_of_one(root):
    """A name for whoever all of it is from: that of a folder which holds all, or of a lone notebook."""
    return shown(next(iter(root.below.values())).stem) if len(root.below) == 1 else "everything"


def _warnings(people, entries):
    """Sentences about what a lecturer would want to see: several entries of one student, names that look alike."""
    several = [
        f"{len(found)} files or folders were read as one student's, '{person}': {_listed(e.path for e in found)}."
        for person in people
        if len(found := entries[person.key]) > 1 and not person.platform
    ]
    looks = {}
    for person in people:
        looks.setdefault(alike(person.key), []).append(person.key)
    twins = [f"These look alike and are different students: {_listed(keys)}." for keys in looks.values() if keys[1:]]
    (first, places), *others = people.items()
    count = sum(map(is_notebook, places))
    alone = count > 1 and not others
    warning = [f"Everything was read as one student's, '{first}', with {count} notebooks."] if alone else []
    return warning + _few(several) + _few(twins)


def _listed(names):
    names = list(names)
    more = f" and {len(names) - MANY} more" if len(names) > MANY else ""
    return ", ".join(f"'{shown(name)}'" for name in names[:MANY]) + more


def _few(sentences):
    more = [f"And {len(sentences) - MANY} more like these."] if len(sentences) > MANY else []
    return sentences[:MANY] + more
