"""What other libraries do with the same networks, for the benchmarks that compare."""
