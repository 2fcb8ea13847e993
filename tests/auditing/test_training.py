"""Signs of training: none of initial tensors, some after a few steps of training."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
import torch

import fastinit
from fastinit import audit
from fastinit.auditing.elements import matrix_of
from fastinit.auditing.training import matrix_evidence

SHAPES = ((8, 64), (40, 33), (64, 64), (200, 300), (512, 30), (16, 8, 3, 3))
ALPHA = 1e-3


def independent(seed):
    """Matrices of independent elements: laws of initializers, and worse."""
    rng = np.random.default_rng(seed)
    for shape in SHAPES:
        normal = rng.standard_normal(shape)
        yield normal
        yield rng.uniform(-0.1, 0.1, shape)
        yield rng.random(shape)
        yield np.where(np.abs(normal) < 2.0, normal, rng.uniform(-2.0, 2.0, shape))
        yield rng.laplace(size=shape)
        yield rng.integers(-1, 2, shape)
        yield (0.02 * normal).astype(ml_dtypes.bfloat16)


def test_independent_elements_show_no_training():
    """1e-3 for 168 matrices: more than three with any sign have a chance of 3e-5."""
    told = [
        bool(matrix_evidence(matrix_of(np.asarray(one)), ALPHA))
        for seed in range(4)
        for one in independent(seed)
    ]
    assert len(told) == 168
    assert sum(told) <= 3


@pytest.mark.parametrize("library", ["fastinit", "torch"])
def test_initial_tensors_do_not_look_trained(library):
    """One in a million, over all of them."""
    torch.manual_seed(0)
    shapes = [(64, 300), (32, 16, 3, 3)]
    state = {}
    for number, shape in enumerate(shapes):
        for scheme in ("xavier_uniform", "xavier_normal", "kaiming_uniform"):
            name = f"{scheme}.{number}"
            if library == "fastinit":
                make = getattr(fastinit, scheme)
                state[name] = make(shape, seed=0, name=name)
            else:
                fill = getattr(torch.nn.init, f"{scheme}_")
                state[name] = fill(torch.empty(shape))
    if library == "torch":
        state["orthogonal"] = torch.nn.init.orthogonal_(torch.empty(128, 128))
        state["dirac"] = torch.nn.init.dirac_(torch.empty(32, 32, 3))
        state["sparse"] = torch.nn.init.sparse_(torch.empty(128, 64), 0.5)
        embedding = torch.nn.Embedding(200, 64, padding_idx=0)
        state["embedding"] = embedding.weight
        state["lstm"] = torch.nn.LSTM(48, 64).weight_hh_l0
    result = audit(state)
    assert [one.kind for one in result.findings] == []


def trained(steps):
    """State of a small network after some steps of Adam, from torch's own start."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(64, 256),
        torch.nn.ReLU(),
        torch.nn.Linear(256, 256),
        torch.nn.ReLU(),
        torch.nn.Linear(256, 32),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    inputs = torch.randn(512, 64)
    targets = torch.sin(inputs @ torch.randn(64, 32))
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(inputs), targets).backward()
        optimizer.step()
    return {name: one.detach() for name, one in model.state_dict().items()}


def test_a_few_steps_of_training_show():
    before, after = audit(trained(0)), audit(trained(30))
    assert before.findings == ()
    found = {one.tensors[0]: one for one in after.findings}
    assert {"2.weight", "4.weight"} <= found.keys()
    for one in found.values():
        assert one.kind == "looks_trained"
        assert "looks trained: " in one.text
    (row,) = [one for one in after.tensors if one.name == "2.weight"]
    assert row.looks_trained
    assert min(one.p_value for one in row.evidence) < 1e-9


@pytest.mark.parametrize("rank", [1, 3])
def test_a_change_of_low_rank_shows_with_its_rank(rank):
    rng = np.random.default_rng(rank)
    noise = rng.normal(0.0, 0.02, (256, 192))
    change = rng.normal(size=(256, rank)) @ rng.normal(size=(rank, 192))
    signs = matrix_evidence((noise + 0.01 * change).astype(np.float32), 1e-6)
    assert signs[0].name == "spectrum"
    assert f"({rank} beyond its edge)" in signs[0].text


def test_rows_of_their_own_size_show():
    rng = np.random.default_rng(0)
    rows = 1.0 + 0.15 * rng.standard_normal((256, 1))
    signs = matrix_evidence((rows * rng.normal(size=(256, 192))).astype("f4"), 1e-6)
    assert [one.name for one in signs] == ["rows"]
    assert "15 %" in signs[0].text or "14 %" in signs[0].text


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30, 50.0])
def test_single_elements_are_no_training(value):
    matrix = np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32)
    matrix[3, 4] = value
    assert matrix_evidence(matrix, 1e-6) == ()


def test_padding_is_no_training():
    matrix = np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32)
    matrix[50:] = 0.0
    matrix[:, 60:] = 0.0
    assert matrix_evidence(matrix, 1e-6) == ()


def test_large_tensors_are_thinned_out_evenly():
    values = np.arange(6000, dtype=np.float32)[:, None] * np.ones(5000, np.float32)
    matrix = matrix_of(values)
    assert matrix.shape == (2048, 2048)
    assert matrix[0, 0] == 0.0
    assert matrix[-1, 0] >= 5990.0
