"""A trained PyTorch network becomes a spiking graph."""
