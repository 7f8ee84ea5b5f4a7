"""Bank 2: PyTorch networks, their training, optimisers and landscapes."""
