"""Reaching: spikes of motor cortex to the velocity of a cursor, simulated or recorded, with open and closed loop."""
