"""Batches of users: histories resolved in one pass, then shared by threads in runs that one kernel answers."""
