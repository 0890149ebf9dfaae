"""Data to start from: templates, simulated visitors, MovieLens."""
