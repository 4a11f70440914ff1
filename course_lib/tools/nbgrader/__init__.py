"""The course in an nbgrader shop: its assignments and gradebook, with verdicts from our sandbox.

``course nbgrader FOLDER`` lays a course out (``layout``); its ``nbgrader_config.py`` calls ``configure``, and from then
on nbgrader's own commands do the work. ``mending`` repairs what was handed in, ``plugin`` holds two preprocessors.

nbgrader is an extra and is imported by ``plugin`` only.
"""


def configure(config, root):
    """Set nbgrader up for the course.

    Args:
        config: traitlets' ``Config`` (``get_config()`` in ``nbgrader_config.py``).
        root: folder of the nbgrader course.
    """
    from course_lib.tools.nbgrader.plugin import configure

    configure(config, root)


__all__ = ["configure"]
