"""Fits of simple neurons to recorded or simulated spikes, all candidates of a generation in one simulation."""
