"""Why noisy training generalises: gaps, bounds, noise scales, and one study with a switch for each cause."""
