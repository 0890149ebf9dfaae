"""BLAS held to one thread, where our own threads share the work or what there is to do is small."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import numpy.linalg  # noqa: F401  loads the BLAS of NumPy
from threadpoolctl import ThreadpoolController


def one_blas_thread() -> AbstractContextManager[Any]:
    """A context in which NumPy's, SciPy's and implicit's BLAS use one thread, in all threads of the process."""
    return _libraries().limit(limits=1, user_api="blas")


@cache
def _libraries() -> ThreadpoolController:
    import scipy.linalg  # noqa: F401  loads the BLAS of SciPy, which implicit calls as well; a tenth of importing us

    # To look through the libraries of a process takes as long as a small fit, and these two stay loaded.
    return ThreadpoolController()
