"""A spiking graph in Brian2: explicit groups, explicit synapses, an explicit clock."""
