"""Interactions: ids and their dense indices, the growing log, and the histories that requests bring."""
