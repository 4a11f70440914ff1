"""Predictions: written down before the cell is run."""

import traitlets

from course_lib import progress
from course_lib.widgets.question import Question


class Prediction(Question):
    """A prediction; made by ``predict``.

    Attributes:
        answer: what the learner wrote down, "" before.
    """

    answer = traitlets.Unicode().tag(sync=True)

    @traitlets.observe("answer")
    def _remember(self, change):
        if change["new"] and change["new"] != progress.facts("predict", self.id).get("answer"):
            progress.record("predict", self.id, True, answer=change["new"])

    def text(self):
        """The question, marked as a prediction."""
        return f"Predict: {super().text()}"


def predict(id, question, options=()):
    """Ask for a prediction before the next cell is run; what is written down is kept in the learner's progress.

    Args:
        id: unique in the course: ``"03-p1"``.
        question: one sentence that can be answered from the equation.
        options: texts to choose from; none for a free answer.

    A learner who comes back sees what they wrote before.
    """
    if isinstance(options, str) or not all(isinstance(option, str) for option in options):
        raise ValueError(f"predict {id!r} needs options=[text, ...], but got {options!r}.")
    before = progress.facts("predict", id).get("answer", "")
    if not isinstance(before, str) or (options and before not in options):
        before = ""
    values = {"question": question, "options": list(options), "answer": before}
    return Prediction(id, kind="predict", **values, chosen=list(options).index(before) if before and options else -1)
