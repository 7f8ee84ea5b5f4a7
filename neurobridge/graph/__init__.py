"""The bridge: a spiking network as plain data, numpy only."""
