"""How many updates a batch size needs, and what the linear scaling rule makes of it."""

import numpy as np

from course_lib.chapters.ch12_scaling_out.experiments.batch_sizes import fit_asymptotes
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend


def critical_figure(found):
    """Return ``(figure, alt)`` of the stored ``batch_sizes``: updates to the target, its asymptotes, and best rates."""
    figure, (left, right) = new_figure(11, 4.4, ncols=2)
    sizes, steps = np.array(found["sizes"]), np.array(found["steps"])
    fit = fit_asymptotes(sizes, steps.mean(axis=1))
    style, other = line_style(0), line_style(1)
    for ax, data, about in ((left, steps, "updates"), (right, steps * sizes[:, None], "samples seen")):
        ax.errorbar(
            sizes,
            data.mean(axis=1),
            2 * data.std(axis=1) / np.sqrt(data.shape[1]),
            fmt=style.marker,
            ms=8,
            color=style.color,
            capsize=3,
            label="measured, mean of 10 seeds",
        )
        factor = sizes if about != "updates" else 1
        ax.plot(sizes, factor * fit.steps(sizes), "-", color=style.color, lw=1.5, label="fitted curve")
        ax.plot(
            sizes, factor * np.full(len(sizes), fit.fewest), "--", color=other.color, lw=1.5, label="an infinite batch"
        )
        ax.plot(
            sizes,
            factor * fit.fewest * fit.critical / sizes,
            ":",
            color="#009E73",
            lw=2,
            label="half as many for twice the batch",
        )
        ax.axvline(fit.critical, color="black", lw=1, label="critical batch size")
        ax.set(xscale="log", yscale="log", xlabel="batch size", ylabel=about, ylim=(0.6 * data.min(), 2 * data.max()))
    left.set_title("Updates to the target")
    right.set_title("Samples seen on the way")
    outside_legend(figure, left)
    means = steps.mean(axis=1)
    return figure, (
        f"Batches of {sizes[0]} need {means[0]:.0f} updates, of {sizes[-1]} {means[-1]:.0f}. The asymptotes, one "
        f"update for every sample fewer and {fit.fewest:.0f} updates whatever the batch, meet at the critical batch "
        f"size {fit.critical:.0f}; there twice the fewest updates and twice the fewest samples are needed."
    )


def scaling_figure(found, own):
    """Return ``(figure, alt)`` of the stored ``linear_scaling``, beside the best rate of each batch size in ``own``."""
    figure, ax = new_figure(9, 4.4)
    sizes = found["base"] * np.array(found["factors"])
    best = dict(zip(own["sizes"], np.mean(own["steps"], axis=1), strict=True))
    tuned = np.array([size for size in sizes if size in best])
    rows = (
        ("its own best rate", tuned, [best[size] for size in tuned]),
        ("rate times k at once", sizes, _arrived(found["at once"])),
        ("rate times k after a warm-up", sizes, _arrived(found["warm-up"])),
    )
    for index, (label, x, y) in enumerate(rows):
        style = line_style(index)
        ax.plot(x, y, style.dashes, color=style.color, marker=style.marker, ms=9, label=label)
    ax.plot(sizes, best[sizes[0]] * sizes[0] / sizes, "-", color="black", lw=0.8, label="k times fewer updates")
    ax.set(
        xscale="log",
        yscale="log",
        xlabel="batch size",
        ylabel="updates",
        title="The linear scaling rule",
    )
    outside_legend(figure, ax)
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.minorticks_off()
    outside_legend(figure, ax)
    arrived = {way: np.isfinite(np.array(found[way], dtype=float)).sum(axis=1) for way in ("at once", "warm-up")}
    part = int(np.flatnonzero(arrived["at once"] < len(found["at once"][0]))[0])
    return figure, (
        f"From a batch of {sizes[0]} at rate {found['rate']:.2g}: with k times the rate all runs arrive up to a batch "
        f"of {sizes[part - 1]}, in {_arrived(found['at once'])[part - 1]:.0f} updates there; at {sizes[part]} "
        f"{arrived['at once'][part]} of {len(found['at once'][0])} do, and {arrived['warm-up'][part]} after a "
        f"warm-up (drawn is where all arrive). At its own best rate a batch of {tuned[-1]} needs "
        f"{best[tuned[-1]]:.0f} updates."
    )


def _arrived(rows):
    """Mean steps of each row, nan where a seed did not arrive."""
    return np.array([np.mean([np.nan if step is None else step for step in row]) for row in rows], dtype=float)
