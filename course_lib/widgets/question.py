"""What quiz questions and predictions share: one front end, and a static page where there is none."""

from html import escape

import anywidget
import traitlets

from course_lib.settings.language import ENGLISH, language, later, tr
from course_lib.widgets.live import front_end

WORDS = (  # of question.js and poll.js
    later("✓ Right."),
    later("✗ Not quite."),
    later("Your prediction"),
    later("Write it down"),
    later("Written down: {answer}. Now run the next cell."),
    later("First choose or write an answer: a wrong guess teaches more than none."),
    later("Why the others tempt"),
    later("You predicted nothing. Right is:"),
    later("✓ Your prediction was right:"),
    later("✗ You predicted:"),
    later("Right is:"),
    later("Ask the class"),
    later("Close, and tell"),
    later("Ask again"),
    later("Hide the bars"),
    later("Show the bars"),
    later("QR code of {address}, larger"),
    later("Close"),
    later("{count} answered"),
)


class Question(anywidget.AnyWidget):
    """A question with its options. Subclasses say what an answer means.

    Attributes:
        id: the name under which it is recorded.
        name: the id once more, for the front end, where a prediction and its outcome belong together.
        question, options: texts.
        chosen: number of the option chosen, -1 while there is none.
        words: what the front end itself says, ``{text in question.js: in the language of the course}``.
    """

    _esm = front_end("question.js", "poll.js")
    _css = front_end("question.css")

    _ipython_display_ = None  # of ipywidgets 7 (Colab), which would show the view and no text

    kind = traitlets.Unicode().tag(sync=True)
    name = traitlets.Unicode().tag(sync=True)
    question = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, id, **values):
        self.id = id
        super().__init__(**{"words": {text: tr(text) for text in WORDS} if language() != ENGLISH else {}, **values})

    def text(self):
        """The question as plain text: the same for every learner."""
        return "\n".join([self.question, *(f"( ) {option}" for option in self.options)])

    def page(self):
        """The question as HTML for pages without a front end."""
        options = "".join(f"<li>{escape(option)}</li>" for option in self.options)
        return f"<p><strong>{escape(self.question)}</strong></p>" + (f"<ul>{options}</ul>" if options else "")

    def __repr__(self):
        return self.text()

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**data, "text/plain": self.text(), "text/html": self.page()}, metadata
