"""The campaign of tests/long/false_alarms.py, reduced to a few hundred arrays."""

import importlib.util
from pathlib import Path

import pytest

PATH = Path(__file__).parents[1] / "long" / "false_alarms.py"


@pytest.fixture(scope="module")
def campaign():
    specification = importlib.util.spec_from_file_location("false_alarms", PATH)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_correct_arrays_are_left_alone(campaign, capsys):
    # Each bound of the report fails a correct battery with 1e-4 to 1e-6.
    found = campaign.run(300, 2, 2)
    assert found[1].size == 300
    assert campaign.report(*found, 0.0), capsys.readouterr().out
    assert "| kolmogorov_smirnov | 300 |" in capsys.readouterr().out
