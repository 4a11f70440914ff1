"""Rare features: who learns the weight of a word that hardly ever occurs?"""

import numpy as np

from course_lib.chapters.ch05_adaptive.experiments.sparse import METHODS, NUM_FEATURES, NUM_STEPS, frequencies, learned


def sparse_figure(num_seeds=4):
    """Return ``(figure, alt)``: share of each true weight that is learned, by how rare the feature is; and the loss."""
    from course_lib.figures.methods import styles_of  # claims use the runs and draw nothing
    from course_lib.figures.style import new_figure
    from course_lib.figures.surface import outside_legend

    figure, (share_ax, loss_ax) = new_figure(9.5, 4.2, ncols=2, width_ratios=(1.6, 1))
    groups, said = frequencies().reshape(8, 5).mean(axis=1), []
    for index, name in enumerate(METHODS):
        style = styles_of([name])[name]
        runs = [learned(name, seed) for seed in range(num_seeds)]
        share = np.mean([row for row, _ in runs], axis=0).reshape(8, 5).mean(axis=1)
        losses = np.array([loss - learned("SGD", seed)[1] for seed, (_, loss) in enumerate(runs)])
        about = {"color": style.color, "marker": style.marker, "ms": 8, "mec": "black"}
        share_ax.plot(groups, share, style.dashes, label=name, **about)
        loss_ax.errorbar([index], losses.mean(), 2 * losses.std(ddof=1) / np.sqrt(num_seeds), capsize=5, **about)
        said.append(f"{name} {share[-1]:.2f}")
    share_ax.axhline(1, color="#888888", lw=0.8)
    share_ax.set(xscale="log", xlabel="how often the feature is on", ylabel="learned / true weight")
    share_ax.set(title="Weights learned", ylim=(0, 1.25))
    share_ax.invert_xaxis()
    loss_ax.set(title="Loss less than SGD's, same data", xlim=(-0.5, 3.5), xticks=range(4))
    loss_ax.axhline(0, color="#888888", lw=0.8)
    loss_ax.set_xticklabels(METHODS, rotation=20)
    outside_legend(figure, share_ax)
    return figure, (
        f"Share of the true weight that is learned for the 5 rarest of {NUM_FEATURES} features, on in fewer than 1 of "
        f"100 samples, after {NUM_STEPS} steps, learning rates tuned: {', '.join(said)}."
    )
