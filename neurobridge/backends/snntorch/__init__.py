"""The spiking graph as a PyTorch module of snnTorch neurons."""
