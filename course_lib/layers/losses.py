"""Losses: mean over the samples of a batch, sum over the outputs of a sample (L2; E4).

``forward(prediction, target)`` returns one number, ``backward()`` its gradient by the prediction.
PyTorch's ``reduction="mean"`` also divides by the number of outputs: multiply ours by 1 / outputs, or
compare with ``reduction="sum"`` divided by the batch size.
"""

import numpy as np

from course_lib.validation import numbers, shown


class Loss:
    """Remembers prediction and target between ``forward`` and ``backward``; PyTorch keeps both in its graph."""

    def forward(self, prediction, target):
        prediction, target = numbers("prediction", prediction), numbers("target", target)
        if prediction.ndim == 0 or prediction.size == 0:
            raise ValueError(f"prediction must have the shape (batch, ...), but it has {prediction.shape}.")
        if np.shape(prediction) != np.shape(target):
            raise ValueError(
                f"{type(self).__name__} needs prediction and target of one shape, "
                f"but they are {np.shape(prediction)} and {np.shape(target)}."
            )
        self.prediction, self.target = prediction, target
        return float(np.sum(self._of(prediction, target)) / len(prediction))

    def backward(self):
        if not hasattr(self, "prediction"):
            raise RuntimeError(f"Call {type(self).__name__}.forward(prediction, target) before backward().")
        return self._slope(self.prediction, self.target) / len(self.prediction)


class LeastAbsoluteDeviation(Loss):
    """LAD (L2): mean of sum |prediction - target|. The gradient at 0 is the subgradient 0.

    ``torch.nn.L1Loss()`` also divides by the number of outputs.
    """

    def _of(self, prediction, target):
        return np.abs(prediction - target)

    def _slope(self, prediction, target):
        return np.sign(prediction - target)


class LeastSquares(Loss):
    """LSE (L2): mean of sum (prediction - target)^2, without a factor 1/2.

    ``torch.nn.MSELoss()`` also divides by the number of outputs.
    """

    def _of(self, prediction, target):
        return (prediction - target) ** 2

    def _slope(self, prediction, target):
        return 2 * (prediction - target)


class Hinge(Loss):
    """Mean of sum max(0, 1 - target * prediction), targets -1 and 1.

    PyTorch has none; ``margin_ranking_loss(prediction, 0, target, margin=1)`` is the same for one output.
    """

    def _of(self, prediction, target):
        return np.maximum(0, 1 - target * prediction)

    def _slope(self, prediction, target):
        return np.where(target * prediction < 1, -target, 0)


class CrossEntropy(Loss):
    """Softmax and cross-entropy in one, from scores (L2's CEL with o the target and the mean put in; E4).

    ``prediction``: scores ``(batch, classes)``. ``target``: class numbers ``(batch,)`` or a distribution
    ``(batch, classes)``. Loss: mean of log sum_j exp(s_j) - sum_i target_i s_i; gradient: softmax - target.
    A class with the score -inf is masked out: it costs nothing where its target is 0, and inf elsewhere.
    The same as ``torch.nn.functional.cross_entropy`` (but that has nan for a distribution with a masked class).
    """

    def forward(self, prediction, target):
        prediction = numbers("prediction", prediction, "batch", "classes")
        if np.ndim(numbers("target", target)) == 1:
            target = self._one_hot(target, prediction)
        return super().forward(prediction, target)

    def _one_hot(self, target, prediction):
        classes = prediction.shape[-1]
        labels = np.asarray(target)
        if labels.dtype.kind not in "iu" or np.any((labels < 0) | (labels >= classes)):
            raise ValueError(
                f"target must be class numbers from 0 to {classes - 1}, as integers, but it is {shown(target)}."
            )
        if len(labels) != len(prediction):
            raise ValueError(
                f"CrossEntropy needs a target for each of {len(prediction)} samples, but got {len(labels)}."
            )
        return np.eye(classes, dtype=np.asarray(prediction).dtype)[labels]

    def _log_softmax(self, scores):
        shifted = scores - np.max(scores, axis=-1, keepdims=True)
        return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))  # (1.8)

    def _of(self, prediction, target):
        return -target * np.where(target == 0, 0, self._log_softmax(prediction))  # 0 * -inf is not meant

    def _slope(self, prediction, target):
        # Equals softmax - target where the target sums to 1.
        return np.exp(self._log_softmax(prediction)) * np.sum(target, axis=-1, keepdims=True) - target  # (1.9)
