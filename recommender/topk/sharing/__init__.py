"""A batch shared by threads, run by run, without the GIL between runs."""
