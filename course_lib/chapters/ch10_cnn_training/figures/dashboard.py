"""The training dashboard's picture: loss, accuracy, gradient norms, and validation images that are read wrongly."""

import numpy as np

from course_lib.chapters.ch10_cnn_training.figures.training import WRONG, picture
from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend

NUM_IMAGES = 10
MOST_LAYERS = 5


def chosen_layers(names):
    """At most five of the layers, the first and the last among them."""
    picks = np.unique(np.linspace(0, len(names) - 1, min(MOST_LAYERS, len(names))).round().astype(int))
    return [names[i] for i in picks]


def draw_dashboard(layers, num_epochs, image_shape):
    """Return ``(figure, artists)``: what stays, and empty artists for what moves.

    Args:
        layers: names of the layers whose gradient norms are shown.
        num_epochs: right end of the curves.
        image_shape: ``(channels, height, width)`` of the images.
    """
    figure, axes = new_figure(11, 6.0, nrows=2, height_ratios=(3, 1))
    for ax in axes:
        ax.remove()
    grid = figure.add_gridspec(2, 1, height_ratios=(3, 1))
    top = grid[0].subgridspec(1, 3)
    loss, accuracy, norms = (figure.add_subplot(top[0, i]) for i in range(3))
    artists = {"train loss": _line(loss, 0, "training"), "validation loss": _line(loss, 1, "validation")}
    artists |= {"train accuracy": _line(accuracy, 0), "validation accuracy": _line(accuracy, 1)}
    for index, name in enumerate(layers):
        artists[name] = _line(norms, index + 2, f"gradient, {name}")
    for ax, title, low, high in ((loss, "loss", 1e-3, 10), (norms, "norm of the gradient", 1e-4, 10)):
        ax.set(yscale="log", ylim=(low, high), title=title)
    accuracy.set(ylim=(0, 102), title="accuracy, %")
    for ax in (loss, accuracy, norms):
        ax.set(xlim=(0.5, num_epochs + 0.5), xlabel="epoch")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(True, axis="y", color="#DDDDDD", lw=0.8)
    outside_legend(figure, loss, norms)
    bottom = grid[1].subgridspec(1, NUM_IMAGES)
    figure.get_layout_engine().set(h_pad=0.16)  # the words above the images stand clear of the axes' own
    for i in range(NUM_IMAGES):
        _image(artists, figure.add_subplot(bottom[0, i]), i, image_shape)
    return figure, artists


def _line(ax, index, label=None):
    style = line_style(index)
    return ax.plot([], [], style.dashes, marker=style.marker, ms=5, color=style.color, label=label)[0]


def _image(artists, ax, i, image_shape):
    """Empty artists for one image and the words above it."""
    ax.set_axis_off()
    channels, height, width = image_shape
    blank = np.ones((height, width) if channels == 1 else (height, width, 3))
    artists[f"image {i}"] = ax.imshow(blank, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest", visible=False)
    artists[f"words {i}"] = ax.text(0.5, 1.03, "", transform=ax.transAxes, ha="center", color=WRONG, fontsize=11)


def move_dashboard(artists, history, wrong, layers):
    """Show the curves of ``history`` (or nothing, for ``None``) and ``wrong``: ``[(image, label, read)]``."""
    epochs = history.epochs if history else ()
    t = np.arange(1, len(epochs) + 1)
    for part in ("train", "validation"):
        scores = [getattr(epoch, part) for epoch in epochs]
        artists[f"{part} loss"].set_data(t, [score.loss for score in scores])
        artists[f"{part} accuracy"].set_data(t, [100 * score.accuracy for score in scores])
    for name in layers:
        artists[name].set_data(t, [epoch.gradient_norms.get(name, np.nan) for epoch in epochs])
    for i in range(NUM_IMAGES):
        shown = i < len(wrong)
        artists[f"image {i}"].set_visible(shown)
        artists[f"words {i}"].set_text("")
        if shown:
            image, label, read = wrong[i]
            artists[f"image {i}"].set_data(picture(image))
            artists[f"words {i}"].set_text(f"{label}, read {read}")
