"""The one private name of numba-cuda: replaced for a while, for one thread."""

from __future__ import annotations

import threading

import pytest
from numba.cuda import dispatcher

from fastinit_cuda.numba_private import compiling_for


def test_other_threads_keep_their_device(monkeypatch):
    monkeypatch.setattr(dispatcher, "get_current_device", lambda: "the real one")
    found = []
    with compiling_for((8, 0)):
        assert dispatcher.get_current_device().compute_capability == (8, 0)
        other = threading.Thread(
            target=lambda: found.append(dispatcher.get_current_device())
        )
        other.start()
        other.join()
    assert found == ["the real one"]
    assert dispatcher.get_current_device() == "the real one"


def test_the_name_is_given_back_after_an_error(monkeypatch):
    monkeypatch.setattr(dispatcher, "get_current_device", lambda: "the real one")
    with pytest.raises(ZeroDivisionError), compiling_for((9, 0)):
        raise ZeroDivisionError
    assert dispatcher.get_current_device() == "the real one"
