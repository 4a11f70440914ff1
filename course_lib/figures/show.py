"""Put a figure into a notebook: the picture, and its alt text as the caption beneath it."""

from io import BytesIO
from textwrap import fill


def png(figure):
    """PNG bytes of ``figure``, without the version number that Matplotlib would write into them."""
    stream = BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def show(figure_and_alt):
    """Display what a ``*_figure`` function returned; the caption is printed, so a test can compare its numbers."""
    from IPython.display import display

    figure, alt = figure_and_alt
    display({"image/png": png(figure), "text/plain": alt}, metadata={"image/png": {"alt": alt}}, raw=True)
    print(fill(alt, 110))
