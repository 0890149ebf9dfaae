"""The trainer process: follows new interactions, updates or refits, and puts candidates before the gate."""
