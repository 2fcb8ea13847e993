"""Generators: names in the order of calls, one source of a seed, fresh after forks."""

from __future__ import annotations

import os
import pickle
import threading

import numpy as np
import pytest
import torch

import fastinit
from fastinit import Generator, manual_seed, normal, normal_
from fastinit.errors import ArgumentError, ArgumentTypeError
from fastinit.generator import check_identity


@pytest.fixture(autouse=True)
def fresh_default(monkeypatch):
    """Give each test a process-wide generator of its own."""
    monkeypatch.setattr("fastinit.generator._default", Generator())


def test_unnamed_tensors_are_named_in_order():
    generator = Generator(7)
    first, second = (normal(5, generator=generator) for _ in range(2))
    assert (first == normal(5, seed=7, name="#0")).all()
    assert (second == normal(5, seed=7, name="#1")).all()


def test_named_tensors_use_up_nothing():
    generator = Generator(7)
    normal(5, generator=generator, name="w")
    assert generator.next_name() == "#0"
    named = normal(5, generator=generator, name="w")
    assert (named == normal(5, seed=7, name="w")).all()


def test_a_seed_without_a_name_is_one_tensor():
    assert (normal(5, seed=7) == normal(5, seed=7)).all()
    assert (normal(5, seed=7) == normal(5, seed=7, name="")).all()


def test_manual_seed_starts_again():
    assert manual_seed(3) is fastinit.generator._default
    first = [normal(4), normal(4)]
    manual_seed(3)
    assert all((array == normal(4)).all() for array in first)
    assert (first[1] == normal(4, seed=3, name="#1")).all()
    generator = Generator(1)
    assert generator.manual_seed(3) is generator
    assert (first[0] == normal(4, generator=generator)).all()


def test_without_a_seed_processes_and_calls_differ():
    assert (normal(8) != normal(8)).any()
    seeds = {Generator().seed for _ in range(100)}
    assert len(seeds) == 100
    assert all(0 <= seed < 2**64 for seed in seeds)


def test_out_of_place_and_in_place_share_the_names():
    one, two = Generator(2), Generator(2)
    array = np.empty(6, np.float32)
    assert (normal_(array, generator=one) == normal(6, generator=two)).all()
    assert one.next_name() == two.next_name() == "#1"


def test_names_are_unique_on_many_threads():
    generator, names = Generator(0), []

    def take():
        names.extend(generator.next_name() for _ in range(2000))

    callers = [threading.Thread(target=take) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(set(names)) == 16_000


def test_a_generator_excludes_a_seed():
    with pytest.raises(ArgumentError, match="one source"):
        normal(3, generator=Generator(0), seed=0)
    with pytest.raises(ArgumentError, match="one source"):
        check_identity(Generator(0), 10**5000, None)


@pytest.mark.parametrize(
    "other",
    [torch.Generator(), np.random.default_rng(0), 3, "seed", Generator],
    ids=lambda other: type(other).__name__,
)
def test_generators_of_others_are_refused(other):
    with pytest.raises(ArgumentTypeError, match=r"fastinit\.Generator"):
        normal(3, generator=other)


@pytest.mark.parametrize("make", [Generator, manual_seed, Generator(1).manual_seed])
def test_wrong_seeds_are_refused(make):
    for seed in (-1, 2**64):
        with pytest.raises(ArgumentError):
            make(seed)
    for seed in (1.0, "1", True, np.array([1])):
        with pytest.raises(ArgumentTypeError):
            make(seed)
    with pytest.raises(ArgumentTypeError):
        manual_seed(None)


def test_identities_are_taken_last():
    generator = Generator(5)
    identity = check_identity(generator, None, None)
    assert identity.take() == (5, "#0")
    assert identity.take() == (5, "#1")
    assert check_identity(generator, None, "w").take() == (5, "w")
    assert check_identity(None, np.uint8(4), None).take() == (4, "")
    assert check_identity(None, None, None).source is fastinit.generator._default


def test_a_drawn_seed_is_drawn_anew_in_a_child(monkeypatch):
    drawn, given = Generator(), Generator(5)
    before = drawn.seed
    assert drawn.seed == before
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert drawn.seed != before
    assert drawn.seed == drawn.seed
    assert given.seed == 5


def test_generators_show_their_seed():
    assert repr(Generator(7)) == "Generator(7)"
    assert repr(Generator()).startswith("Generator(")


def test_errors_travel_between_processes():
    with pytest.raises(ArgumentError) as caught:
        Generator(-1)
    copied = pickle.loads(pickle.dumps(caught.value))
    assert str(copied) == str(caught.value)
    assert type(copied) is ArgumentError
