"""From a key to painted pixels, and frames while dragging: the reel, ``interact``, and JavaScript alone.

All three show the same race on Beale, 200 steps, in one JupyterLab in a headless Chromium, in turns. The
JavaScript reference runs SGD, momentum and Nesterov in the page and draws with the reel's own pen: the
upper bound of what a kernel-free figure can do.

    python benchmarks/figure_in_browser.py
    python benchmarks/figure_in_browser.py --every  # each live figure of the course, into benchmarks/figures.json
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from every_live_figure import store  # noqa: E402

from tests.kit.browser.lab import (  # noqa: E402
    CHROMIUM,
    KERNEL_READY,
    QUIET,
    TOKEN,
    Lab,
    answer_of,
    jupyter_lab,
)
from tests.kit.widgets.test_every_live_figure import CASES  # noqa: E402

REEL = """
from course_lib.widgets import visualiser
race = visualiser("beale", num_steps=200, learning_rate=1e-3)
race
"""

INTERACT = """
%matplotlib inline
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import FloatLogSlider, interact
from course_lib.optimizers import SGD, Momentum, Nesterov
from course_lib.run import descend
from course_lib.surfaces import SURFACES

beale = SURFACES["beale"]
x, y = np.meshgrid(*[np.linspace(-4.5, 4.5, 120)] * 2)
z = np.log(beale.value(np.stack([x, y], axis=-1)) + 1e-2)

@interact(learning_rate=FloatLogSlider(value=1e-3, min=-4, max=0, step=1 / 15))
def _(learning_rate):
    figure, axes = plt.subplots(1, 2, figsize=(9, 4), dpi=100, layout="constrained")
    axes[0].contourf(x, y, z, 30)
    axes[0].set(xlim=(-4.5, 4.5), ylim=(-4.5, 4.5))
    axes[1].set(xlim=(0, 200), ylim=(1e-4, 1e3), yscale="log")
    with np.errstate(all="ignore"):
        for cls in (SGD, Momentum, Nesterov):
            run = descend(beale, cls(learning_rate=learning_rate), [1.0, 1.5], 200)
            axes[0].plot(*np.clip(run.thetas, -50, 50).T)
            axes[1].plot(run.values)
    plt.show()
"""

REFERENCE = r'''
import anywidget
import traitlets
from course_lib.widgets.live import front_end

RUN = """
const gradient = ([x, y]) => {
  const r = [1.5 - x + x * y, 2.25 - x + x * y ** 2, 2.625 - x + x * y ** 3];
  const gx = [y - 1, y ** 2 - 1, y ** 3 - 1], gy = [x, 2 * x * y, 3 * x * y ** 2];
  return [0, 1].map((axis) => 2 * r.reduce((sum, value, i) => sum + value * (axis ? gy : gx)[i], 0));
};
const value = ([x, y]) => (1.5 - x + x * y) ** 2 + (2.25 - x + x * y ** 2) ** 2 + (2.625 - x + x * y ** 3) ** 2;
function run(rate, momentum, ahead) {
  let theta = [1, 1.5], velocity = [0, 0];
  const thetas = [theta];
  for (let t = 0; t < 200; t++) {
    const g = gradient(ahead ? theta.map((c, i) => c + momentum * velocity[i]) : theta);
    velocity = velocity.map((v, i) => momentum * v - rate * g[i]);
    theta = theta.map((c, i) => c + velocity[i]);
    thetas.push(theta);
  }
  return thetas;
}
async function render({ model, el }) {
  const bitmap = await createImageBitmap(new Blob([model.get("background")], { type: "image/png" }));
  const boxes = model.get("boxes"), tracks = model.get("tracks"), rates = model.get("rates");
  const [width, height] = boxes.size;
  const canvas = element("canvas", { className: "course-picture", width, height, data: { frames: 0 } });
  const pen = canvas.getContext("2d", { alpha: false });
  const aria = { label: "Learning rate" };
  const range = element("input", { type: "range", min: 0, max: rates.length - 1, data: own, aria });
  const far = (p) => p.map((c) => Math.min(Math.max(Number.isFinite(c) ? c : 4000, -4000), 4000));
  let drawing = null;
  const draw = () => {
    drawing = null;
    const rate = rates[range.value];
    const runs = [run(rate, 0, false), run(rate, 0.9, false), run(rate, 0.9, true)];
    pen.drawImage(bitmap, 0, 0);
    tracks.forEach((track, i) => {
      const box = boxes.axes[track.axes], thetas = runs[i % 3];
      const points = thetas.map((theta, t) => far(toPixel(box, track.direction ? theta : [t, value(theta)])));
      clipped(pen, box, () => drawTrack(pen, track, points, box));
    });
    canvas.dataset.frames = Number(canvas.dataset.frames) + 1;
  };
  range.addEventListener("input", () => { drawing ??= requestAnimationFrame(draw); });
  const label = element("label", { className: "course-slider" }, range);
  el.append(element("figure", { className: "course-figure" }, label, canvas));
  draw();
}
export default { render };
"""

PEN = front_end("controls.js", "reel.js").replace("export default { render };", "")

class Reference(anywidget.AnyWidget):
    _esm = PEN.replace("function render(", "function renderReel(") + RUN
    _css = front_end("widgets.css")
    background = traitlets.Bytes(race.background).tag(sync=True)
    boxes = traitlets.Dict(race.boxes).tag(sync=True)
    tracks = traitlets.List(race.tracks).tag(sync=True)
    rates = traitlets.List(race.reel_learning_rate["values"]).tag(sync=True)

Reference()
'''

# What a picture costs that comes from the kernel and that nobody draws: two pictures of the race in turns.
ECHO = r'''
class Echo(anywidget.AnyWidget):
    _esm = front_end("controls.js") + """
