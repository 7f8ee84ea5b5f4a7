"""What networks are asked to do: one task a file, one contract for all."""
