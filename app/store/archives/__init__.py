"""The event database as a file: export, import, and copying between databases."""