function render({ model, el }) {
  const picture = element("img", { className: "course-picture", data: { frames: 0 } });
  const range = element("input", { type: "range", max: 60, data: own, aria: { label: "Echo" } });
  const show = () => { picture.src = URL.createObjectURL(new Blob([model.get("picture")], { type: "image/png" })); };
  picture.addEventListener("load", () => { picture.dataset.frames = Number(picture.dataset.frames) + 1; });
  range.addEventListener("input", () => { model.set("place", Number(range.value)); model.save_changes(); });
  model.on("change:picture", show);
  show();
  el.append(element("figure", { className: "course-figure" }, range, picture));
}
export default { render };
"""
    picture = traitlets.Bytes().tag(sync=True)
    place = traitlets.Int(0).tag(sync=True)

    def __init__(self, *pictures):
        super().__init__(picture=pictures[0])
        self.observe(lambda change: setattr(self, "picture", pictures[change["new"] % 2]), names="place")

from course_lib.chapters.ch05_adaptive.widgets import eps_place
shown = eps_place()
first = shown.png()
slider = next(c for c in shown.controls() if hasattr(c, "positions"))
shown.set(**{slider.trait: slider.positions[0]})
Echo(first, shown.png())
'''

# Milliseconds from the key's arrival in the page to the end of the frame that shows the new picture.
LATENCY = """([slider, picture, key]) => new Promise((done) => {
    let start;
    const watch = new MutationObserver(async () => {
        watch.disconnect();
        const image = picture.querySelector("img");
        if (image) await image.decode().catch(() => 0);
        requestAnimationFrame(() => {
            const channel = new MessageChannel(); // its message comes after the frame
            channel.port1.onmessage = () => done(performance.now() - start);
            channel.port2.postMessage(0);
        });
    });
    const attributeFilter = picture.dataset.frames === undefined ? ["src"] : ["data-frames"];
    watch.observe(picture, { attributes: true, childList: true, subtree: true, attributeFilter });
    if (!picture.dataset.unseen) slider.focus(); // which would ask for a film
    setTimeout(() => { watch.disconnect(); done(null); }, 10000);
    start = performance.now();
    if (slider.type === "range") {
        slider.value = Number(slider.value) + (key === "ArrowRight" ? 1 : -1);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        slider.dispatchEvent(new Event("change", { bubbles: true }));
    } else {
        const keyCode = key === "ArrowRight" ? 39 : 37;
        slider.dispatchEvent(new KeyboardEvent("keydown", { key, keyCode, bubbles: true, cancelable: true }));
    }
})"""

COUNT = """(picture) => {
    window.pictures = 0;
    new MutationObserver((all) => {
        const hasImage = (node) => node.matches?.("img") || node.querySelector?.("img");
        window.pictures += all.filter((m) => m.type === "attributes" || [...m.addedNodes].some(hasImage)).length;
    }).observe(picture, { attributes: true, childList: true, subtree: true, attributeFilter: ["data-frames", "src"] });
}"""


def scrubbed(page, slider, picture, seconds=3):
    """Frames a second while the mouse drags the slider to and fro."""
    box = slider.bounding_box()
    left, width = slider.evaluate(
        """(slider) => {
            const box = (slider.type === "range" ? slider : slider.closest(".noUi-target")).getBoundingClientRect();
            return [box.left, box.width];
        }"""
    )
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + (box["width"] / 2 if box["width"] < 60 else 0.3 * box["width"]), y)
    page.mouse.down()
    picture.evaluate(COUNT)
    start = time.monotonic()
    while (elapsed := time.monotonic() - start) < seconds:
        page.mouse.move(left + width * (0.2 + 0.25 * abs(1 - elapsed % 1.2 / 0.6)), y)
    frames = page.evaluate("window.pictures")
    page.mouse.up()
    return frames / seconds


def quantile(values, share):
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def measure(turns):
    cells = [REEL, INTERACT, REFERENCE]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    code = [nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
    notebook = nbformat.v4.new_notebook(cells=code, metadata=kernel)
    latency = {"reel": [], "interact": [], "JavaScript": []}
    frames = {name: [] for name in latency}
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter_lab(Path(folder)) as (address, work),
        sync_playwright() as play,
    ):
        nbformat.write(notebook, work / "bench.ipynb")
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
        lab = Lab(page)
        page.goto(f"{address}/lab/workspaces/bench/tree/bench.ipynb?reset&token={TOKEN}")
        page.wait_for_function(KERNEL_READY, timeout=120_000)
        lab.run_all(180)
        output = page.locator(".widget-interact")
        output.locator("img").wait_for(timeout=60_000)
        ours, reference = (page.locator("figure.course-figure").nth(number) for number in (0, 1))
        ways = {
            "reel": (ours.get_by_role("slider", name="Learning rate", exact=True), ours.locator("canvas")),
            "interact": (output.locator(".noUi-handle"), output.locator(".widget-output").first),
            "JavaScript": (reference.get_by_role("slider", name="Learning rate"), reference.locator("canvas")),
        }
        for turn in range(turns):
            for name, (slider, picture) in ways.items():
                slider.scroll_into_view_if_needed()
                key = "ArrowRight" if turn % 2 == 0 else "ArrowLeft"
                handles = [slider.element_handle(), picture.element_handle(), key]
                latency[name].append(page.evaluate(LATENCY, handles))
                page.wait_for_timeout(700 if name == "interact" else 250)
        for _ in range(3):
            for name, (slider, picture) in ways.items():
                slider.scroll_into_view_if_needed()
                frames[name].append(scrubbed(page, slider, picture))
                page.wait_for_timeout(2500)
    return latency, frames


OWN = ".course-controls:not(.course-playback) input[type=range]:visible"
# Move the slider by one; whether the film has what it then shows, which is seen before anybody could answer.
HAS_NEXT = """([slider, figure]) => {
    const frame = figure.querySelector(".course-frame");
    if (!frame) return true;
    const shown = () => frame.dataset.bytes, before = shown();
    slider.value = Number(slider.value) + (slider.value === slider.max ? 1 - slider.max : 1);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    return shown() !== before;
}"""
ENDED = "() => [...document.querySelectorAll('figure.course-figure progress')].every(bar => bar.value === 1)"
FILM_SECONDS = 60


def pressed(page, slider, picture, turns):
    """Median milliseconds from a key to the picture; ``None`` where the slider changes nothing that is seen."""
    took = []
    for turn in range(turns):
        value, most = int(slider.input_value()), int(slider.get_attribute("max"))
        key = "ArrowLeft" if value == most or (turn % 2 and value) else "ArrowRight"
        took.append(page.evaluate(LATENCY, [slider.element_handle(), picture.element_handle(), key]))
        page.wait_for_timeout(250)
    took = [one for one in took if one is not None]
    return round(quantile(took, 0.5), 1) if took else None


def of_figure(page, figure):
    """``{"unfilmed": ms, "filmed": ms}`` of a live figure's first slider."""
    picture = figure.locator(".course-picture")
    is_reel = picture.evaluate("picture => picture.tagName === 'CANVAS'")
    slider = figure.get_by_role("slider", name="Learning rate", exact=True) if is_reel else figure.locator(OWN).first
    slider.scroll_into_view_if_needed()
    picture.evaluate("picture => { picture.dataset.unseen = 'yes' }")
    before = pressed(page, slider, picture, 5)
    picture.evaluate("picture => { delete picture.dataset.unseen }")
    slider.focus()
    until, had = time.monotonic() + FILM_SECONDS, [False]
    while time.monotonic() < until and had[-3:] != [True] * 3:
        had.append(page.evaluate(HAS_NEXT, [slider.element_handle(), figure.element_handle()]))
        page.wait_for_timeout(300)
    if not had[-1]:
        return {"unfilmed": before}
    return {"unfilmed": before, "filmed": pressed(page, slider, picture, 7)}


