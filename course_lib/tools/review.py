"""Ask again, in the terminal, what was predicted wrong."""

from textwrap import fill

from course_lib import progress


def review(everything=False, ask=input, say=print):
    """Ask every question that is due, one after the other.

    Args:
        everything: also those that are not due yet.
        ask, say: how a line is read and written.

    Returns:
        0. An empty line leaves a question for the next time; the end of the input ends the review.
    """
    questions = progress.due(now=float("inf")) if everything else progress.due()
    if not questions:
        say(nothing_due())
        return 0
    try:
        right = [_one(number, len(questions), question, ask, say) for number, question in enumerate(questions, start=1)]
    except EOFError:
        say("\nThe rest waits for the next time.")
        return 0
    say(f"{sum(right)} of {len(right)} right. {nothing_due()}")
    return 0


def nothing_due():
    """When the next question comes back."""
    days = progress.when_next()
    if days is None:
        return "No prediction waits to come back."
    if days == 0:
        return "What was left out is still due."
    return f"The next one comes back in {'a day' if days <= 1.5 else f'{days:.0f} days'}."


def _one(number, total, question, ask, say):
    """Ask one question; returns whether it was answered, and right."""
    options = list(question.options)
    say(f"[{number}/{total}] {fill(question.question, 100)}")
    for place, option in enumerate(options, start=1):
        say(f"  {place}  {option}")
    answer = _chosen(len(options), ask, say)
    if answer is None:
        say("  left for the next time\n")
        return False
    option = options[answer - 1]
    right = progress.reviewed(question, option)
    say(f"  {'✓ Right' if right else '✗ Not quite'}. {question.options[option]}")
    if not right:
        say(f"  Right is: {question.right}. {question.options[question.right]}")
    say("")
    return right


def _chosen(most, ask, say):
    """The number of an option, ``None`` for an empty line."""
    while text := ask(f"1 to {most}, or nothing to leave it: ").strip():
        if text.isdecimal() and 1 <= int(text) <= most:
            return int(text)
        say(f"  {text!r} is no number from 1 to {most}.")
    return None
