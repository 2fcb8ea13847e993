"""fastinit on CUDA devices through numba.cuda: the same arithmetic, the same bits.

Importing this package needs neither a GPU nor numba-cuda; what needs them imports
them when called.
"""
