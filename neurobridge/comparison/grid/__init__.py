"""Studies over a grid of tasks, networks, codes, optimizers and seeds: cell by cell, on any number of machines."""
