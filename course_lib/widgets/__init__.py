"""Live figures: controls around a picture. ``live.py`` says how to build one, ``reel.py`` how to make it quick.

Words that mean one thing each in this package:

trait       what can be set, as in traitlets; the browser and the kernel hold the same value
control     a slider, menu, tick box or point that sets a trait
panel       the descriptions of all controls, as the front end gets them
background  what is drawn once: axes, contours, labels
moving      the artists that are drawn on top of the background at every change (Matplotlib calls this blitting)
seldom      artists that change now and then and are costly (images); drawn into the background when it settles
settle      draw the seldom artists into the background as they are now
stage       a figure with its background kept, and the moving artists on it
boxes       where each axes lies in the picture, in pixels and in its own coordinates
reel        all positions of a slider computed in one run and sent once; the browser picks
sweep       that run: one trait takes all its positions, the others keep their values
track       a line that grows with the steps, with a marker at its head; a reel is made of tracks
film        the pictures of a control's positions, made beforehand, for what is not drawn as tracks; the browser picks
frame       one picture of a film: what differs in it from the picture at rest
twin        a figure set as another is, that no front end sees; films are taken of it
ahead       what the next choice of a control needs, drawn on a twin while the hand is on its way
step        how far along its tracks a reel is shown
caption     the finding in one sentence; also the alt text
"""

from course_lib.widgets.live import LiveFigure
from course_lib.widgets.predict import predict, resolve
from course_lib.widgets.quiz import quiz
from course_lib.widgets.reel import Reel
from course_lib.widgets.visualiser import visualiser

__all__ = ["LiveFigure", "Reel", "predict", "quiz", "resolve", "visualiser"]
