"""The one definition of the arithmetic: words, Philox, intervals, Box-Muller.

Every module here but `targets` holds plain scalar functions that run in pure
Python as they stand and are instantiated for a compiler by `targets.instantiate`.
"""
