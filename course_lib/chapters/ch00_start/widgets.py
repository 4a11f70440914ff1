"""The learner's progress as a row of bars, for the first notebook."""

from html import escape

from course_lib import progress


class ProgressStrip:
    """A bar a chapter and kind; shown by Jupyter. Run the cell again to bring it up to date."""

    def __repr__(self):
        return "Your progress: run this cell in JupyterLab to see it."

    def _repr_html_(self):
        rows = "".join(_row(chapter, kinds) for chapter, kinds in progress.counts().items())
        where = "<p><small>Kept on this machine only. <code>python course.py progress</code> says where.</small></p>"
        return f'<table aria-label="Your progress">{rows}</table>{where}'


def _row(chapter, kinds):
    cells = "".join(
        f'<td style="text-align:left"><label>{escape(progress.KINDS[kind])} {done} of {total} '
        f'<progress value="{done}" max="{total}"></progress></label></td>'
        for kind, (done, total) in kinds.items()
    )
    return f'<tr><th scope="row">{escape(chapter)}</th>{cells}</tr>'


def progress_strip():
    """Which predictions, exercises and quiz questions are done."""
    return ProgressStrip()
