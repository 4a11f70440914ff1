"""Pictures of training: curves, gradient norms, images that a network gets wrong, range tests, searches, throughput."""

import numpy as np
from matplotlib.ticker import LogLocator

from course_lib.chapters.ch10_cnn_training.experiments.throughput import fit_step_time
from course_lib.chapters.ch10_cnn_training.experiments.training import evaluating
from course_lib.devices import require_torch
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend

RIGHT, WRONG = "#009E73", "#D55E00"
COLUMNS = 6  # of small images, each with its title


def guesses(network, images, only_wrong=False):
    """``(indices, guessed labels, probabilities)`` of validation images, the surest first; perhaps the wrong ones only.

    Whoever looks at mistakes and changes the network chooses by them: the test images are not for looking at.
    """
    torch = require_torch()
    device = next(network.parameters()).device
    with evaluating(network), torch.inference_mode():
        shares = network(torch.as_tensor(images.validation.x, device=device)).float().softmax(dim=1).cpu().numpy()
    guessed, surest = shares.argmax(axis=1), shares.max(axis=1)
    chosen = np.flatnonzero(guessed != images.validation.y) if only_wrong else np.arange(len(guessed))
    chosen = chosen[np.argsort(-surest[chosen], kind="stable")]
    return chosen, guessed[chosen], surest[chosen]


def picture(image):
    """What imshow takes, from 0 to 1, of a standardised image ``(channels, height, width)``."""
    low, high = image.min(), image.max()
    scaled = (image - low) / (high - low if high > low else 1.0)
    return scaled[0] if len(scaled) == 1 else np.moveaxis(scaled, 0, -1)


