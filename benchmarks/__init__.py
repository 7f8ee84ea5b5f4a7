"""Measurements against other tools: ratios taken in one run, written to `results/` with versions."""
