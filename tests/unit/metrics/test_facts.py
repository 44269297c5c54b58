"""What the metrics claim about themselves, asserted for each of them."""

import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from alignsweep.metrics import METRICS, Metric, Searched, UndefinedError, permutation_chance
from alignsweep.metrics.metric import LINEAR, ORTHOGONAL, SCALING, TRANSLATION

N = 140  # enough for 100 neighbours
seeds = st.integers(0, 2**32 - 1)
each = pytest.mark.parametrize("name", METRICS)
few = settings(max_examples=12, deadline=None)


def views(rng, name, discrete=False):
    """Two related representations; in a shared space where the metric needs one."""
    x = rng.standard_normal((N, 12)) + 1  # wider than the ten directions of svcca_dim10
    mixing = np.eye(12) if METRICS[name].space == "projection" else rng.standard_normal((12, 11))
    y = x @ mixing + rng.standard_normal((N, mixing.shape[1]))
    return (np.sign(x), np.sign(y)) if discrete else (x, y)


@each
@few
@given(seed=seeds, discrete=st.booleans())
def test_the_order_of_rows_does_not_matter(name, seed, discrete):
    rng = np.random.default_rng(seed)
    x, y = views(rng, name, discrete)
    order = rng.permutation(N)
    assert METRICS[name](x[order], y[order]) == pytest.approx(METRICS[name](x, y), abs=1e-9)


@each
@few
@given(seed=seeds)
def test_the_value_is_in_its_range_and_at_identity_as_stated(name, seed):
    x, y = views(np.random.default_rng(seed), name)
    metric = METRICS[name]
    assert metric.low - 1e-9 <= metric(x, y) <= metric.high + 1e-9
    if metric.identity is not None:
        assert metric(x, x) == pytest.approx(metric.identity, abs=1e-9)


@each
@few
@given(seed=seeds)
def test_symmetry(name, seed):
    x, y = views(np.random.default_rng(seed), name)
    one, other = METRICS[name](x, y), METRICS[name](y, x)
    if METRICS[name].symmetric:
        assert one == pytest.approx(other, abs=1e-9)


@pytest.mark.parametrize("name", [n for n, m in METRICS.items() if not m.symmetric])
def test_what_is_not_called_symmetric_is_not(name, rng):
    x, y = views(rng, name)
    assert abs(METRICS[name](x, y) - METRICS[name](y, x)) > 1e-4


def transformed(x, kind, rng):
    if kind == ORTHOGONAL:
        return x @ np.linalg.qr(rng.standard_normal((x.shape[1],) * 2))[0]
    if kind == SCALING:
        return x * rng.uniform(0.1, 10)
    if kind == TRANSLATION:
        return x + 3 * rng.standard_normal(x.shape[1])
    return x @ (rng.standard_normal((x.shape[1],) * 2) + 2 * np.eye(x.shape[1]))


@each
@pytest.mark.parametrize("kind", [ORTHOGONAL, SCALING, LINEAR, TRANSLATION])
@few
@given(seed=seeds)
def test_claimed_invariances(name, kind, seed):
    rng = np.random.default_rng(seed)
    x, y = views(rng, name)
    if kind in METRICS[name].invariances:
        value = METRICS[name](x, y)
        assert METRICS[name](transformed(x, kind, rng), y) == pytest.approx(value, abs=1e-7)
        assert METRICS[name](x, transformed(y, kind, rng)) == pytest.approx(value, abs=1e-7)


@each
@pytest.mark.parametrize("kind", [ORTHOGONAL, SCALING, LINEAR, TRANSLATION])
def test_no_invariance_is_left_unclaimed(name, kind):
    if kind in METRICS[name].invariances:
        return
    changes = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x, y = views(rng, name)
        changes.append(abs(METRICS[name](transformed(x, kind, rng), y) - METRICS[name](x, y)))
    assert max(changes) > 1e-4


@each
@pytest.mark.parametrize("discrete", [False, True])
def test_chance_is_the_mean_over_shuffles(name, discrete, rng):
    metric = METRICS[name]
    x, y = views(rng, name, discrete)
    drawn = [metric(x, rng.permutation(y)) for _ in range(300)]
    error = np.std(drawn) / np.sqrt(len(drawn))
    assert metric.chance(x, y, seed=1, shuffles=300) == pytest.approx(
        np.mean(drawn), abs=6 * error + 1e-9
    )


