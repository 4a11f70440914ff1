"""The learner's progress as a map of the course, for the first notebook."""

import asyncio

from course_lib import progress

SECONDS = 2.0  # between two looks at the file


class ProgressMap:
    """Chapters with names, links and bars, and where to go on; shown by Jupyter.

    It follows the file in which progress is kept: what is checked in another notebook shows here within seconds,
    without running the cell again. What is shown is HTML, so a saved notebook keeps the last picture of it.
    """

    def __repr__(self):
        return "Your progress: run this cell in JupyterLab to see it."

    def _repr_html_(self):
        return progress.table()

    def _ipython_display_(self):
        from IPython.display import display

        handle = display(self._data(), raw=True, display_id=True)
        try:
            self._watcher = asyncio.get_running_loop().create_task(self._follow(handle))
        except RuntimeError:  # no loop: a plain Python, where nothing could be shown later
            self._watcher = None

    def _data(self):
        return {"text/plain": repr(self), "text/html": self._repr_html_()}

    async def _follow(self, handle):
        """Show the map anew whenever the file has changed, until the kernel ends."""
        shown = _age()
        while True:
            await asyncio.sleep(SECONDS)
            if (age := _age()) != shown:
                shown = age
                handle.update(self._data(), raw=True)


def _age():
    """Something that differs after the progress file has changed."""
    try:
        about = progress.path().stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino


def progress_strip():
    """Which predictions, exercises and quiz questions are done, chapter by chapter, and where to go on."""
    return ProgressMap()
