"""fastinit: the same initial weights everywhere, at memory speed, with proof.

Names are loaded when they are first used, so that importing the package is cheap.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fastinit.api import create, fill, make_plan
    from fastinit.auditing import audit
    from fastinit.backends.warming import warmup
    from fastinit.conformance import check, identify
    from fastinit.creators import constant, normal, ones, uniform, zeros
    from fastinit.errors import FastinitError
    from fastinit.fan_creators import (
        kaiming_normal,
        kaiming_uniform,
        lecun_normal,
        lecun_uniform,
        variance_scaling,
        xavier_normal,
        xavier_uniform,
    )
    from fastinit.fan_gain import fans
    from fastinit.fan_initializers import (
        kaiming_normal_,
        kaiming_uniform_,
        lecun_normal_,
        lecun_uniform_,
        variance_scaling_,
        xavier_normal_,
        xavier_uniform_,
    )
    from fastinit.gains import activation_gain, calculate_gain
    from fastinit.generator import Generator, manual_seed
    from fastinit.initializers import constant_, normal_, ones_, uniform_, zeros_
    from fastinit.libraries import conform
    from fastinit.many import fill_many
    from fastinit.random_access import sample, words
    from fastinit.sections import Sections
    from fastinit.signals import propagate
    from fastinit.spec import Spec
    from fastinit.truncated import trunc_normal, trunc_normal_
    from fastinit.view import View

__version__ = "0.1.0"

#: Module that each public name comes from.
_HOMES: dict[str, tuple[str, ...]] = {
    "api": ("create", "fill", "make_plan"),
    "auditing": ("audit",),
    "backends.warming": ("warmup",),
    "conformance": ("check", "identify"),
    "creators": ("constant", "normal", "ones", "uniform", "zeros"),
    "errors": ("FastinitError",),
    "fan_creators": (
        "kaiming_normal",
        "kaiming_uniform",
        "lecun_normal",
        "lecun_uniform",
        "variance_scaling",
        "xavier_normal",
        "xavier_uniform",
    ),
    "fan_gain": ("fans",),
    "fan_initializers": (
        "kaiming_normal_",
        "kaiming_uniform_",
        "lecun_normal_",
        "lecun_uniform_",
        "variance_scaling_",
        "xavier_normal_",
        "xavier_uniform_",
    ),
    "gains": ("activation_gain", "calculate_gain"),
    "generator": ("Generator", "manual_seed"),
    "initializers": ("constant_", "normal_", "ones_", "uniform_", "zeros_"),
    "libraries": ("conform",),
    "many": ("fill_many",),
    "random_access": ("sample", "words"),
    "sections": ("Sections",),
    "signals": ("propagate",),
    "spec": ("Spec",),
    "truncated": ("trunc_normal", "trunc_normal_"),
    "view": ("View",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "FastinitError",
    "Generator",
    "Sections",
    "Spec",
    "View",
    "activation_gain",
    "audit",
    "calculate_gain",
    "check",
    "conform",
    "constant",
    "constant_",
    "create",
    "fans",
    "fill",
    "fill_many",
    "identify",
    "kaiming_normal",
    "kaiming_normal_",
    "kaiming_uniform",
    "kaiming_uniform_",
    "lecun_normal",
    "lecun_normal_",
    "lecun_uniform",
    "lecun_uniform_",
    "make_plan",
    "manual_seed",
    "normal",
    "normal_",
    "ones",
    "ones_",
    "propagate",
    "sample",
    "trunc_normal",
    "trunc_normal_",
    "uniform",
    "uniform_",
    "variance_scaling",
    "variance_scaling_",
    "warmup",
    "words",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
    "zeros",
    "zeros_",
]


def __getattr__(name: str) -> Any:
    if name == "dialects":
        return importlib.import_module("fastinit.dialects")
    home = _HOME_OF.get(name)
    if home is None:
        # A plain AttributeError keeps hasattr and submodule imports working.
        msg = f"module 'fastinit' has no attribute {name!r}"
        raise AttributeError(msg)
    try:
        module = importlib.import_module(f"fastinit.{home}")
    except ModuleNotFoundError as error:
        if error.name not in {"fastinit.fan_gain", "fastinit.gains"}:
            raise
        from fastinit.errors import MissingPackageError

        raise MissingPackageError(
            f"fastinit in {__path__[0]!r}",
            "its compiled modules must have been built",
            "run 'python -m pip install -e .' there, or start Python in another folder",
        ) from error
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
