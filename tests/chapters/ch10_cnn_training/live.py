"""How ``tests/kit/widgets`` makes the live figures of chapter 10 that take long as they stand."""

from course_lib.chapters.ch10_cnn_training import widgets

LIVE = {"training_dashboard": lambda: widgets.training_dashboard(num_epochs=2)}


def shorten(patch):
    """Training on 80 images, so that forty settings take seconds."""
    few = {
        "digits": widgets.load_images("digits", limit=80),
        "digits, 20 % wrong labels": widgets.load_images("digits", wrong=0.2, limit=80),
        "MNIST, 5 000 images": widgets.load_images("mnist5000", limit=20),
        "MNIST, 20 % wrong labels": widgets.load_images("mnist5000", wrong=0.2, limit=20),
    }
    patch.setattr(widgets, "_images", few.__getitem__)
    patch.setattr(widgets.TrainingDashboard, "_kept", type(widgets.TrainingDashboard._kept)())
