"""The stream once more, from docs/stream.md alone.

Nothing here imports fastinit: integers, exact binary floats and mpmath stand in
for words, float formats and the true normals. Slow, and easy to check by eye.
"""
