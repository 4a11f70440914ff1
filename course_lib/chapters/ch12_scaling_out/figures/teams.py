"""Real processes beside the simulator."""

import numpy as np

from course_lib.chapters.ch12_scaling_out.experiments.speed_up import CALIBRATED, COMPUTING, SERVED, SIZES, speed_ups
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend


def teams_figure(measured, predicted, served):
    """Return ``(figure, alt)``: speed-ups of real teams, asleep, computing and with a server, over the predictions.

    Args:
        measured: ``speed_up.Measured``.
        predicted: seconds a round for ``SIZES``, the team of two calibrated.
        served: predicted seconds between a server's updates for ``SERVED``.
    """
    figure, ax = new_figure(9, 4.4)
    seconds = [team["seconds"] for team in measured.served]
    rows = (
        ("all wait", SIZES, measured.asleep, predicted),
        ("server", SERVED, np.array(SERVED) * seconds, np.array(SERVED) * served),
        ("computing", COMPUTING, measured.computing, None),
    )
    for index, (label, sizes, real, simulated) in enumerate(rows):
        style = line_style(index)
        if simulated is not None:
            ax.plot(sizes, speed_ups(sizes, simulated), style.dashes, color=style.color, label=f"{label}, simulated")
        line = ("", 0) if simulated is not None else (style.dashes, 1.2)
        ax.plot(
            sizes,
            speed_ups(sizes, real),
            line[0],
            lw=line[1],
            marker=style.marker,
            color=style.color,
            ms=10,
            label=f"{label}, measured",
        )
    ax.set(
        xlabel="worker processes",
        ylabel="speed-up over one",
        xticks=SIZES,
        ylim=(0, 4.2),
        title="Real processes and the simulator",
    )
    outside_legend(figure, ax)
    return figure, (
        f"Speed-up of 1 to {max(SIZES)} real processes. Lines are simulated, marks are measured; the network's cost "
        f"was read off {CALIBRATED} processes that wait for each other, all else is predicted. What computes has no "
        "more cores than the machine."
    )
