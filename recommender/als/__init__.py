"""Alternating least squares: fits, updates and refits of a log, and folding a history into the vector of its user."""