def draw_guess(ax, image, label, guessed, share=None):
    """One image with what it is and what it was taken for."""
    ax.imshow(picture(image), cmap="gray_r", interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    right = label == guessed
    text = f"{guessed}" if right else f"{label}, read {guessed}"
    ax.set_title(text if share is None else f"{text}\n{share:.0%}", fontsize=13, color=RIGHT if right else WRONG)
    for spine in ax.spines.values():
        spine.set(visible=True, color=RIGHT if right else WRONG, linewidth=2)


def guesses_figure(network, images, count=12, title="The surest guesses", only_wrong=False):
    """Return ``(figure, alt)``: the first ``count`` validation images or wrong guesses, and how they are read."""
    chosen, guessed, _ = guesses(network, images, only_wrong)
    if not only_wrong:
        order = np.argsort(chosen)[:count]
        chosen, guessed = chosen[order], guessed[order]
    rows = -(-count // COLUMNS)
    figure, axes = new_figure(11, 2.0 * rows + 0.6, ncols=COLUMNS, nrows=rows, squeeze=False)
    for ax in axes.ravel():
        ax.set_axis_off()
    for ax, index, guess in zip(axes.ravel(), chosen, guessed, strict=False):
        ax.set_axis_on()
        draw_guess(ax, images.validation.x[index], images.validation.y[index], guess)
    figure.suptitle(title, x=0.01, ha="left", fontsize=14)
    wrong = "the validation images that it gets wrong, the surest first"
    kind = wrong if only_wrong else f"the first {count} validation images"
    return figure, f"{title}: {kind}, each with what it is and what it was read as."


def history_figure(histories, title, finding):
    """Return ``(figure, alt)``: training loss (log scale) and validation accuracy of runs, ``{label: History}``."""
    figure, (left, right) = new_figure(10.5, 3.9, ncols=2)
    for index, (label, history) in enumerate(histories.items()):
        style, t = line_style(index), np.arange(1, len(history.epochs) + 1)
        left.semilogy(
            t, history.curve("train", "loss"), style.dashes, color=style.color, marker=style.marker, label=label
        )
        right.plot(
            t,
            np.array(history.curve("validation", "accuracy")) * 100,
            style.dashes,
            color=style.color,
            marker=style.marker,
        )
    left.set(title=title, xlabel="epoch", ylabel="training loss")
    right.set(xlabel="epoch", ylabel="validation accuracy, %")
    outside_legend(figure, left)
    return figure, f"{title}, training loss and validation accuracy by epoch of {', '.join(histories)}: {finding}."


def range_figure(tests, finding, title="Learning-rate range test"):
    """Return ``(figure, alt)``: loss against learning rate, of ``{label: RangeTest}``.

    Marked are the lowest place of the smoothed loss and the steepest one on the way there.
    """
    figure, axes = new_figure(10.5, 3.9, ncols=len(tests), sharey=True, squeeze=False)
    for index, (ax, (label, test)) in enumerate(zip(axes[0], tests.items(), strict=True)):
        style, finite = line_style(index), np.isfinite(test.losses)
        ax.semilogx(test.learning_rates, test.losses, ".", color="#8892A0", ms=5, label="loss of a batch")
        ax.semilogx(test.learning_rates[finite], test.smooth, "-", color=style.color, label="mean of 7 neighbours")
        ax.axvline(test.best, color="black", ls="--", lw=1.4, label="steepest before the lowest")
        ax.plot(
            test.learning_rates[np.argmin(test.smooth)], test.smooth.min(), "v", color="black", ms=9, label="lowest"
        )
        ax.set(title=label, xlabel="learning rate", ylim=(0, 3.5))
    axes[0][0].set_ylabel("loss")
    outside_legend(figure, axes[0][0])
    return figure, f"{title}, loss against learning rate, of {', '.join(tests)}: {finding}."


def search_figure(trials, searched=("learning_rate", "weight_decay")):
    """Return ``(figure, alt)``: where the trials of each search lie, and accuracy against the first axis alone.

    ``trials``: ``{label: list of Trial}``.
    """
    figure, axes = new_figure(10.5, 4.4, ncols=2, nrows=2, height_ratios=(1, 1.6), sharex=True, sharey="row")
    said = []
    for index, (column, (label, found)) in enumerate(zip(axes.T, trials.items(), strict=True)):
        style = line_style(index)
        x, y = (np.array([trial.values[name] for trial in found]) for name in searched)
        accuracy = np.array([trial.accuracy for trial in found]) * 100
        top, bottom = column
        top.semilogx(x, accuracy, style.marker, color=style.color, mec="black", ms=8)
        bottom.loglog(x, y, style.marker, color=style.color, mec="black", ms=8)
        for value in x:
            bottom.axvline(value, color=style.color, lw=1, alpha=0.4)
        top.set_title(
            f"{label}: {len(found)} trials, {len(np.unique(np.round(np.log10(x), 6)))} learning rates", fontsize=13
        )
        bottom.set_xlabel("learning rate")
        said.append(f"{label} tries {len(np.unique(np.round(np.log10(x), 6)))} learning rates in {len(found)} trials")
    axes[0][0].set_ylabel("accuracy, %")
    axes[1][0].set_ylabel("weight decay")
    return figure, f"{'; '.join(said)}; the accuracy depends on the learning rate, hardly on the weight decay."


def throughput_figure(table, title):
    """Return ``(figure, alt)``: images a second against batch size, and the fitted t(m) = fixed + per image * m.

    ``table``: ``{precision: {batch_size: images a second}}``.
    """
    figure, ax = new_figure(9, 3.9)
    for index, (precision, rates) in enumerate(table.items()):
        style, sizes = line_style(index), np.array([size for size, rate in rates.items() if rate])
        values = np.array([rates[int(size)] for size in sizes])
        fixed, per_image = fit_step_time(sizes, values)
        m = np.geomspace(sizes[0], sizes[-1], 60)
        ax.loglog(sizes, values, style.marker, color=style.color, mec="black", ms=8, label=precision)
        ax.loglog(
            m,
            m / np.maximum(fixed + per_image * m, 1e-12),
            style.dashes,
            color=style.color,
            lw=1.4,
            label=f"{precision}, fitted",
        )
    ax.set(title=title, xlabel="batch size", ylabel="images a second")
    ax.set_xticks(sizes, labels=[str(size) for size in sizes])
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter("{x:,.0f}")
    ax.minorticks_off()
    outside_legend(figure, ax)
    grows = all(rates[max(rates)] > rates[min(rates)] for rates in table.values())
    beats = "beats" if grows else "does not beat"
    return figure, f"{title}: images a second against batch size; the largest batch {beats} a single image."
