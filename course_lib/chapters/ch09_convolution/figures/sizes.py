"""Windows laid along a row of pixels: how many fit, which pixels no window sees, how many parameters there are."""

import numpy as np

from course_lib.layers import conv_parameters, dense_parameters

PIXEL, PADDING, UNSEEN, WINDOW = "#0072B2", "#B9BEC7", "#D55E00", "#333333"
LEVELS = 4  # windows that overlap are drawn one below the other
MOST_PIXELS = 44
ROOMS = (16, 24, 32, MOST_PIXELS)  # pixels that a row has room for
WIDE = 15 * MOST_PIXELS  # points of a full row


def room_for(pixels):
    """How many pixels a row shows, so that ``pixels`` fit and not much stays empty."""
    return next(room for room in ROOMS if room >= min(pixels, MOST_PIXELS))


def draw_row(ax, room):
    """Empty artists for a row of at most ``room`` pixels: image, padding, unseen, windows, what they touch."""
    ax.set(xlim=(-0.7, room - 0.3), ylim=(LEVELS + 0.6, -0.9), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    square = {"marker": "s", "ms": min(WIDE / room, 32), "mec": "white", "ls": ""}
    (image,) = ax.plot([], [], color=PIXEL, label="pixels of the image", **square)
    (padding,) = ax.plot([], [], color=PADDING, label="padding", **square)
    (unseen,) = ax.plot([], [], color=UNSEEN, label="seen by no window", **square)
    (bars,) = ax.plot([], [], "-", color=WINDOW, lw=1.6)
    (taps,) = ax.plot([], [], "o", color=WINDOW, ms=6, label="windows")
    return image, padding, unseen, bars, taps


def lay_out(window, size):
    """``{"image", "padding", "unseen"}: positions (k,)``, and ``bars`` and ``taps`` as ``(k, 2)`` points.

    ``unseen`` holds pixels at the end of the row and, where windows leave gaps, between them.
    """
    total, number = size + 2 * window.padding, window.output_size(size)
    place = np.arange(total)
    inside = (place >= window.padding) & (place < window.padding + size)
    starts = window.stride * np.arange(number)
    touched = starts[:, None] + window.dilation * np.arange(window.kernel)
    free = window.extent // window.stride + 1  # so many windows later the row is free again
    level = 1 + np.arange(number) % max(free, LEVELS) * min(1, (LEVELS - 1) / max(free - 1, 1))
    taps = np.stack([touched.ravel(), np.repeat(level, window.kernel)], axis=-1).astype(float)
    gap = np.full(number, np.nan)
    x = np.stack([starts, starts + window.extent - 1, gap], axis=-1).ravel()
    y = np.stack([level, level, gap], axis=-1).ravel()
    seen = np.isin(place, touched)
    kinds = {"image": inside & seen, "padding": ~inside, "unseen": inside & ~seen}
    return {name: place[where] for name, where in kinds.items()} | {"bars": np.stack([x, y], axis=-1), "taps": taps}


def counts(window, size, in_channels, out_channels, bias):
    """``(convolution, dense)``: parameters of both layers between these maps, ``size`` x ``size`` coming in."""
    out = window.output_size(size)
    own = conv_parameters(in_channels, out_channels, window.kernel, bias)
    return own, dense_parameters(in_channels * size**2, out_channels * out**2, bias)


def size_sentence(window, size):
    """The size with its numbers put into (9.2)."""
    k, s, p, d = window
    inner = size + 2 * p - window.extent
    quotient = f"{inner / s:.4g}"
    kernel = f"{k}" if d == 1 else f"({d} · {k - 1} + 1)"
    return f"⌊({size} + 2 · {p} − {kernel}) / {s}⌋ + 1 = ⌊{quotient}⌋ + 1 = {window.output_size(size)}"


def count_sentence(window, in_channels, out_channels, bias):
    """The number of parameters with its numbers put into (9.6)."""
    own = conv_parameters(in_channels, out_channels, window.kernel, bias)
    return f"({window.kernel} · {window.kernel} · {in_channels} + {int(bias)}) · {out_channels} = {spaced(own)}"


def counted(number, thing):
    """The number and the thing it counts: 1 output, 2 outputs."""
    return f"{spaced(number)} {thing}{'s' * (number != 1)}"


def spaced(number):
    """12345 as "12 345"."""
    return f"{number:,}".replace(",", " ")
