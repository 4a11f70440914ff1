"""Drawn ahead of the hand: what the next choice of a control will show, while the hand is on its way to it.

A new stage (another surface, say) or a new result takes far longer than a frame. When a pointer or the keyboard comes
to a figure, a twin that no front end sees takes each choice once, nearest first, while the other controls rest; the
figure keeps the stages that it drew, and what was computed is in the caches that both share.
"""

import threading
import time
from itertools import islice

from course_lib.widgets.controls import Menu, Slider, Ticks
from course_lib.widgets.film import positions, untried
from course_lib.widgets.stage import LOCK, Wings

MOST = 8  # choices of a control
REST = 0.6  # seconds since the last picture, after which the hand is said to rest


def ahead_later(figure):
    """Do ``ahead`` in a thread; returns it."""
    thread = threading.Thread(target=ahead, args=(figure,), name="course ahead", daemon=True)
    thread.start()
    return thread


def ahead(figure):
    """Draw the choices of the controls of ``figure`` on a twin, and keep what comes of it.

    Ends where ``figure`` has another stage: it begins anew for that one.
    """
    with LOCK:
        figure.wings.come_near()
    stage, other = figure.stage, untried(figure)
    other.stop()  # before its run begins: what is drawn ahead is the stage
    at = other.settings_of_controls()
    for values in islice(choices(other, at), Wings.KEPT - 2):  # what is more would push out the first ones
        while time.monotonic() - figure.drawn_at < REST:  # the hand moves: it goes first
            time.sleep(REST / 3)
        if figure.stage is not stage:
            return
        for one in (values, at):
            other.set(**one)
            other.stop()
        with LOCK:
            figure.wings.take_over(other.wings)


def choices(figure, at):
    """``{trait: value}`` for what may be chosen next: entries of menus, ticks, and sliders that change the stage."""
    for control in figure.controls_ahead():
        if control.trait in figure.hidden:
            continue
        if isinstance(control, Menu | Ticks) or (isinstance(control, Slider) and control.trait in figure.rebuild_on):
            for value in nearest(positions(control, at[control.trait]), at[control.trait]):
                yield {control.trait: value}


def nearest(values, now):
    """The others of ``values``, those next to ``now`` first, at most ``MOST``."""
    place = values.index(now)
    order = sorted(range(len(values)), key=lambda i: abs(i - place))
    return [values[i] for i in order[1 : MOST + 1]]
