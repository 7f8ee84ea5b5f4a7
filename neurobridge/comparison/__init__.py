"""Networks and their spiking equivalents, judged on the same task."""