def measure_every(wanted=""):
    """Each chapter's live figures in a notebook, beside ``interact`` and JavaScript, into ``figures.json``."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter_lab(Path(folder)) as (address, work),
        sync_playwright() as play,
    ):
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for chapter in sorted({chapter for chapter, _ in CASES if chapter.startswith(wanted)}):
            names = [name for one, name in CASES if one == chapter]
            cells = [REEL, INTERACT, REFERENCE, ECHO]
            cells += [f"from course_lib.chapters.{chapter}.widgets import {name}\n{name}()" for name in names]
            code = [nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
            nbformat.write(nbformat.v4.new_notebook(cells=code, metadata=kernel), work / f"{chapter}.ipynb")
            page = chromium.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"{address}/lab/workspaces/{chapter}/tree/{chapter}.ipynb?reset&token={TOKEN}")
            page.wait_for_function(KERNEL_READY, timeout=120_000)
            Lab(page).run_all(300)
            page.wait_for_function(ENDED, timeout=300_000)
            figures = page.locator("figure.course-figure")
            output, reference = page.locator(".widget-interact"), figures.nth(1)
            handle = output.locator(".noUi-handle")
            handle.scroll_into_view_if_needed()
            keys = [handle.element_handle(), output.locator(".widget-output").first.element_handle()]
            old = []
            for turn in range(3):
                old.append(page.evaluate(LATENCY, [*keys, ("ArrowRight", "ArrowLeft")[turn % 2]]))
                page.wait_for_timeout(700)
            script = pressed(page, reference.get_by_role("slider"), reference.locator("canvas"), 9)
            echo = pressed(page, figures.nth(2).get_by_role("slider"), figures.nth(2).locator("img"), 9)
            beside = {
                "echo": echo,
                "interact": round(quantile([one for one in old if one], 0.5), 1),
                "JavaScript": script,
            }
            for number, name in enumerate(names, start=3):
                found = of_figure(page, figures.nth(number))
                print(f"{chapter} {name}", found, beside, flush=True)
                store({f"{chapter} {name}": {"browser": found | beside}})
            page.close()
            for session in answer_of(f"{address}/api/sessions"):
                answer_of(f"{address}/api/sessions/{session['id']}", "DELETE")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=20, help="keys pressed on each figure (default 20)")
    parser.add_argument("--every", nargs="?", const="", help="each live figure, or those of a chapter such as ch05")
    asked = parser.parse_args()
    if asked.every is not None:
        return measure_every(asked.every)
    latency, frames = measure(asked.turns)
    print(f"{'':12}{'key to painted, median ms':>27}{'p95 ms':>9}{'frames/s while dragging':>26}")
    for name, times in latency.items():
        median, late, rate = quantile(times, 0.5), quantile(times, 0.95), quantile(frames[name], 0.5)
        print(f"{name:12}{median:27.1f}{late:9.1f}{rate:26.1f}")
    reel, old, reference = (quantile(latency[name], 0.5) for name in ("reel", "interact", "JavaScript"))
    print(f"reel against JavaScript: {reel / reference:.2f} x the time (target <= 1.5)")
    print(f"reel against interact: {old / reel:.1f} x quicker (target >= 30)")
    share = quantile(frames["reel"], 0.5) / quantile(frames["JavaScript"], 0.5)
    print(f"frames while dragging against JavaScript: {share:.2f} x (target >= 0.8)")


if __name__ == "__main__":
    main()
