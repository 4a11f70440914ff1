"""Chapter 8's live figures: masks, an overfitting net with every remedy, and early stopping to scrub through."""

from typing import ClassVar

import numpy as np
import traitlets

from course_lib.chapters.ch08_dropout.experiments.overfitting import Settings, checked, learn, stops_at
from course_lib.chapters.ch08_dropout.figures.masks import (
    NUM_MASKS,
    draw_masks,
    draw_outputs,
    masks_text,
    move_masks,
    move_outputs,
)
from course_lib.chapters.ch08_dropout.figures.overfitting import (
    draw_losses,
    draw_plane,
    explorer_text,
    move_losses,
    move_plane,
    scrubbed,
    scrubber_text,
)
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.validation import count, fraction, in_range
from course_lib.widgets.background import BackgroundFigure
from course_lib.widgets.controls import Menu, Progress, Slider, log_positions
from course_lib.widgets.live import LiveFigure

FORMS = ("inverted", "as published", "not scaled")


class MaskViewer(LiveFigure):
    """A batch, its masks, and the average over many of them; make it with ``mask_viewer``.

    Attributes:
        drop_rate: probability of being dropped, from 0 to less than 1.
        masks: over how many masks the outputs are averaged, 1 to 500.
        form: one of ``FORMS``: what happens to the scale in training.
    """

    drop_rate = traitlets.Float(0.5).tag(sync=True)
    masks = traitlets.Int(20).tag(sync=True)
    form = traitlets.Unicode("inverted").tag(sync=True)

    def controls(self):
        return (
            Slider("drop_rate", "Drop rate", tuple(n / 100 for n in range(0, 91, 5))),
            Slider("masks", "Masks averaged", (*range(1, 20), *range(20, 100, 5), *range(100, NUM_MASKS + 1, 25))),
            Menu("form", "Scaling", tuple((form, form) for form in FORMS)),
        )

    def check(self):
        fraction("drop_rate", self.drop_rate)
        count("masks", self.masks)
        in_range("masks", self.masks, 1, NUM_MASKS)
        if self.form not in FORMS:
            raise ValueError(f"There is no form {self.form!r}. Choose from: {', '.join(FORMS)}.")

    def build(self):
        figure, (left, right) = new_figure(10.5, 4.7, ncols=2, width_ratios=(1, 1.25))
        self.batch, self.outputs = draw_masks(left), draw_outputs(right)
        outside_legend(figure, right)
        return figure, [*self.batch, *self.outputs]

    def update(self):
        move_masks(self.batch, self.drop_rate, self.masks, self.form)
        move_outputs(self.outputs, self.drop_rate, self.masks, self.form)
        return masks_text(self.drop_rate, self.masks, self.form)


def mask_viewer(drop_rate=0.5, masks=20, form="inverted"):
    """Return the live masks: which units of which sample are dropped, and what the outputs are on average.

    The same random numbers are used wherever the sliders stand: raise the drop rate and units go one by one.

    Args:
        drop_rate: from 0 to less than 1.
        masks: 1 to 500.
        form: "inverted", "as published" (scaled at inference) or "not scaled".

    Raises:
        ValueError: a value outside of these.
    """
    return MaskViewer(drop_rate=drop_rate, masks=masks, form=form)


PENALTIES = (0.0, *log_positions(1e-4, 1, 25, digits=2))


