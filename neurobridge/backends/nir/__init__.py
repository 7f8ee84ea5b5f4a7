"""Exchange with neuromorphic tools as NIR graphs, in the `exact` and the `portable` dialect."""
