"""How long the kernel works for one new picture: live figures against ``interact`` with inline matplotlib.

The standard demo: filled contours of Beale, six optimizers' paths of 200 steps, six loss curves beside them,
9 x 4 inches at 100 dpi; a slider changes the learning rate. All ways take turns in one kernel.

    python benchmarks/figure_update.py
"""

import argparse
import json

from jupyter_client.manager import start_new_kernel

IN_THE_KERNEL = r"""
%matplotlib inline
import io, json, time
import numpy as np
import traitlets
import matplotlib.pyplot as plt
from ipywidgets import FloatLogSlider, interactive
from course_lib.figures.style import new_figure
from course_lib.optimizers import SGD, Adagrad, Adam, Momentum, Nesterov, RMSprop
from course_lib.run import descend
from course_lib.surfaces import SURFACES
from course_lib.widgets import LiveFigure, visualiser
from course_lib.widgets.controls import Slider, log_positions

BEALE, CLASSES = SURFACES["beale"], (SGD, Momentum, Nesterov, Adagrad, RMSprop, Adam)
RATES = log_positions(1e-4, 1e-2)
X, Y = np.meshgrid(*[np.linspace(-4.5, 4.5, 120)] * 2)
Z = np.log(BEALE.value(np.stack([X, Y], axis=-1)) + 1e-2)

def runs(rate):
    return [descend(BEALE, cls(learning_rate=rate), [1.0, 1.5], 200) for cls in CLASSES]

def axes_of(axes):
    axes[0].contourf(X, Y, Z, 30)
    axes[0].set(xlim=(-4.5, 4.5), ylim=(-4.5, 4.5))
    axes[1].set(xlim=(0, 200), ylim=(1e-6, 1e2), yscale="log")

class Blitted(LiveFigure):
    learning_rate = traitlets.Float(1e-3).tag(sync=True)
    known = None
    def controls(self):
        return (Slider("learning_rate", "Learning rate", RATES),)
    def build(self):
        figure, axes = new_figure(9, 4, ncols=2)
        axes_of(axes)
        self.paths = [axes[0].plot([], [], label=cls.__name__)[0] for cls in CLASSES]
        self.curves = [axes[1].plot([], [])[0] for cls in CLASSES]
        figure.legend(loc="outside lower center", ncols=6)
        return figure, [*self.paths, *self.curves]
    def update(self):
        found = self.known[self.learning_rate] if self.known else runs(self.learning_rate)
        for run, path, curve in zip(found, self.paths, self.curves):
            path.set_data(*run.thetas.T)
            curve.set_data(range(201), run.values)
        return f"Adam ends at f = {found[-1].values[-1]:.3g}"

class Precomputed(Blitted):
    def build(self):
        rates = np.array(RATES)[:, None]
        sweeps = [descend(BEALE, cls(learning_rate=rates), [1.0, 1.5], 200) for cls in CLASSES]
        self.known = {
            rate: [type(s)(s.thetas[:, i], s.values[:, i]) for s in sweeps] for i, rate in enumerate(RATES)
        }
        return super().build()

def rebuild(learning_rate):
    figure, axes = plt.subplots(1, 2, figsize=(9, 4), dpi=100, layout="constrained")
    axes_of(axes)
    for cls, run in zip(CLASSES, runs(learning_rate)):
        axes[0].plot(*run.thetas.T, label=cls.__name__)
        axes[1].plot(run.values)
    figure.legend(loc="outside lower center", ncols=6)
    plt.show()

def timed(action):
    start = time.perf_counter()
    action()
    return 1e3 * (time.perf_counter() - start)

old = interactive(rebuild, learning_rate=FloatLogSlider(value=1e-3, min=-4, max=-2, step=1 / 30))
old.update()
first = timed(lambda: visualiser("beale", optimizers=CLASSES, num_steps=200)._repr_mimebundle_())
race = visualiser("beale", optimizers=CLASSES, num_steps=200)
blitted, precomputed = Blitted(learning_rate=RATES[30]), Precomputed(learning_rate=RATES[30])
times = {"interact": [], "compute": [], "blitted": [], "precomputed": [], "sweep": []}
momenta = next(c for c in race.controls() if c.trait == "momentum").positions
for turn in range(TURNS):
    rate = RATES[(7 * turn) % 61]
    times["interact"].append(timed(lambda: setattr(old.children[0], "value", rate)))
    times["compute"].append(timed(lambda: runs(rate)))
    times["blitted"].append(timed(lambda: setattr(blitted, "learning_rate", rate)))
    times["precomputed"].append(timed(lambda: setattr(precomputed, "learning_rate", rate)))
    # A new momentum makes the sweep over all learning rates anew, and sends it.
    times["sweep"].append(timed(lambda: setattr(race, "momentum", momenta[turn % len(momenta)])))
page, plain = io.BytesIO(), plt.figure(figsize=(9, 4))  # interact sends this down, and the front end sends it up again
axes_of(plain.subplots(1, 2))
plain.savefig(page, dpi=100)
plt.close(plain)
reel = race.reel_learning_rate
size = sum(len(reel[key]) for key in ("points", "steps", "ends", "vectors")) + len(json.dumps(reel["captions"]))
print(json.dumps({"times": times, "first": first, "positions": len(reel["values"]),
                  "bytes": {"compute": 0, "interact": len(page.getvalue()), "blitted": len(blitted.png()),
                            "precomputed": len(precomputed.png()), "sweep": size}}))
"""


def measured(turns):
    """Run ``IN_THE_KERNEL`` in a new kernel and return what it printed, as data."""
    manager, client = start_new_kernel(kernel_name="python3")
    printed = []

    def take(message):
        content = message["content"]
        if message["msg_type"] == "stream" and content["name"] == "stdout":
            printed.append(content["text"])
        if message["msg_type"] == "error":
            raise RuntimeError("\n".join(content["traceback"]))

    try:
        client.execute_interactive(IN_THE_KERNEL.replace("TURNS", str(turns)), output_hook=take, timeout=600)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return json.loads("".join(printed).strip().splitlines()[-1])


def quantile(values, share):
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=25, help="how often each way draws (default 25)")
    result = measured(parser.parse_args().turns)
    times = result["times"]
    base = quantile(times["interact"], 0.5)
    targets = {
        "interact": "",
        "compute": "(no picture: part of the two lines around it)",
        "blitted": ">= 20 x quicker",
        "precomputed": ">= 35 x quicker",
        "sweep": "<= 1/3 of interact (>= 3 x), <= 600 kB",
    }
    print(f"{'kernel time per picture':28}{'median ms':>10}{'p95 ms':>9}{'x quicker':>11}{'kB':>8}   target")
    names = {
        "interact": "interact, figure rebuilt",
        "compute": "six runs of 200 steps alone",
        "blitted": "blitted",
        "precomputed": "blitted, range precomputed",
        "sweep": f"reel, a sweep of {result['positions']}",
    }
    for key, name in names.items():
        median = quantile(times[key], 0.5)
        print(
            f"{name:28}{median:10.1f}{quantile(times[key], 0.95):9.1f}{base / median:11.1f}"
            f"{result['bytes'][key] / 1e3:8.0f}   {targets[key]}"
        )
    print(f"first picture of the Visualiser: {result['first'] / 1e3:.2f} s (target <= 1.5 s)")


if __name__ == "__main__":
    main()
