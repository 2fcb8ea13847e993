"""Build of the one compiled module; everything else is said in pyproject.toml."""

import sys

from Cython.Build import cythonize
from setuptools import Extension, setup

# A fused 1 + slope * slope would give another gain on AArch64 than on x86-64;
# MSVC does not fuse unless it is told to.
NO_FUSED_MULTIPLY_ADD = [] if sys.platform == "win32" else ["-ffp-contract=off"]

setup(
    ext_modules=cythonize(
        [
            Extension(
                "fastinit.fan_gain",
                ["fastinit/fan_gain.pyx"],
                extra_compile_args=NO_FUSED_MULTIPLY_ADD,
            )
        ],
        compiler_directives={"language_level": 3},
    )
)
