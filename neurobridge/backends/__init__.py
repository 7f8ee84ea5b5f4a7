"""What runs a spiking graph: one simulator each, strangers to each other."""
