"""Exact top-k: the layout of item factors, the kernels that scan it, batches of users; each kernel beside its twin."""
