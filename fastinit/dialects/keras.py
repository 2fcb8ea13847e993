"""keras.initializers: its element-wise initializers, under its names.

A class is made with the arguments of its law and a seed, and its instances are called
with (shape, dtype). They answer NumPy arrays, of which Keras makes tensors of its
backend: `Dense(8, kernel_initializer=HeNormal(seed=0))`. Orthogonal, Identity and STFT
are not here.
"""

from __future__ import annotations

import inspect
from typing import Any

from fastinit.dialects._constants import constant_array
from fastinit.dialects._keras_base import (
    Initializer,
    RandomInitializer,
    SpecInitializer,
    dtype_for,
)
from fastinit.dialects._keras_scaled import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)
from fastinit.dialects._numbers import spec_of_scalars
from fastinit.dialects._specs import truncated_spec
from fastinit.errors import ArgumentError, shown
from fastinit.spec import Spec, spec_of

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "RandomInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]


class Zeros(SpecInitializer):
    """Zeros.

    Examples
    --------
    >>> Zeros()((2,)).tolist()
    [0.0, 0.0]
    """

    def spec(self, shape: Any) -> Spec:  # noqa: ARG002
        """Law of the values; the same for every shape.

        Parameters
        ----------
        shape : sequence of int
            Shape of the whole array.

        Returns
        -------
        spec : Spec
            In our terms.
        """
        return spec_of("zeros")


class Ones(SpecInitializer):
    """Ones.

    Examples
    --------
    >>> Ones()((2,)).tolist()
    [1.0, 1.0]
    """

    def spec(self, shape: Any) -> Spec:  # noqa: ARG002
        """Law of the values; the same for every shape.

        Parameters
        ----------
        shape : sequence of int
            Shape of the whole array.

        Returns
        -------
        spec : Spec
            In our terms.
        """
        return spec_of("ones")


class Constant(Initializer):
    """One value, or the values of an array, broadcast to the shape.

    Parameters
    ----------
    value : float, int, bool or array
        The value.

    Examples
    --------
    >>> Constant(3.0)((2,)).tolist()
    [3.0, 3.0]
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Make an array.

        Parameters
        ----------
        shape : sequence of int
            Shape of the array.
        dtype : dtype, optional
            keras.config.floatx() where Keras is loaded, else float32.

        Returns
        -------
        array : numpy.ndarray
            Of the shape.

        Raises
        ------
        FastinitError
            If the value does not fit the shape or the dtype.
        """
        return constant_array(self.value, shape, dtype_for(dtype))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class, as plain values.

        Returns
        -------
        config : dict
            What `from_config` takes.
        """
        return {"value": self.value}


class RandomNormal(RandomInitializer):
    """Normal values.

    Parameters
    ----------
    mean, stddev : float
        Mean and standard deviation, finite, stddev >= 0.
    seed : int or Generator, optional
        An int or None gives the same values in each call, a Generator others.

    Examples
    --------
    >>> RandomNormal(seed=0).spec((2,))
    Spec('normal(std=0.05)')
    """

    def __init__(
        self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None
    ) -> None:
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    def spec(self, shape: Any) -> Spec:  # noqa: ARG002
        """Law of the values; the same for every shape.

        Parameters
        ----------
        shape : sequence of int
            Shape of the whole array.

        Returns
        -------
        spec : Spec
            In our terms.
        """
        return spec_of_scalars("normal", mean=self.mean, std=self.stddev)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class, as plain values.

        Returns
        -------
        config : dict
            What `from_config` takes.
        """
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class RandomUniform(RandomInitializer):
    """Uniform values on [minval, maxval).

    Parameters
    ----------
    minval, maxval : float
        Ends of the interval, finite, minval <= maxval.
    seed : int or Generator, optional
        An int or None gives the same values in each call, a Generator others.

    Examples
    --------
    >>> RandomUniform(seed=0).spec((2,))
    Spec('uniform(a=-0.05, b=0.05)')
    """

    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None
    ) -> None:
        self.minval, self.maxval = minval, maxval
        super().__init__(seed)

    def spec(self, shape: Any) -> Spec:  # noqa: ARG002
        """Law of the values; the same for every shape.

        Parameters
        ----------
        shape : sequence of int
            Shape of the whole array.

        Returns
        -------
        spec : Spec
            In our terms.
        """
        return spec_of_scalars("uniform", a=self.minval, b=self.maxval)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class, as plain values.

        Returns
        -------
        config : dict
            What `from_config` takes.
        """
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


class TruncatedNormal(RandomInitializer):
    """Normal values within 2 stddev of the mean; the truncation makes them narrower.

    Parameters
    ----------
    mean, stddev : float
        Mean and standard deviation before the truncation.
    seed : int or Generator, optional
        An int or None gives the same values in each call, a Generator others.

    Examples
    --------
    >>> TruncatedNormal(seed=0).spec((2,))
    Spec('trunc_normal(std=0.05, a=-0.1, b=0.1)')
    """

    def __init__(
        self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None
    ) -> None:
        self.mean, self.stddev = mean, stddev
        super().__init__(seed)

    def spec(self, shape: Any) -> Spec:  # noqa: ARG002
        """Law of the values; the same for every shape.

        Parameters
        ----------
        shape : sequence of int
            Shape of the whole array.

        Returns
        -------
        spec : Spec
            In our terms.
        """
        return truncated_spec(self.mean, self.stddev, -2.0, 2.0)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class, as plain values.

        Returns
        -------
        config : dict
            What `from_config` takes.
        """
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


zeros, ones, constant = Zeros, Ones, Constant
random_normal, random_uniform = RandomNormal, RandomUniform
truncated_normal, variance_scaling = TruncatedNormal, VarianceScaling
glorot_normal, glorot_uniform = GlorotNormal, GlorotUniform
lecun_normal, lecun_uniform = LecunNormal, LecunUniform
he_normal, he_uniform = HeNormal, HeUniform

for _public in [name for name in __all__ if name != "get"]:
    # The configs that Keras saves name a module, which is to be the public one.
    globals()[_public].__module__ = __name__

#: Names that `get` knows and the module does not have.
_SHORT = {"zero": Zeros, "one": Ones, "normal": RandomNormal, "uniform": RandomUniform}


def get(identifier: Any) -> Any:
    """Initializer of a name, a config or a class.

    Parameters
    ----------
    identifier : str, dict, callable or None
        Name of a class, in either spelling; a dict of class_name and config; a class;
        or an initializer, which is returned, as None is.

    Returns
    -------
    initializer : callable or None
        To be called with (shape, dtype).

    Raises
    ------
    ArgumentError
        If it is none of these.
    ArgumentTypeError
        If its config is none of the class.

    Examples
    --------
    >>> get("glorot_uniform")
    GlorotUniform(seed=None, input_axes=None, output_axes=None)
    """
    if identifier is None:
        return None
    config: Any = None
    found = identifier
    if isinstance(identifier, dict):
        found, config = identifier.get("class_name"), identifier.get("config")
    if isinstance(found, str):
        known = {name: globals()[name] for name in __all__ if name != "get"}
        found = {**known, **_SHORT}.get(found)
    if inspect.isclass(found) and issubclass(found, Initializer):
        # A config of None is no config, as in Keras.
        return found.from_config({} if config is None else config)
    if callable(found):
        return found
    raise ArgumentError(
        f"initializer {shown(identifier)}",
        f"names are {', '.join(name for name in __all__ if name[0].isupper())}",
        "pass one of these, in either spelling, or an initializer",
    )
