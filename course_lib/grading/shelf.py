"""Where student code finds the packages that it may import: a fixed list, whatever else is installed."""

import importlib.abc
import importlib.util
import os
import re
from importlib.metadata import Distribution

PACKAGES = {
    "numpy": ("numpy", "scipy", "scikit-learn"),  # for every assignment: NumPy, and what the extra `data` installs
    "torch": ("numpy", "scipy", "scikit-learn", "torch"),  # where exercises need PyTorch
}


def files_of(packages, folders):
    """Names of the files and folders of installed packages, and of what they need, as they lie in ``folders``."""
    seen, waiting, names = set(), [*packages], set()
    while waiting:
        package = waiting.pop()
        found = next(iter(Distribution.discover(name=package, path=folders)), None)
        if package in seen or found is None:
            continue
        seen.add(package)
        needed = (text for text in found.requires or () if ";" not in text)  # what every computer needs
        waiting += [re.match(r"[\w.-]+", text)[0] for text in needed]
        names |= _top_names(found)
    return sorted(names)


def _top_names(distribution):
    """What a package puts beside others, but for the facts about it."""
    record = distribution.read_text("RECORD") or distribution.read_text("top_level.txt") or ""
    names = {line.split("/")[0].split(",")[0] for line in record.splitlines()}
    return {name for name in names if name[:1].isalpha() and not name.endswith((".dist-info", ".egg-info", ".pth"))}


class Shelf(importlib.abc.MetaPathFinder):
    """Finds modules by their place: in the sandbox files can be read, but the folders that hold them not listed.

    Args:
        paths: files and folders that may be read.
    """

    def __init__(self, paths):
        self.files = {}
        for path in paths:
            name, suffix = os.path.splitext(os.path.basename(path))
            start = os.path.join(path, "__init__.py")
            if suffix == ".py":
                self.files[name] = path
            elif not suffix and os.path.isfile(start):
                self.files[name] = start

    def find_spec(self, name, path=None, target=None):
        """The place of a module at the top, ``None`` for all others."""
        file = self.files.get(name)
        return importlib.util.spec_from_file_location(name, file) if file else None
