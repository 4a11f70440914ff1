"""A run in the background, in the browser: the bar moves, Stop stops, other cells run meanwhile."""

import pytest

pytestmark = pytest.mark.browser
FIGURE = """
import time, traitlets
from course_lib.figures.style import new_figure
from course_lib.widgets.background import BackgroundFigure
from course_lib.widgets.controls import Progress, Slider

class Counting(BackgroundFigure):
    last = traitlets.Int(4000).tag(sync=True)
    def controls(self):
        return Slider("last", "Last", (20, 4000)), Progress(label="Counting")
    def settings(self):
        return (self.last,)
    def work(self, settings, report, stopped):
        for n in range(1, settings[0] + 1):
            time.sleep(0.005)
            report(n, n / settings[0])
    def build(self):
        figure, axes = new_figure(4, 2)
        axes.set(xlim=(0, 1), ylim=(0, 1))
        (self.line,) = axes.plot([], [], lw=9)
        return figure, [self.line]
    def update(self):
        self.line.set_data([0, self.progress], [0, 1])
        return f"counted to {self.payload}"
"""
RUNNING = "([figure, text]) => figure.querySelector('.course-stop').textContent === text"


def test_a_run_reports_can_be_stopped_and_leaves_the_kernel_free(open_notebook):
    lab = open_notebook([FIGURE, "figure = Counting()\nfigure", "print('free')"])
    lab.run_all(60)  # the cell after the figure ran although the count takes twenty seconds
    figure = lab.figure()
    bar, button = figure.locator("progress"), figure.locator("button.course-stop")

    def value():
        return float(bar.evaluate("bar => bar.value"))

    first = value()
    lab.painted_after(figure, lambda: None)
    lab.painted_after(figure, lambda: None)
    assert first < value() < 1
    assert button.inner_text() == "Stop"
    button.click()
    lab.page.wait_for_function(RUNNING, arg=[figure.element_handle(), "Run again"], timeout=5000)
    lab.settled(figure)
    said = lab.caption(figure)
    lab.page.wait_for_timeout(400)
    assert lab.caption(figure) == said != "counted to 4000"
    lab.slider(figure, "Last").press("ArrowLeft")
    lab.page.wait_for_function(
        "figure => figure.querySelector('.course-caption').textContent === 'counted to 20'",
        arg=figure.element_handle(),
        timeout=10000,
    )
    assert value() == 1
    assert lab.errors == []
