"""Spike trains as numpy arrays."""
