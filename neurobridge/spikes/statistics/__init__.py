"""Statistics of spike trains: regularity, correlation, spectra, distances and information."""
