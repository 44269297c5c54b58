import pytest

from alignsweep.training import encoders


def test_make():
    assert encoders.make("mlp", hidden=[3], width=2) == encoders.MLP((3,), 2)
    with pytest.raises(ValueError, match="encoder kind is 'cnn'; allowed: mlp, transformer, vit"):
        encoders.make("cnn")
