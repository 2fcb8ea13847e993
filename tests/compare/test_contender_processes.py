"""Processes of contenders: what they tell, and what a failed one becomes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from fastinit.compare.contenders import CONTENDERS
from fastinit.compare.processes import measure_processes, processes_of


def measure(name, **changes):
    told = []
    row = dataclasses.replace(CONTENDERS[name], **changes)
    facts = measure_processes(row, 2, 1, lambda: told.append(1))
    return facts, len(told)


def test_bits_of_ours_survive_everything():
    facts, told = measure("fastinit")
    assert facts.failure == ""
    assert facts.survives == dict.fromkeys(
        ("threads", "in_order", "alone", "layout"), True
    )
    assert told == processes_of(1)
    assert 0 < facts.import_seconds[0] < facts.process_seconds[0]
    assert 0 < facts.first_seconds[0] < facts.process_seconds[0]


@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="peak memory is Linux's to tell"
)
def test_memory_is_that_of_the_fill():
    facts, _ = measure("numpy-pcg64")
    assert facts.extra_bytes is not None
    assert 0 <= facts.extra_bytes < 1 << 20
    assert facts.idle_bytes is not None
    assert 1 << 23 < facts.idle_bytes < 1 << 28


def test_a_generator_with_a_state_needs_its_order():
    facts, _ = measure("numpy-philox")
    assert facts.survives == {
        "threads": True,
        "in_order": True,
        "alone": False,
        "layout": None,
    }


def test_a_failed_process_is_a_reason_and_no_crash():
    facts, told = measure("numpy-pcg64", library="no_such_module_here")
    assert facts.failure == "ModuleNotFoundError: No module named 'no_such_module_here'"
    assert told == 0
    assert (facts.import_seconds, facts.survives) == ((), {})
