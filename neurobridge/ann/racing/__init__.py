"""The same problems, the same budget and the same tuning for every optimiser."""
