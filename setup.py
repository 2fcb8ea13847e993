"""Build of the compiled modules; everything else is said in pyproject.toml."""

import sys

from Cython.Build import cythonize
from setuptools import Extension, setup

# A fused 1 + slope * slope would give another gain on AArch64 than on x86-64;
# MSVC does not fuse unless it is told to.
NO_FUSED_MULTIPLY_ADD = [] if sys.platform == "win32" else ["-ffp-contract=off"]

#: Modules in Cython; each has a .pyx, a .pyi and, to be cimported, a .pxd.
COMPILED = ("gains", "fan_gain", "model_fans", "c_lookups")

setup(
    ext_modules=cythonize(
        [
            Extension(
                f"fastinit.{name}",
                [f"fastinit/{name}.pyx"],
                extra_compile_args=NO_FUSED_MULTIPLY_ADD,
            )
            for name in COMPILED
        ],
        compiler_directives={"language_level": 3},
    )
)
