"""Equality with the public code, and where this package differs from it on purpose."""

import numpy as np
import pytest
import torch

from alignsweep.metrics import METRICS, PLATONIC, correlations, kernels


@pytest.fixture
def public(reference):
    return reference["values"]["minyoungg/platonic-rep metrics.py"]


@pytest.fixture
def no_epsilon(reference):
    return reference["values"]["MeganTj/multimodal_alignment utils/align_metrics.py"]


@pytest.mark.parametrize("preparation", ["raw", "l2_normalised_rows"])
def test_the_platonic_preset_gives_the_public_values(preparation, public, reference_inputs):
    x, y = reference_inputs(preparation)
    values = public[f"{preparation}/float64"]
    found = {
        "cka": PLATONIC["cka"](x, y),
        "unbiased_cka": PLATONIC["unbiased_cka"](x, y),
        "cka(kernel_metric=rbf,rbf_sigma=1.0)": PLATONIC["cka_rbf"](x, y, bandwidth=1.0),
        "cka(kernel_metric=rbf,rbf_sigma=5.0)": PLATONIC["cka_rbf"](x, y, bandwidth=5.0),
        "unbiased_cka(kernel_metric=rbf,rbf_sigma=1.0)": PLATONIC["unbiased_cka_rbf"](
            x, y, bandwidth=1.0
        ),
        "cknna(topk=10,unbiased=False)": PLATONIC["cknna"](x, y, 10, debiased=False),
    }
    for k in (10, 100):
        for name in ("mutual_knn", "cycle_knn", "cknna"):
            found[f"{name}(topk={k})"] = PLATONIC[name](x, y, k)
    assert len(found) == 12
    for name, value in found.items():
        assert value == pytest.approx(values[name], abs=5e-7), name


@pytest.mark.parametrize("preparation", ["raw", "l2_normalised_rows"])
def test_our_convention_gives_the_public_values_of_the_same_definition(
    preparation, no_epsilon, reference_inputs
):
    x, y = reference_inputs(preparation)
    values = no_epsilon[f"{preparation}/float64"]  # no 1e-6 in its denominators
    assert METRICS["cka_biased"](x, y) == pytest.approx(values["cka"], abs=5e-7)
    assert METRICS["cka_debiased"](x, y) == pytest.approx(values["unbiased_cka"], abs=5e-7)
    rbf = kernels.cka_rbf(x, y, bandwidth=1.0)
    name = "unbiased_cka(kernel_metric=rbf,rbf_sigma=1.0)"
    assert rbf == pytest.approx(values[name], abs=5e-7)
    if preparation == "l2_normalised_rows":  # then cosine and inner product are the same
        for k in (10, 100):
            name = f"mutual_knn(topk={k})"
            assert METRICS[f"mutual_knn_k{k}"](x, y) == pytest.approx(values[name], abs=5e-7)
        assert METRICS["cycle_knn_k10"](x, y) == pytest.approx(values["cycle_knn(topk=10)"])


def test_where_we_differ_on_purpose(public, reference_inputs):
    x, y = reference_inputs("raw")
    raw = public["raw/float64"]
    # neighbours by cosine, not by inner product, which prefers long rows
    assert abs(METRICS["mutual_knn_k10"](x, y) - raw["mutual_knn(topk=10)"]) > 0.005
    # no 1e-6 in the denominator: it hides the whole value where HSIC is small
    assert raw["unbiased_cka(kernel_metric=rbf,rbf_sigma=1.0)"] < 1e-6
    assert kernels.cka_rbf(x, y, bandwidth=1.0) > 0.019
    normalised = reference_inputs("l2_normalised_rows")
    difference = (
        METRICS["cknna_k10"](*normalised) - public["l2_normalised_rows/float64"]["cknna(topk=10)"]
    )
    assert 1e-5 < difference < 1e-3
    # an exact SVD, where the public value varies by more than 0.1 from seed to seed
    _, low, high = raw["svcca(cca_dim=10) over 20 seeds: mean,min,max"]
    assert high - low > 0.1
    assert low < correlations.svcca(x, y, dim=10, standardise=True) < high


@pytest.mark.parametrize("name", PLATONIC)
def test_inputs_are_checked_and_tensors_taken(name, rng):
    x, y = rng.standard_normal((2, 30, 4))
    k = (5,) if name in ("mutual_knn", "cycle_knn", "cknna") else ()
    value = PLATONIC[name]
    assert value(*map(torch.tensor, (x, y)), *k) == value(x, y, *k)
    with pytest.raises(ValueError, match=rf"platonic {name}: x \(30, 4\), y \(29, 4\); needed"):
        value(x, y[1:], *k)
    with pytest.raises(ValueError, match=rf"platonic {name}: .*4 values of y are not finite"):
        value(x, np.vstack([y[1:], np.full(4, np.nan)]), *k)
    with pytest.raises(ValueError, match=rf"platonic {name}: .*y has zero variance"):
        value(x, np.ones_like(y), *k)
    smallest = 6 if k else 4
    with pytest.raises(ValueError, match=rf"platonic {name}: .*at least {smallest} rows"):
        value(x[: smallest - 1], y[: smallest - 1], *k)
