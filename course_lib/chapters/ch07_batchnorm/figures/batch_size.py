"""Three normalisers trained with one batch size: what the batch-size race draws."""

import numpy as np

from course_lib.figures.methods import styles_of

RACED = ("batch norm", "group norm", "layer norm")
WINDOW = 15  # steps over which losses are averaged


def smooth(losses):
    """Mean of the last 15 losses at every step, ``(num_steps,)``."""
    sums = np.concatenate([[0.0], np.cumsum(losses)])
    ends = np.arange(1, len(losses) + 1)
    starts = np.maximum(ends - WINDOW, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def draw_race(axes, num_steps):
    """Axes and empty artists ``{norm: (loss line, accuracy line)}``."""
    loss_ax, accuracy_ax = axes
    loss_ax.set(xlim=(0, num_steps), ylim=(0, 3.0), xlabel="step", ylabel="training loss")
    accuracy_ax.set(xlim=(0, num_steps), ylim=(0, 1), xlabel="step", ylabel="test accuracy, inference mode")
    loss_ax.axhline(np.log(10), color="#777777", lw=1.2, ls=":", label="guessing")
    accuracy_ax.axhline(0.1, color="#777777", lw=1.2, ls=":")
    artists = {}
    for norm, style in styles_of(RACED).items():
        artists[norm] = (
            loss_ax.plot([], [], style.dashes, color=style.color, lw=2.6, label=norm)[0],
            accuracy_ax.plot([], [], style.dashes, color=style.color, marker=style.marker, ms=6, lw=2.2)[0],
        )
    return artists


def move_race(artists, curves):
    """Show ``{norm: (losses, steps, accuracies)}``; what is missing is empty."""
    for norm, (loss_line, accuracy_line) in artists.items():
        losses, steps, accuracies = curves.get(norm, ((), (), ()))
        shown = np.minimum(np.nan_to_num(smooth(np.asarray(losses, dtype=float)), nan=99.0), 99.0)
        loss_line.set_data(np.arange(1, len(shown) + 1), shown)
        accuracy_line.set_data(steps, accuracies)


def race_text(curves, batch_size, learning_rate):
    """The finding in words."""
    begun = {norm: curve for norm, curve in curves.items() if len(curve[2])}
    if not begun:
        return f"Batch size {batch_size}, learning rate {learning_rate:g}: the nets are being trained."
    steps = max(len(curve[0]) for curve in begun.values())
    said = ", ".join(f"{norm} {accuracies[-1]:.0%}" for norm, (_, _, accuracies) in begun.items())
    alone = (
        " A batch of one leaves batch norm nothing: every feature is standardised to zero." if batch_size == 1 else ""
    )
    return (
        f"After {steps} steps with batch size {batch_size} and learning rate {learning_rate:g}, test digits read "
        f"right: {said}.{alone}"
    )
