"""Places of what was handed in, as a tree: what somebody's work may be, and what systems and programs left behind.

A place is a path with ``/`` below the folder or archive of submissions. An empty folder ends in ``/``.
"""

from dataclasses import dataclass, field

from course_lib.grading.names import is_archive, is_left_behind, is_notebook, is_work, split_ending

MAX_DEPTH = 24  # folders in folders that are told apart
MARK_OF_RESULTS = "grades.sqlite"
RESULTS = {MARK_OF_RESULTS, "run.json", "grades.csv", "checks.csv", "canvas.csv", "moodle.csv", "class_report.html"}
RESULTS |= {"feedback", "gradescope"}
LEFT_BEHIND, OF_A_RUN = "left behind by systems and programs", "results of course grade"


@dataclass
class Entry:
    """A file or a folder (an archive counts as one) with all places at and below it."""

    name: str
    path: str
    parent: str = ""
    below: dict = field(default_factory=dict, repr=False)
    places: list = field(default_factory=list, repr=False)
    is_folder: bool = False

    @property
    def stem(self):
        """The name without an ending, if it has one to lose."""
        return self.name if self.is_folder and not is_archive(self.name) else split_ending(self.name)[0]

    @property
    def is_download(self):
        """Whether a browser may have stored it, and marked it as a copy."""
        return not self.is_folder or is_archive(self.name)

    @property
    def folders(self):
        return [entry for entry in self.below.values() if entry.is_folder]

    @property
    def files(self):
        """Files that may be work."""
        return [entry for entry in self.below.values() if not entry.is_folder and is_work(entry.name)]

    @property
    def notebooks(self):
        return [place for place in self.places if is_notebook(place)]

    @property
    def items(self):
        """What lies in it and bears notebooks; without any, what bears work."""
        return [entry for entry in self.below.values() if entry.notebooks] or self.folders + self.files

    @property
    def leaves(self):
        """All files below."""
        return [leaf for entry in self.below.values() for leaf in (entry.leaves if entry.is_folder else [entry])]


def tree(places):
    """The ``Entry`` that holds all places."""
    root = Entry("", "", is_folder=True, places=list(places))
    for place in places:
        here, parts = root, place.rstrip("/").split("/", MAX_DEPTH)
        for depth, name in enumerate(parts, 1):
            path = f"{here.path}/{name}" if here.path else name
            here = here.below.setdefault(name, Entry(name, path, here.name))
            here.is_folder |= depth < len(parts) or place.endswith("/")
            here.places.append(place)
    return root


def sorted_out(places):
    """``(places of work, {other place: what it is})``; a folder of which nothing is left stays, as an empty one."""
    ours = _folders_of_runs(places)
    kept, aside = {}, {}
    for place in places:
        parts = place.rstrip("/").split("/", MAX_DEPTH)
        noise = next((i for i, name in enumerate(parts) if is_left_behind(name)), None)
        if ours and any("/".join(parts[:i]) in ours and parts[i] in RESULTS for i in range(len(parts))):
            aside[place] = OF_A_RUN
        elif noise is not None:
            aside[place] = LEFT_BEHIND
            if noise:
                kept["/".join(parts[:noise]) + "/"] = None
        else:
            kept[place] = None
    full = {parent for place in kept for parent in _parents(place.rstrip("/"))}
    return [place for place in kept if not (place.endswith("/") and place[:-1] in full)], aside


def repositories(places):
    """Names of the folders that are clones of git."""
    return {parts[-2] for place in places if (parts := place.rstrip("/").split("/"))[-1] == ".git" and len(parts) > 1}


def _folders_of_runs(places):
    """Folders that ``course grade`` wrote its results to."""
    split = (place.rpartition("/") for place in places)
    return {parent for parent, _, name in split if name == MARK_OF_RESULTS}


def _parents(path):
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
