"""Members of a group that are unlike the others are the broken ones."""

from __future__ import annotations

import pytest

import fastinit
from fastinit import audit


def spoilt_layers(n_broken):
    """Four layers, the first of which are broken in their values and their scale."""
    model = {}
    for at in range(4):
        name = f"h.{at}.weight"
        model[name] = fastinit.kaiming_normal((256, 128), seed=1, name=name)
        if at < n_broken:
            model[name][::4] = 0.0
    return model


@pytest.mark.parametrize("n_broken", [1, 2])
def test_the_broken_half_of_a_group_is_unlike_the_others(n_broken):
    (group,) = audit(spoilt_layers(n_broken)).groups
    broken = [f"h.{at}.weight" for at in range(n_broken)]
    assert [name for name, _ in group.outliers] == broken
    assert all(why.startswith("violates") for _, why in group.outliers)


def test_health_is_no_reason_to_be_an_outlier():
    (group,) = audit(spoilt_layers(3)).groups
    assert dict(group.verdicts) == {"violates": 3, "conforms": 1}
    assert not any("conforms" in why for _, why in group.outliers)
