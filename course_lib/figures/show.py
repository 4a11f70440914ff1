"""Put a figure into a notebook: the picture, and its alt text as the caption beneath it."""

from base64 import b64encode
from html import escape
from io import BytesIO
from textwrap import fill

PARAGRAPH = "max-width:900px;margin:4px 0 10px;font-size:1.05em;line-height:1.45"  # of what is read beneath a picture


def png(figure):
    """PNG bytes of ``figure``, without the version number that Matplotlib would write into them."""
    stream = BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def caption(text, *more):
    """``(data, metadata)`` of an output that says what the picture before it shows; ``more`` are further tags.

    The text stands in the page's own type. Its plain form, for readers without HTML, is broken at 110 characters.
    """
    data = {"text/html": f'<p style="{PARAGRAPH}">{escape(text)}</p>', "text/plain": fill(text, 110)}
    return data, {"tags": ["caption", *more]}


def picture(figure, alt):
    """``(data, metadata)`` of an output with the picture; the alt text stands where Jupyter's programs look for it.

    JupyterLab shows a PNG without its alt text, but prefers HTML, which has it; what is stored goes without that copy.
    """
    image = png(figure)
    data = {"image/png": image, "text/html": _tag(image, alt), "text/plain": alt}
    return data, {"image/png": {"alt": alt}, "alt": alt}


def _tag(image, alt):
    return f'<img alt="{escape(alt)}" style="max-width:100%" src="data:image/png;base64,{b64encode(image).decode()}">'


def show(figure_and_alt):
    """Display what a ``*_figure`` function returned, with its caption; a test can compare the caption's numbers."""
    from IPython.display import display

    figure, alt = figure_and_alt
    for data, metadata in (picture(figure, alt), caption(alt)):
        display(data, metadata=metadata, raw=True)
