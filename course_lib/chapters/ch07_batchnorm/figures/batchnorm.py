"""Still pictures of chapter 7: features before and after, the axes over which the normalisers run."""

import numpy as np
from matplotlib.patches import Rectangle

from course_lib.chapters.ch07_batchnorm.figures.batch_size import smooth
from course_lib.figures.methods import styles_of
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend

NAMES = {"none": "no normaliser"}


def features_figure(x, y):
    """Return ``(figure, alt)``: histograms of the features ``x (batch, features)`` before and ``y`` after."""
    figure, axes = new_figure(9.5, 3.4, ncols=2)
    for ax, values, title in zip(axes, (x, y), ("before", "after"), strict=True):
        edges = np.linspace(np.min(values), np.max(values) + 1e-9, 61)
        for index, feature in enumerate(np.transpose(values)):
            style = line_style(index)
            counts, _ = np.histogram(feature, edges)
            ax.stairs(counts, edges, color=style.color, ls=style.dashes, lw=2, fill=False, label=f"feature {index + 1}")
        ax.set(title=title, xlabel="value", yticks=[])
    outside_legend(figure, axes[0])
    said = "; ".join(
        f"feature {index + 1} from mean {before.mean():.2f}, standard deviation {before.std():.2f} "
        f"to {_signed(after.mean())}, {after.std():.2f}"
        for index, (before, after) in enumerate(zip(x.T, y.T, strict=True))
    )
    return figure, f"Histograms before and after: {said}."


def _signed(value):
    return f"{value + 0.0:.2f}" if abs(value) >= 0.005 else "0.00"


SAMPLES, CHANNELS = 4, 6
NORMALISERS = (
    ("batch norm", lambda sample, channel: channel),
    ("layer norm", lambda sample, channel: sample),
    ("group norm, 2 groups", lambda sample, channel: 2 * sample + channel // 3),
    ("instance norm", lambda sample, channel: CHANNELS * sample + channel),
)


def axes_figure():
    """Return ``(figure, alt)``: which entries share one mean and one variance, for four normalisers.

    A square is all pixels of one channel of one sample; squares with one number are standardised together.
    """
    figure, axes = new_figure(11, 2.6, ncols=4)
    counts = []
    for ax, (name, group) in zip(axes, NORMALISERS, strict=True):
        numbers = np.array([[group(n, c) for c in range(CHANNELS)] for n in range(SAMPLES)])
        counts.append(f"{name} {numbers.max() + 1} of {np.sum(numbers == 0)} squares each")
        for (sample, channel), number in np.ndenumerate(numbers):
            style = line_style(int(number))
            first = number == 0
            ax.add_patch(
                Rectangle((channel, sample), 1, 1, fc=style.color, alpha=1.0 if first else 0.32, ec="white", lw=2)
            )
            ax.text(
                channel + 0.5,
                sample + 0.5,
                str(number + 1),
                ha="center",
                va="center",
                fontsize=12,
                color="white" if first else "black",
                fontweight="bold" if first else "normal",
            )
        ax.set(
            xlim=(0, CHANNELS), ylim=(SAMPLES, 0), xticks=[], yticks=[], title=name, xlabel="channel", aspect="equal"
        )
        ax.title.set_fontsize(14)
        ax.spines[:].set_visible(False)
    axes[0].set_ylabel("sample")
    return figure, (
        f"{SAMPLES} samples with {CHANNELS} channels, one square for all pixels of a channel; what shares a number is "
        f"standardised together. Statistics: {'; '.join(counts)}."
    )


def shift_figure(runs):
    """Return ``(figure, alt)`` of ``{norm: (Training, shifts)}``, as ``shift_run`` returns them: loss and shift.

    Shifts are those of ``input_statistics``, (7.13), at every third step.
    """
    figure, (loss_ax, shift_ax) = new_figure(10, 3.9, ncols=2)
    said = []
    for norm, (training, shifts) in runs.items():
        label = NAMES.get(norm, norm)
        style = styles_of([label])[label]
        loss_ax.plot(smooth(training.losses), style.dashes, color=style.color, label=label)
        steps = np.linspace(0, len(training.losses), len(shifts), endpoint=False)
        shift_ax.semilogy(steps, shifts, style.dashes, color=style.color)
        said.append(f"{label} loss {training.final:.2f}, shift {np.median(shifts):.2g} a step")
    loss_ax.set(title="Loss", xlabel="step", ylim=(0, None))
    shift_ax.set(title="Shift of what activations get", xlabel="step", ylabel="share of their size")
    outside_legend(figure, loss_ax)
    return figure, f"After {len(training.losses)} steps: {'; '.join(said)}."


def growth_figure(norms, rates, predicted):
    """Return ``(figure, alt)``: the squared norm of weights before batch normalisation, and the effective step.

    Args:
        norms: ``(num_steps + 1,)``, squared norms, measured.
        rates: the effective learning rate at each step, ``(num_steps + 1,)``.
        predicted: ``(num_steps + 1,)``, the squared norms by Pythagoras.
    """
    figure, (left, right) = new_figure(10, 3.7, ncols=2)
    style = line_style(0)
    left.plot(norms, "-", color=style.color, lw=5, alpha=0.5, label="measured")
    left.plot(predicted, "--", color="black", lw=1.6, label="theory")
    left.set(title="Squared norm of the weights", xlabel="step")
    right.plot(rates, "-", color=line_style(1).color, lw=2.6)
    right.set(title="Effective learning rate", xlabel="step", ylim=(0, None))
    outside_legend(figure, left)
    return figure, (
        f"Over {len(norms) - 1} steps the squared norm grows from {norms[0]:.2f} to {norms[-1]:.2f} (theory "
        f"{predicted[-1]:.2f}), and the effective learning rate falls from {rates[0]:.3g} to {rates[-1]:.3g}."
    )