class OverfittingExplorer(BackgroundFigure):
    """A net on few samples, trained in the background; make it with ``overfitting_explorer``."""

    width = traitlets.Int(100).tag(sync=True)
    drop_rate = traitlets.Float(0.0).tag(sync=True)
    l1_penalty = traitlets.Float(0.0).tag(sync=True)
    l2_penalty = traitlets.Float(0.0).tag(sync=True)
    label_noise = traitlets.Float(0.15).tag(sync=True)
    num_samples = traitlets.Int(100).tag(sync=True)
    patience = traitlets.Int(0).tag(sync=True)

    num_epochs: ClassVar = 200

    def controls(self):
        return (
            Slider("width", "Width", (2, 4, 8, 16, 32, 64, 100, 150, 200)),
            Slider("drop_rate", "Drop rate", tuple(n / 20 for n in range(19))),
            Slider("l1_penalty", "L1 penalty", PENALTIES),
            Slider("l2_penalty", "L2 penalty", PENALTIES),
            Slider("label_noise", "Wrong labels", tuple(n / 100 for n in range(0, 41, 5))),
            Menu("num_samples", "Samples", tuple((n, str(n)) for n in (40, 60, 100, 200, 400, 1000))),
            Menu("patience", "Early stopping", ((0, "off"), *((n, f"patience {n}") for n in (5, 10, 20, 50)))),
            Progress(label="Training"),
        )

    def settings(self):
        return Settings(**{name: getattr(self, name) for name in Settings._fields if name in self.trait_names()})

    def check(self):
        checked(self.settings())
        in_range("width", self.width, 1, 400)
        in_range("num_samples", self.num_samples, 20, 2000)

    def work(self, settings, report, stopped):
        def tell(learning, done):
            if len(learning.losses) % 8 == 1:  # 25 pictures of a training are enough: each takes as long as 5 epochs
                report(learning, done)

        return learn(settings, report=tell)

    def build(self):
        figure, (plane, losses) = new_figure(10.5, 4.7, ncols=2)
        self.plane, self.losses = draw_plane(plane), draw_losses(losses, self.num_epochs)
        outside_legend(figure, plane, losses)
        return figure, [*self.plane, *self.losses]

    def update(self):
        if self.payload is None:
            return "The training begins."
        settings, learning = self.settings(), self.payload
        shown = learning.best_epoch if self.patience else len(learning.losses) - 1
        move_plane(self.plane, settings, learning.chosen(self.patience))
        move_losses(self.losses, learning.losses, shown)
        return explorer_text(settings, learning)


def overfitting_explorer(**values):
    """Return the live training: two half moons, few samples, and every remedy on a slider.

    Args:
        **values: ``width``, ``drop_rate``, ``l1_penalty``, ``l2_penalty``, ``label_noise``, ``num_samples``,
            ``patience`` (0: no early stopping).

    Raises:
        ValueError: a value that cannot be trained.
    """
    return OverfittingExplorer(**values)


class EarlyStopping(LiveFigure):
    """One training to scrub through; make it with ``early_stopping_scrubber``.

    Attributes:
        epoch: which epoch's net is shown, 0 to 150.
        patience: epochs without improvement that are allowed.
        num_samples: in all three parts together.
        seed: which samples were drawn.
    """

    epoch = traitlets.Int(150).tag(sync=True)
    patience = traitlets.Int(20).tag(sync=True)
    num_samples = traitlets.Int(100).tag(sync=True)
    seed = traitlets.Int(3).tag(sync=True)

    def controls(self):
        return (
            Slider("epoch", "Epoch", tuple(range(151)), plays=True),
            Slider("patience", "Patience", (*range(1, 20), *range(20, 151, 10))),
            Menu("num_samples", "Samples, split 70/15/15", tuple((n, str(n)) for n in (40, 100, 300))),
            Menu("seed", "Drawn", tuple((n, f"draw {n + 1}") for n in range(6))),
        )

    def check(self):
        count("epoch", self.epoch, minimum=0)
        in_range("epoch", self.epoch, 0, 150)
        count("patience", self.patience)
        count("seed", self.seed, minimum=0)
        in_range("num_samples", self.num_samples, 20, 1000)

    def build(self):
        figure, (plane, losses) = new_figure(10.5, 4.7, ncols=2)
        self.plane, self.losses = draw_plane(plane), draw_losses(losses, 150)
        (self.kept,) = losses.plot([], [], "*", color="#009E73", mec="black", ms=17, label="returned")
        (self.end,) = losses.plot([], [], "-.", color="#009E73", lw=2, label="patience runs out")
        outside_legend(figure, plane, losses)
        return figure, [*self.plane, *self.losses, self.end, self.kept]

    def update(self):
        settings, learning = scrubbed(self.seed, self.num_samples)
        stop, best = stops_at(learning.losses[:, 1], self.patience)
        move_plane(self.plane, settings, learning.thetas[self.epoch])
        move_losses(self.losses, learning.losses, self.epoch)
        self.kept.set_data([best], [np.clip(learning.losses[best, 1], 0.03, 6)])
        self.end.set_data(([stop, stop], [0.03, 6]) if stop - best >= self.patience else ([], []))
        return scrubber_text(settings, learning, self.epoch, self.patience)


def early_stopping_scrubber(epoch=150, patience=20, num_samples=100, seed=3):
    """Return the live early stopping: scrub through the epochs, move patience, draw other samples.

    Args:
        epoch: 0 to 150.
        patience: at least 1.
        num_samples: 40, 100 or 300, split 70/15/15.
        seed: which samples, 0 to 5.

    Raises:
        ValueError: a value outside of these.
    """
    return EarlyStopping(epoch=epoch, patience=patience, num_samples=num_samples, seed=seed)
