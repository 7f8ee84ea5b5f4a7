"""How each PyTorch operation becomes synapses, neurons and gates: one family a file."""
