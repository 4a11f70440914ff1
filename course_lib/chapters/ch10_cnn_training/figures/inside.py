"""Pictures from inside a network: filters before and after, feature maps, and the evidence behind a wrong reading."""

import numpy as np
from matplotlib.patches import Rectangle

from course_lib.chapters.ch10_cnn_training.experiments.inside import evidence, feature_maps, filters
from course_lib.chapters.ch10_cnn_training.figures.training import WRONG, guesses, picture
from course_lib.devices import require_torch
from course_lib.figures.style import new_figure

MOST = 8  # filters or maps in a row
SIGNS = "PuOr_r"  # orange: above 0


def _shown(ax, values, **look):
    ax.imshow(values, interpolation="nearest", **look)
    ax.set(xticks=[], yticks=[])


def filters_figure(before, after, layer="conv 1"):
    """Return ``(figure, alt)``: the first filters of a layer of two networks, one row each, on one scale.

    Filters of three channels are shown in colour (grey is 0), of other numbers of channels as their mean.
    """
    rows = {"at the start": filters(before, layer), "trained": filters(after, layer)}
    count, scale = min(MOST, len(rows["trained"])), max(np.abs(values).max() for values in rows.values())
    figure, axes = new_figure(11, 3.6, nrows=2, ncols=count, squeeze=False)
    for row, (title, values) in zip(axes, rows.items(), strict=True):
        for ax, kernel in zip(row, values, strict=False):
            if len(kernel) == 3:
                _shown(ax, np.moveaxis(0.5 + 0.5 * kernel / scale, 0, -1))
            else:
                _shown(ax, kernel.mean(axis=0), cmap=SIGNS, vmin=-scale, vmax=scale)
        row[0].set_ylabel(title)
    names = ("at the start", "trained")
    moved = np.linalg.norm(rows["trained"] - rows["at the start"]) / np.linalg.norm(rows["at the start"])
    return figure, (
        f"The first {count} filters of {layer}, {' and '.join(names)}: training has moved them by "
        f"{'more' if moved > 0.1 else 'less'} than 10 % of their norm."
    )


def changed_figure(images, changes, count=MOST, index=0):
    """Return ``(figure, alt)``: one training image as it is and, row by row, as ``{name: transform}`` change it."""
    torch, image = require_torch(), images.train.x[index]
    figure, axes = new_figure(11, 1.4 + 1.5 * len(changes), nrows=len(changes), ncols=count, squeeze=False)
    for row, (name, transform) in zip(axes, changes.items(), strict=True):
        copies = torch.as_tensor(image).repeat(count - 1, 1, 1, 1)
        drawn = transform(copies, torch.Generator().manual_seed(0)).numpy()
        for ax, values in zip(row, [image, *drawn], strict=True):
            _shown(ax, picture(values), cmap="gray_r")
        row[0].set_ylabel(name)
    axes[0][0].set_title("as it is", fontsize=13)
    return figure, f"One image as it is, and {count - 1} draws each of {' and '.join(changes)}."


def maps_figure(network, image, label):
    """Return ``(figure, alt)``: one image and the first maps of the first two convolutions, each on its own scale."""
    found = dict(list(feature_maps(network, image).items())[:2])
    figure, axes = new_figure(11, 3.6, nrows=2, ncols=MOST + 1)
    for ax in axes.ravel():
        ax.set_axis_off()
    axes[0][0].set_axis_on()
    _shown(axes[0][0], picture(image), cmap="gray_r")
    axes[0][0].set_title(f"a {label}", fontsize=13)
    for row, (name, maps) in zip(axes, found.items(), strict=True):
        for ax, values in zip(row[1:], maps, strict=False):
            ax.set_axis_on()
            most = max(np.abs(values).max(), 1e-9)
            _shown(ax, values, cmap=SIGNS, vmin=-most, vmax=most)
        row[1].set_ylabel(name)
    sizes = " and ".join(f"{len(maps)} of {maps.shape[1]} x {maps.shape[2]} in {name}" for name, maps in found.items())
    return figure, f"A {label} and its feature maps, {sizes}: orange above 0, violet below."


def evidence_figure(network, images, names=None, count=5, side=5):
    """Return ``(figure, alt)``: the surest wrong readings of validation images, and which part spoke for them.

    Framed is the square without which the wrong reading would lose most.
    """
    chosen, guessed, _ = guesses(network, images, only_wrong=True)
    figure, axes = new_figure(11, 5.2, nrows=2, ncols=count)
    for ax in axes.ravel():
        ax.set_axis_off()
    turned = 0
    for column, index, read in zip(axes.T, chosen, guessed, strict=False):
        image, label = images.validation.x[index], int(images.validation.y[index])
        lead, found = evidence(network, image, read, label, side)
        turned += found.max() > lead
        row, place = np.unravel_index(np.argmax(found), found.shape)
        for ax in column:
            ax.set_axis_on()
        _shown(column[0], picture(image), cmap="gray_r")
        column[0].add_patch(Rectangle((place - 0.5, row - 0.5), side, side, fill=False, ec=WRONG, lw=2.5))
        words = (label, read) if names is None else (names[label], names[read])
        column[0].set_title(f"{words[0]},\nread {words[1]}", color=WRONG, fontsize=13)
        most = max(np.abs(found).max(), 1e-9)
        _shown(column[1], found, cmap=SIGNS, vmin=-most, vmax=most)
    axes[1][0].set_ylabel("evidence for the\nwrong reading")
    shown = min(count, len(chosen))
    return figure, (
        f"The {shown} surest wrong readings and, below, what speaks for them (orange) and against (violet); covering "
        f"the framed {side} x {side} pixels makes the right class overtake the wrong one in "
        f"{'most' if turned > shown / 2 else 'at most half'} of them."
    )
