"""Nearest-neighbour libraries as peers: faiss, hnswlib and usearch, one thread, inner product. All are optional."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

import numpy as np

WANTED = 60
"""Neighbours asked for: ten, and as many more as a user has hidden."""
Search = Callable[[np.ndarray], np.ndarray]
Settings = Iterator[tuple[str, Search]]


def flat_peer(item_factors: np.ndarray) -> tuple[Search | None, str]:
    """Exact search by faiss, or why there is none."""
    try:
        faiss = import_module("faiss")
    except ImportError:
        return None, "faiss is not installed"
    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(item_factors.shape[1])
    index.add(item_factors)
    return lambda vector: index.search(vector[None], WANTED)[1][0], ""


def approximate_peers(item_factors: np.ndarray) -> Iterator[tuple[str, Settings | str]]:
    """Name, and either searches of rising effort, each with its setting, or why there are none."""
    for name, module, settings in (
        ("faiss IVF", "faiss", _ivf),
        ("hnswlib", "hnswlib", _hnswlib),
        ("usearch", "usearch.index", _usearch),
    ):
        try:
            import_module(module)
        except ImportError:
            yield name, f"{name} is not installed"
        else:
            yield name, settings(item_factors)


def _ivf(item_factors: np.ndarray) -> Settings:
    faiss = import_module("faiss")
    faiss.omp_set_num_threads(1)
    factors, lists = item_factors.shape[1], int(2 * np.sqrt(len(item_factors)))
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(factors), factors, lists, faiss.METRIC_INNER_PRODUCT)
    index.train(item_factors)
    index.add(item_factors)
    for probes in (1, 2, 4, 8, 16, 32, 64, 128, lists):
        index.nprobe = probes
        yield f"nprobe {probes}", lambda vector: index.search(vector[None], WANTED)[1][0]


def _hnswlib(item_factors: np.ndarray) -> Settings:
    index = import_module("hnswlib").Index(space="ip", dim=item_factors.shape[1])
    index.init_index(max_elements=len(item_factors), M=16, ef_construction=100)
    index.add_items(item_factors)
    index.set_num_threads(1)
    for effort in (60, 100, 200, 400, 800, 1600, 3200, 6400, 12800):
        index.set_ef(effort)
        yield f"ef {effort}", lambda vector: index.knn_query(vector, WANTED)[0][0].astype(np.int64)


def _usearch(item_factors: np.ndarray) -> Settings:
    index = import_module("usearch.index").Index(
        ndim=item_factors.shape[1], metric="ip", connectivity=16, expansion_add=100
    )
    index.add(np.arange(len(item_factors)), item_factors)
    for effort in (60, 100, 200, 400, 800, 1600, 3200, 6400, 12800):
        index.expansion_search = effort
        yield f"expansion {effort}", lambda vector: index.search(vector, WANTED, threads=1).keys.astype(np.int64)
