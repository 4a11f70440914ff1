"""A ring all-reduce, chunk by chunk."""

import numpy as np

from course_lib.chapters.ch12_scaling_out.experiments.parallel import ring_all_reduce

ENTRIES = 840  # of a vector: can be cut into 2 to 8 equal chunks


def compute_ring(workers):
    """``ring_all_reduce`` of vectors that do not matter; only what is summed where is drawn."""
    return ring_all_reduce(np.ones((workers, ENTRIES)))


def draw_ring(ax, workers):
    """A square for each chunk of each worker; returns ``(mesh, texts)``."""
    edges = np.arange(workers + 1) + 0.5
    mesh = ax.pcolormesh(
        edges, edges, np.ones((workers, workers)), cmap="Blues", vmin=0, vmax=1.4 * workers, ec="white", lw=2
    )
    texts = [
        [ax.text(chunk, worker, "", ha="center", va="center", fontsize=13) for chunk in range(1, workers + 1)]
        for worker in range(1, workers + 1)
    ]
    ax.set(xlabel="chunk of the gradient", ylabel="worker", title="How many gradients are summed in each chunk")
    ax.set_xticks(range(1, workers + 1))
    ax.set_yticks(range(1, workers + 1))
    ax.invert_yaxis()
    return mesh, texts


def move_ring(artists, ring, step):
    """Show the ring after ``step`` steps; a chunk that has just arrived stands in brackets."""
    mesh, texts = artists
    holds = ring.holds[step]
    mesh.set_array(holds)
    before = ring.states[max(step - 1, 0)]
    for worker, row in enumerate(texts):
        for chunk, text in enumerate(row):
            text.set_text(
                f"[{holds[worker, chunk]}]" if arrived(ring, step, worker, chunk, before) else str(holds[worker, chunk])
            )


def arrived(ring, step, worker, chunk, before):
    """Whether the chunk came to the worker in the last step."""
    workers = ring.holds.shape[1]
    return step > 0 and chunk == (worker - 1 - (step - 1)) % workers


def ring_text(ring, step):
    """What came out, in words."""
    workers, last = ring.holds.shape[1], len(ring.holds) - 1
    ready = int((ring.holds[step] == workers).sum())
    phase = (
        "before the first step"
        if step == 0
        else f"after step {step} of {last} ({'adding up' if step < workers else 'handing round'})"
    )
    sent = step * ENTRIES / workers
    return (
        f"{workers} workers, {phase}: {ready} of {workers * workers} chunks hold the whole sum. Each worker has sent "
        f"{sent / ENTRIES:.3g} times the gradient, at the end {2 * (workers - 1) / workers:.3g} times; a server "
        f"would have to receive and send {workers} times the gradient each."
    )
