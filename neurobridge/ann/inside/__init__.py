"""Looking inside networks: gradients through time, gates, what attention and spatial transformers look at."""
