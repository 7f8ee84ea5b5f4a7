"""The neuroscience bank: neurons, synapses, plasticity, protocols and networks on Brian2, with published numbers."""