drawn = [n for n, m in METRICS.items() if m.shuffled_function]


@pytest.mark.parametrize("name", drawn)
@pytest.mark.parametrize("discrete", [False, True])
def test_a_shuffled_function_is_the_function_of_shuffled_rows(name, discrete, rng):
    metric = METRICS[name]
    x, y = views(rng, name, discrete)
    expected = permutation_chance(metric.function, x, y, seed=5, shuffles=3)
    assert metric.chance(x, y, seed=5, shuffles=3) == pytest.approx(expected, rel=1e-12)
    assert metric.chance(x, y, seed=6, shuffles=3) != expected


@each
@pytest.mark.parametrize("discrete", [False, True])
def test_searched_rows_are_taken(name, discrete, rng):
    """One pair of them, for values and chance levels, gives what separate searches do."""
    metric = METRICS[name]
    x, y = views(rng, name, discrete)
    sides = Searched(x), Searched(y)
    for _ in range(2):
        assert metric(*sides) == metric(x, y)
        assert metric.chance(*sides, seed=2) == metric.chance(x, y, seed=2)
    with pytest.raises(ValueError, match=rf"{name}: x \(140, 12\), y \(139, \d+\); needed"):
        metric(sides[0], Searched(y[1:]))


@each
def test_torch_is_taken(name, rng):
    x, y = views(rng, name)
    tensors = (torch.tensor(z, requires_grad=True) for z in (x, y))
    assert METRICS[name](*tensors) == METRICS[name](x, y)


@each
@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn]
)
def test_low_precision_is_taken_and_computed_in_float64(name, dtype, rng):
    x, y = (torch.tensor(z).to(dtype) for z in views(rng, name))
    value = METRICS[name](x.double().numpy(), y.double().numpy())
    assert METRICS[name](x, y) == value
    if dtype in (torch.float32, torch.float16):
        assert METRICS[name](x.numpy(), y.numpy()) == value


@each
def test_bad_input_is_named(name, rng):
    metric = METRICS[name]
    x, y = views(rng, name)
    broken = y.copy()
    broken[:2, 0] = np.nan, np.inf
    for bad, message in (
        ((x, y[:-1]), r"x \(140, 12\), y \(139, \d+\); needed: .*same n"),
        ((x[0], y), r".*needed: \(n, d1\)"),
        ((x, broken), ".*: 2 values of y are not finite"),
    ):
        with pytest.raises(ValueError, match=f"{name}: {message}") as error:
            metric(*bad)
        assert not isinstance(error.value, UndefinedError)


@each
def test_what_has_no_value_is_undefined(name, rng):
    metric = METRICS[name]
    x, y = views(rng, name)
    few_rows = metric.smallest_n - 1
    for value in (metric, metric.chance):
        with pytest.raises(UndefinedError, match=f"{name}: .* at least {metric.smallest_n} rows"):
            value(x[:few_rows], y[:few_rows])
        with pytest.raises(UndefinedError, match=f"{name}: .*: x has zero variance"):
            value(np.ones_like(x), y)


@pytest.mark.parametrize("name", [n for n, m in METRICS.items() if m.space == "projection"])
def test_projection_metrics_need_one_space(name, rng):
    with pytest.raises(ValueError, match="needed: the same space, so d1 = d2"):
        METRICS[name](rng.standard_normal((N, 3)), rng.standard_normal((N, 4)))


@each
def test_each_has_a_label_and_a_description_in_one_line(name):
    metric = METRICS[name]
    assert METRICS[name].name == name
    assert "_" not in metric.label
    for fact in ("label", "description"):  # no two metrics have the same
        assert [n for n, m in METRICS.items() if getattr(m, fact) == getattr(metric, fact)] == [
            name
        ]
    assert metric.description == metric.description.strip() != ""
    assert "\n" not in metric.description


def test_label_and_description_have_defaults():
    def mine(x, y, factor=1):
        """Say nothing.

        At length.
        """
        return 0.5 * factor

    for function in (mine, partial(mine, factor=2)):
        metric = Metric("mine", function)
        assert (metric.label, metric.description) == ("mine", "Say nothing.")
    assert Metric("mine", lambda x, y: 0.5).description == ""
    assert Metric("mine", mine, label="Mine", description="Nothing.").description == "Nothing."


def test_the_table_is_read_without_torch():
    """Figures use labels, in an environment that has no torch."""
    code = "import sys; from alignsweep.metrics import METRICS; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
