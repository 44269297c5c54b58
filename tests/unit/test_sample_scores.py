import numpy as np
import pytest

from alignsweep import sample_scores
from alignsweep.sample_scores import SampleScores

N = 1003  # no multiple of eight


@pytest.fixture
def scores(rng):
    return SampleScores(
        {
            ("infonce", "0", 0, "unimodal", "a"): (rng.random(N) < 0.7).astype(float),
            ("infonce", "0.4", 0, "unimodal", "a"): (rng.random(N) < 0.2).astype(float),
            ("infonce", "0", 12, "unimodal", "b"): np.ones(3),
            ("vicreg", "0", 0, "unimodal", "a"): rng.normal(0.3, 2, N),
            ("vicreg", "0", 1, "unimodal", "a"): np.array([0.0, 1.0, 0.5]),
        }
    )


def test_right_or_wrong_comes_back_exactly_and_numbers_in_half_precision(tmp_path, scores):
    scores.save(tmp_path / "samples.safetensors")
    again = sample_scores.load([tmp_path / "samples.safetensors"])
    assert list(again) == list(scores)
    for key, values in scores.items():
        assert again[key].dtype == np.float64
        kept = values.astype(np.float16) if key[0] == "vicreg" else values
        np.testing.assert_array_equal(again[key], kept)
        # what is reported, the mean, hardly changes
        assert again[key].mean() == pytest.approx(values.mean(), abs=1e-3)


def test_right_or_wrong_takes_a_bit(tmp_path, rng):
    n = 80_000
    bits = SampleScores({("infonce", "0", 0, "unimodal", "a"): (rng.random(n) < 0.5).astype(float)})
    bits.save(tmp_path / "bits.safetensors")
    assert n / 8 < (tmp_path / "bits.safetensors").stat().st_size < n / 8 + 1000
    numbers = SampleScores({("infonce", "0", 0, "unimodal", "a"): rng.normal(size=n)})
    numbers.save(tmp_path / "numbers.safetensors")
    assert (tmp_path / "numbers.safetensors").stat().st_size < 2 * n + 1000


def test_a_cell_has_a_file_of_its_own_and_files_make_one(tmp_path, scores):
    cells = [("infonce", "0"), ("infonce", "0.4"), ("vicreg", "0"), ("vicreg", "7")]
    paths = [tmp_path / f"{a}-{s}.safetensors" for a, s in cells]
    for cell, path in zip(cells, paths, strict=True):
        scores.save(path, cell)
    parts = [sample_scores.load([path]) for path in paths]
    assert [len(part) for part in parts] == [2, 1, 2, 0]
    assert all(key[:2] == cell for cell, part in zip(cells, parts, strict=True) for key in part)
    assert {*sample_scores.load(paths)} == {*sample_scores.merged(parts)} == {*scores}
