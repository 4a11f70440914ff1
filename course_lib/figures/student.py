"""Plain pictures for "if it works, look": some lines, or which sample is in which batch."""

import numpy as np

from course_lib.figures.methods import styles_of
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.settings.language import capital, tr


def lines_figure(lines, xlabel, ylabel, log=False, against=""):
    """Return ``(figure, alt)`` of ``{label: (k,)}`` against 0, 1, ...; on a logarithmic axis where ``log``.

    ``against``: what the words call the axis; the first word of its label if left out.
    """
    figure, ax = new_figure(9, 3.6)
    for index, ((label, line), style) in enumerate(zip(lines.items(), styles_of(lines).values(), strict=True)):
        ax.plot(line, style.dashes, color=style.color, lw=4 if index == 0 else 2, label=label)
    positive = any(np.any(np.asarray(line) > 0) for line in lines.values())
    ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log and positive else "linear")
    outside_legend(figure, ax)
    ends = ", ".join(
        tr("{label} from {first} to {last}", label=label, first=f"{line[0]:.3g}", last=f"{line[-1]:.3g}")
        for label, line in lines.items()
    )
    return figure, tr("{y} against the {x}: {ends}.", y=capital(ylabel), x=against or xlabel.split()[0], ends=ends)


def bars_figure(batches, size):
    """Return ``(figure, alt)``: one row a batch, one square for each of ``size`` samples, dark where it is in it."""
    held = np.array([[np.sum(np.asarray(batch) == i) for i in range(size)] for batch in batches])
    figure, ax = new_figure(9, 3.0)
    ax.pcolormesh(np.arange(size + 1), np.arange(len(batches) + 1), held, cmap="Blues", vmin=0, vmax=1.3, ec="#CCCCCC")
    ax.set(xlabel="sample", ylabel="batch", yticks=np.arange(len(batches)) + 0.5)
    ax.set_yticklabels(range(1, len(batches) + 1))
    ax.invert_yaxis()
    times = held.sum(axis=0)
    return figure, (
        f"{len(batches)} batches of {size} samples: each sample comes {times.min()} to {times.max()} times, batches "
        f"hold {held.sum(axis=1).max()} samples, the last one {held[-1].sum()}."
    )
