"""What a loss curve says about the learning rate, and about a bug."""

from course_lib.chapters.ch02_sgd_noise.experiments.loss_curves import NUM_STEPS, loss_curves
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend

HIGHEST = 6.0  # loss that is shown


def loss_curves_figure(seed=0):
    """Return ``(figure, alt)``: the loss of all samples for three learning rates and two bugs."""
    figure, ax = new_figure(9.5, 4.6)
    said = []
    for index, (name, values) in enumerate(loss_curves(seed).items()):
        style = line_style(index)
        seen = values[200] < HIGHEST  # else its markers stand closer, before it leaves
        about = {"marker": style.marker, "markevery": 200 if seen else 40, "color": style.color, "lw": 1.8}
        ax.semilogy(values, style.dashes, label=name, **about)
        said.append(f"{name}: {values[100]:.2f}, {values[-1]:.2f}")
    ax.axhline(0.693, color="#888888", ls=":", lw=1.5, label="a coin: log 2 = 0.693")
    ax.set(xlabel="update", ylabel="loss on all samples", ylim=(0.35, HIGHEST), xlim=(0, NUM_STEPS))
    ax.set_yticks([0.4, 0.7, 1, 2, 4], labels=["0.4", "0.7", "1", "2", "4"])
    ax.minorticks_off()
    outside_legend(figure, ax)
    return figure, f"Loss after 100 and {NUM_STEPS} updates: {'; '.join(said)}."
