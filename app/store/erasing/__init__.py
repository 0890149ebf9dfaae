"""What leaves the event database for good: erased visitors, and what is kept no longer."""
