"""What is kept in memory from one answer to the next, and under which names."""
