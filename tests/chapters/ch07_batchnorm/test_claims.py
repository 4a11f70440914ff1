"""Chapter 7's claims and errata: they meet the theory, come out the same twice, and could have said the opposite."""

import numpy as np

from course_lib.chapters.ch07_batchnorm.claims import exact as ch07_exact
from course_lib.chapters.ch07_batchnorm.claims.exact import scale_free_loss, small_net
from course_lib.chapters.ch07_batchnorm.errata import printed_batch_norm
from course_lib.claims import CLAIMS
from course_lib.finite_differences import central_difference
from course_lib.layers import BatchNorm


def test_the_weights_before_the_norm_have_the_gradient_that_differences_find():
    loss = scale_free_loss(3)
    numeric = central_difference(loss.value, loss.start)
    np.testing.assert_allclose(loss.gradient(loss.start), numeric, atol=1e-7)


def test_without_a_norm_the_length_of_the_weights_matters(monkeypatch):
    class Through(BatchNorm):
        def __init__(self, num_features, eps):
            super().__init__(num_features)

        def forward(self, x, training=False):
            return x

        def backward(self, d_y):
            return d_y

    monkeypatch.setattr(ch07_exact, "StubbornBatchNorm", Through)
    assert CLAIMS["C-07-6"].run().verdict.kind == "fails"


def test_a_norm_that_forgets_its_mean_makes_the_constant_count(monkeypatch):
    class Uncentred(BatchNorm):
        def forward(self, x, training=False):
            return super().forward(x, training) + x.mean(axis=0)

    monkeypatch.setattr(ch07_exact, "BatchNorm", Uncentred)
    assert CLAIMS["C-07-4"].run().verdict.kind == "fails"


def test_nets_with_and_without_the_constant_start_from_the_same_weights():
    with_bias, without = (small_net(np.random.default_rng(0), bias=bias)[0] for bias in (True, False))
    np.testing.assert_array_equal(with_bias.params["weight"], without.params["weight"])


# --- Errata -------------------------------------------------------------------------------------------


def test_the_printed_formula_is_right_wherever_features_vary():
    x = np.random.default_rng(1).normal(size=(9, 3))
    np.testing.assert_allclose(printed_batch_norm(x), BatchNorm(3, eps=1e-14).forward(x, training=True), rtol=1e-10)
