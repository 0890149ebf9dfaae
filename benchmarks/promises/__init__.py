"""Drivers of the promises in docs/promises.md: each breaks the running site on purpose and says what remained.

They start the real site and trainer on 127.0.0.1 and end only what they started. `tests/promises` runs short and long
forms; `python -m benchmarks.promises NAME` runs one and writes its figures.
"""
