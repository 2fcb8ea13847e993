"""Tests of fastinit_cuda that need no GPU."""
