"""From runs to what a browser draws: pixels, without the points that a straight line would pass anyway, as int16.

A *sweep* holds every position of one slider at once: for each track (a path, a curve) an array
``(num_steps + 1, positions, 2)``. ``pack`` makes the few bytes of it that a front end needs.
"""

import numpy as np

UNIT = 8  # pixels are sent in eighths
MARK = 14.0  # pixels from the border at which the mark of a path that leaves is put
FAR = 2500.0  # pixels from the middle of its axes to which a diverging path is followed


def to_pixels(points, box):
    """Pixel coordinates, from the top left corner, of ``points (..., 2)`` in the axes that ``box`` describes.

    ``box`` as ``Stage.boxes`` gives it. inf and nan pass through; a value <= 0 on a logarithmic axis
    lies infinitely far down.
    """
    pixels = np.empty(np.shape(points))
    edges = ((box["left"], box["right"]), (box["bottom"], box["top"]))
    for axis, (limits, log, (start, end)) in enumerate(zip((box["x"], box["y"]), box["log"], edges, strict=True)):
        values = points[..., axis]
        with np.errstate(all="ignore"):
            if log:
                values, limits = np.log10(np.maximum(values, 0)), np.log10(limits)
            pixels[..., axis] = start + (values - limits[0]) * ((end - start) / (limits[1] - limits[0]))
    return pixels


def _held(values):
    """Replace nan along the first axis by the last number before it."""
    missing = np.isnan(values)
    if not missing.any():
        return values
    steps = np.arange(len(values)).reshape(-1, *[1] * (values.ndim - 1))
    last = np.maximum.accumulate(np.where(missing, 0, steps), axis=0)
    return np.nan_to_num(np.take_along_axis(values, last, axis=0))


def within_reach(pixels, box, path=True):
    """Bring what is far outside (inf and nan too) to ``FAR`` from the middle of ``box``; the first axis is the step.

    A path keeps the direction in which it leaves, and once it is out of reach for good it stays where it
    left. A curve (``path=False``) keeps its step.
    """
    middle = np.array([box["left"] + box["right"], box["top"] + box["bottom"]]) / 2
    offset = np.clip(_held(pixels - middle), -1e100, 1e100)
    if not path:
        return middle + np.clip(offset, -FAR, FAR)
    distance = np.abs(offset).max(axis=-1, keepdims=True)
    steps = np.arange(len(offset)).reshape(-1, *[1] * (offset.ndim - 1))
    gone = np.where(distance <= FAR, steps, 0).max(axis=0) + 1
    reached = offset * (FAR / np.maximum(distance, FAR))
    return middle + np.take_along_axis(reached, np.minimum(steps, gone), axis=0)


def kept(points, tolerance):
    """Which of ``points (num_steps + 1, runs, d)`` to keep, bool ``(num_steps + 1, runs)``.

    A point may go if it lies within ``tolerance`` of where a straight and steady walk between its kept
    neighbours is at that step: neither the line nor its timing changes by more. Halves each stretch
    until it is straight; all runs at once.
    """
    num_steps, runs = len(points) - 1, points.shape[1]
    size = 1 << max(num_steps - 1, 0).bit_length()
    padded = np.concatenate([points, np.repeat(points[-1:], size - num_steps, axis=0)])
    keep = np.zeros((size + 1, runs), dtype=bool)
    keep[[0, num_steps]] = True
    bent = np.ones((1, runs), dtype=bool)
    while size > 1:
        stretches = padded[:-1].reshape(-1, size, *points.shape[1:])
        share = (np.arange(size, dtype=points.dtype) / size)[:, None, None]
        straight = stretches[:, :1] + share * (padded[size::size] - padded[:-1:size])[:, None]
        off = np.abs(stretches - straight).max(axis=1)
        bent = bent & (np.maximum.reduce([off[..., d] for d in range(off.shape[-1])]) > tolerance)
        keep[size // 2 :: size] |= bent
        bent, size = np.repeat(bent, 2, axis=0), size // 2
    return keep[: num_steps + 1]


def pack(tracks, tolerance=0.4):
    """Bytes of a sweep.

    Args:
        tracks: a sequence of pixel arrays ``(num_steps + 1, positions, 2)``, one for each track.
        tolerance: pixels by which a decimated line may be off.

    Returns:
        ``points`` int16 (x, y) in eighths of a pixel, ``steps`` uint16 for each point, and ``ends`` uint32:
        where, among the points, each line ends; lines ordered by position, then by track.
    """
    if not tracks:
        return {"points": b"", "steps": b"", "ends": b""}
    lines = np.stack(tracks, axis=2).astype(np.float32)  # (steps, positions, tracks, 2)
    lines = lines.reshape(len(lines), -1, 2)
    keep = kept(lines, tolerance).T
    run, step = np.nonzero(keep)
    points = np.round(lines[step, run] * UNIT).astype("<i2")
    ends = np.cumsum(keep.sum(axis=1)).astype("<u4")
    return {"points": points.tobytes(), "steps": step.astype("<u2").tobytes(), "ends": ends.tobytes()}


def unpack(packed, line, step):
    """The pixels of one line up to ``step``, ``(k, 2)``; its last point is where the run is at that step."""
    ends = np.frombuffer(packed["ends"], "<u4")
    part = slice(ends[line - 1] if line else 0, ends[line])
    steps = np.frombuffer(packed["steps"], "<u2")[part]
    points = np.frombuffer(packed["points"], "<i2").reshape(-1, 2)[part] / UNIT
    before = steps <= step
    head = [np.interp(step, steps, points[:, axis]) for axis in (0, 1)]
    return np.vstack([points[before], head])


def pack_vectors(vectors):
    """int8 bytes of ``vectors (num_steps + 1, positions, k, 2)``: at each step only their ratios count."""
    vectors = np.nan_to_num(np.moveaxis(vectors, 0, 1), posinf=0.0, neginf=0.0)  # (positions, steps, k, 2)
    largest = np.abs(vectors).max(axis=(-1, -2), keepdims=True)
    return np.round(127 * (vectors / np.where(largest == 0, 1, largest))).astype("i1").tobytes()


def fit(points, box, margin=0.14):
    """Pixels of ``points (k, 2)`` (y upwards), scaled by one factor to fill ``box``; None if they coincide."""
    low, high = points.min(axis=0), points.max(axis=0)
    width, height = box["right"] - box["left"], box["bottom"] - box["top"]
    span = max((high[0] - low[0]) / width, (high[1] - low[1]) / height)
    if span == 0:
        return None
    middle = np.array([box["left"] + width / 2, box["top"] + height / 2])
    return middle + (points - (low + high) / 2) * [1, -1] * ((1 - 2 * margin) / span)


def crossing(line, box):
    """Where ``line (k, 2)``, which ends outside ``box``, last left it; None if it ends inside or was never inside.

    So far inside that a mark there can be seen whole.
    """
    low, high = np.array([box["left"], box["top"]]), np.array([box["right"], box["bottom"]])
    inside = np.all((line >= low - 0.5) & (line <= high + 0.5), axis=1)
    if inside[-1] or not inside.any():
        return None
    last = np.flatnonzero(inside)[-1]
    here, away = line[last], line[last + 1] - line[last]
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(away > 0, (high - here) / away, (low - here) / away)
    return np.clip(here + away * np.where(away == 0, np.inf, shares).min(), low + MARK, high - MARK)
