"""Quiz questions: every wrong option says why it tempts."""

from html import escape
from zlib import crc32

import traitlets

from course_lib import progress
from course_lib.settings.language import tr
from course_lib.widgets.question import Question


class Quiz(Question):
    """A question with one right option; made by ``quiz``.

    Attributes:
        reasons: for every option, why it is right or why it tempts.
        right: number of the right option.
    """

    reasons = traitlets.List(traitlets.Unicode()).tag(sync=True)
    right = traitlets.Int().tag(sync=True)

    @traitlets.observe("chosen")
    def _remember(self, change):
        if change["new"] >= 0:
            progress.record("quiz", self.id, change["new"] == self.right)

    def page(self):
        """The question, with the answers folded away."""
        rows = "".join(
            f"<li><strong>{'✓' if index == self.right else '✗'} {escape(option)}</strong>: {escape(reason)}</li>"
            for index, (option, reason) in enumerate(zip(self.options, self.reasons, strict=True))
        )
        return f"{super().page()}<details><summary>{escape(tr('Answers'))}</summary><ul>{rows}</ul></details>"


def quiz(id, question, right, wrong):
    """A quiz question, answered in the notebook and remembered in the learner's progress.

    Args:
        id: unique in the course: ``"03-q1"``.
        question: one sentence.
        right: ``(option, why it is right)``.
        wrong: a list of ``(option, why it tempts and where it fails)``.

    The options stand in an order that depends on their texts only.
    """
    pairs = [right, *wrong]
    if not wrong or not all(len(pair) == 2 and all(isinstance(text, str) for text in pair) for pair in pairs):
        raise ValueError(
            f"quiz {id!r} needs right=(option, reason) and wrong=[(option, reason), ...], all of them text."
        )
    if len({option for option, _ in pairs}) < len(pairs):
        raise ValueError(f"quiz {id!r} has the same option twice.")
    pairs.sort(key=lambda pair: crc32(pair[0].encode()))
    options, reasons = zip(*pairs, strict=True)
    index = options.index(right[0])
    return Quiz(id, kind="quiz", question=question, options=list(options), reasons=list(reasons), right=index)
