"""Training loops, checkpoints and their exact resumption."""
