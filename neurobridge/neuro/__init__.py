"""Bank 1: neurons, synapses, plasticity and networks, simulated with Brian2."""
