"""Values that several rooms speak of."""
