"""Predictions: written down before the cell is run, and resolved after the one that shows the result."""

from html import escape

import traitlets

from course_lib import progress
from course_lib.settings.language import tr
from course_lib.widgets import class_poll
from course_lib.widgets.question import Question


class Prediction(Question):
    """A prediction; made by ``predict``.

    Attributes:
        answer: what the learner wrote down, "" before.
    """

    answer = traitlets.Unicode().tag(sync=True)

    def __init__(self, id, **values):
        super().__init__(id, **values)
        self.on_msg(self._poll)

    def _poll(self, _, content, buffers):
        """The front end is there (``{"poll": "look"}``), or somebody pressed a button of the poll beside it."""
        if content.get("poll") == "look":
            class_poll.follow(self)
        elif content.get("poll") in ("ask", "tell"):
            class_poll.press(self.id, content["poll"])

    @traitlets.observe("answer")
    def _remember(self, change):
        if change["new"] and change["new"] != progress.facts("predict", self.id).get("answer"):
            progress.predicted(self.id, change["new"])

    def text(self):
        """The question, marked as a prediction."""
        return tr("Predict: {question}", question=super().text())


class Outcome(Question):
    """What came of a prediction; made by ``resolve``. ``chosen`` is what was predicted, -1 while nothing was.

    Attributes:
        reasons: for every option, why it is right or why it tempts.
        right: number of the right option.
    """

    reasons = traitlets.List(traitlets.Unicode()).tag(sync=True)
    right = traitlets.Int().tag(sync=True)

    def text(self):
        """Which option is right, and why: the same for every learner."""
        told = tr("Prediction resolved: {option}.", option=self.options[self.right])
        return f"{told} {self.reasons[self.right]}"

    def page(self):
        """The right option with its reason; why the others tempt is folded."""
        pairs = list(zip(self.options, self.reasons, strict=True))
        (option, reason) = pairs.pop(self.right)
        rows = "".join(f"<li><strong>{escape(text)}</strong>: {escape(why)}</li>" for text, why in pairs)
        right = tr("Your prediction: right is “{option}”.", option=option)
        return (
            f"<p><strong>{escape(right)}</strong> {escape(reason)}</p>"
            f"<details><summary>{escape(tr('Why the others tempt'))}</summary><ul>{rows}</ul></details>"
        )


_asked: dict[str, progress.Asked] = {}


def predict(id, question, options=(), right=None):
    """Ask for a prediction before the next cell is run; what is written down is kept in the learner's progress.

    Args:
        id: unique in the course: ``"03-p1"``.
        question: one sentence that can be answered from the equation.
        options: ``{option: why it is right, or why it tempts and where it fails}``, in the order in which they are
            shown; a list of texts, or nothing for a free answer, cannot be resolved.
        right: the option that is right.

    A learner who comes back sees what they wrote before. ``resolve(id)``, in the cell after the one that shows the
    result, says whether it was right.
    """
    texts = [*options, *(options.values() if isinstance(options, dict) else ())]
    if isinstance(options, str) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"predict {id!r} needs options={{option: reason, ...}}, but got {options!r}.")
    if isinstance(options, dict) and right not in options:
        raise ValueError(f"predict {id!r} needs right=..., one of {list(options)}, but got {right!r}.")
    _asked.pop(id, None)
    if isinstance(options, dict):
        _asked[id] = progress.Asked(id, "predict", question, options, right)
    before = _written(id, options)
    values = {"question": question, "options": list(options), "answer": before}
    return Prediction(id, kind="predict", name=id, **values, chosen=_place(before, options))


def resolve(id):
    """Say whether the prediction ``id`` was right, and why the other options tempt.

    It is told at once what is predicted later, on the same page: a learner may run all cells first.

    Raises:
        ValueError: there is no prediction with this id that has a right option.
    """
    asked = _asked.get(id) or progress.asked().get(id)
    if asked is None or asked.kind != "predict":
        raise ValueError(f"There is no prediction {id!r} that has a right option: run the cell that asks it.")
    options = list(asked.options)
    before = _written(id, options)
    return Outcome(
        id,
        kind="outcome",
        name=id,
        question=asked.question,
        options=options,
        reasons=list(asked.options.values()),
        right=options.index(asked.right),
        chosen=_place(before, options),
    )


def _written(id, options):
    """What was written down for a prediction, "" where nothing was, or something that is no option any more."""
    before = progress.facts("predict", id).get("answer", "")
    return before if isinstance(before, str) and (not options or before in options) else ""


def _place(before, options):
    return list(options).index(before) if before and options else -1
