"""SASRec and GRU4Rec beside the library on the next click; optional, since they need torch, which is in no pins.

    pip install torch
    FLYWHEEL_DATASETS=folder python -m benchmarks.library.neural_peers [--stages 0.5 0.8] [--epochs 60] [--out FOLDER]

Kang and McAuley, "Self-Attentive Sequential Recommendation" (2018), with the cross-entropy over all items of Klenitskiy
and Vasilev, "Turning Dross Into Gold Loss" (2023), and without dropout of its own beside that of the layers; Hidasi,
Karatzoglou, Baltrunas, Tikk, "Session-based Recommendations with Recurrent Neural Networks" (2016), with the same loss.
Both learn to name every next item of the newest `LENGTH` of each user, and the number of epochs is chosen on the 5 %
before the part that is judged. ml-100k, ratings of one second in a drawn order, cases and NDCG@10 as in `replay`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.library.datasets import movielens_100k
from benchmarks.library.peers import Peer
from benchmarks.library.replay import WINDOW, cases_after, vars_of
from benchmarks.machine import keep
from recommender import History, Interactions, Recommendation, train
from recommender.evaluation import NextItemCase, evaluate_next_items, paired_interval

try:
    import torch
except ImportError as error:
    raise SystemExit(
        f"SASRec and GRU4Rec need torch, which is not installed ({error}); pip install torch, or run "
        "python -m benchmarks.library.replay for the peers that need nothing more"
    ) from error

LENGTH, WIDTH, LAYERS, HEADS = 50, 64, 2, 2
DROPOUT, RATE, BATCH, SEED = 0.2, 1e-3, 128, 7
EVERY = 10
"""Epochs between two looks at the window that the number of epochs is chosen on."""


class Attention(torch.nn.Module):  # type: ignore[misc]  # torch is not there to be read
    """SASRec: two causal layers of self-attention over items and places; scores are products with the items' vectors.

    Item 0 is padding. forward: items int64 (users, length) to float32 (users, length, WIDTH).
    """

    def __init__(self, items: int) -> None:
        super().__init__()
        self.item = torch.nn.Embedding(items + 1, WIDTH, padding_idx=0)
        self.place = torch.nn.Embedding(LENGTH, WIDTH)
        layer = torch.nn.TransformerEncoderLayer(WIDTH, HEADS, WIDTH, DROPOUT, batch_first=True, norm_first=True)
        self.layers = torch.nn.TransformerEncoder(layer, LAYERS, norm=torch.nn.LayerNorm(WIDTH))
        self.drop = torch.nn.Dropout(DROPOUT)
        torch.nn.init.normal_(self.item.weight, std=0.02)

    def forward(self, items: Any) -> Any:
        """A vector for each place, whose products with those of items are the scores of what comes after it."""
        length = items.shape[1]
        later = torch.triu(torch.ones(length, length, dtype=torch.bool), diagonal=1)
        vectors = self.drop(self.item(items) * WIDTH**0.5 + self.place(torch.arange(length)))
        return self.layers(vectors, mask=later)


class Recurrent(torch.nn.Module):  # type: ignore[misc]
    """GRU4Rec: one layer of gated recurrent units; arguments and results as in `Attention`."""

    def __init__(self, items: int) -> None:
        super().__init__()
        self.item = torch.nn.Embedding(items + 1, WIDTH, padding_idx=0)
        self.layers = torch.nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.drop = torch.nn.Dropout(DROPOUT)
        torch.nn.init.normal_(self.item.weight, std=0.02)

    def forward(self, items: Any) -> Any:
        """A vector for each place, as in `Attention`."""
        return self.layers(self.drop(self.item(items)))[0]


class NeuralPeer(Peer):
    """A network trained on the sequences of a log, an epoch at a time."""

    def __init__(self, log: Interactions, make: type[torch.nn.Module]) -> None:
        super().__init__(log)
        torch.manual_seed(SEED)
        sequences = log.sequences()
        self.sessions = []
        for start, stop in zip(sequences.indptr[:-1].tolist(), sequences.indptr[1:].tolist(), strict=True):
            whole = (sequences.items[start:stop] + 1).tolist()
            # A row longer than LENGTH + 1 is several, so that its older steps are learned from as well.
            self.sessions += [whole[first : first + LENGTH + 1] for first in range(0, len(whole) - 1, LENGTH)]
        self.network = make(len(self.item_ids))
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=RATE)
        self.order = np.random.default_rng(SEED)

    def learn(self, epochs: int) -> None:
        """So many passes over all rows."""
        self.network.train()
        for _ in range(epochs):
            drawn = self.order.permutation(len(self.sessions))
            for start in range(0, len(drawn), BATCH):
                rows = [self.sessions[number] for number in drawn[start : start + BATCH].tolist()]
                shown, wanted = padded([row[:-1] for row in rows]), padded([row[1:] for row in rows])
                there = wanted > 0  # half of the places are beyond the end of a row
                scores = self.network(shown)[there] @ self.network.item.weight.T
                loss = torch.nn.functional.cross_entropy(scores, wanted[there])
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()

    def recommend_many(self, histories: Iterable[History], k: int = 10) -> list[list[Recommendation]]:
        """The k best items of each history that are not in it."""
        self.network.eval()
        found = []
        known = [[self.index_of[item] + 1 for item in history if item in self.index_of] for history in histories]
        for start in range(0, len(known), BATCH):
            part = known[start : start + BATCH]
            last = torch.tensor([max(min(len(row), LENGTH), 1) - 1 for row in part])
            with torch.no_grad():
                vectors = self.network(padded([row[-LENGTH:] for row in part]))[torch.arange(len(part)), last]
                scores = vectors @ self.network.item.weight.T
            for number, row in enumerate(part):
                scores[number, [0, *row]] = -torch.inf
            best = scores.topk(k)
            found += [self.named(ids - 1, values) for ids, values in zip(best.indices, best.values, strict=True)]
        return found


def padded(rows: Sequence[Sequence[int]]) -> Any:
    """Rows of at most LENGTH items as int64 (rows, LENGTH), 0 after their ends."""
    return torch.tensor([[*row, *[0] * (LENGTH - len(row))] for row in rows], dtype=torch.int64)


def chosen_epochs(log: Interactions, cases: Sequence[NextItemCase], make: type[torch.nn.Module], most: int) -> int:
    """The number of epochs, a multiple of EVERY, that is best on a window of the past."""
    peer, quality = NeuralPeer(log, make), []
    for _ in range(0, most, EVERY):
        peer.learn(EVERY)
        quality.append(float(evaluate_next_items(peer, cases).mean()))
    return EVERY * (1 + int(np.argmax(quality)))


def measure(share: float, most: int) -> dict[str, Any]:
    """NDCG@10 of both networks and of `train(log)` after a share of the events."""
    events = movielens_100k()
    past, past_cases = cases_after(events, share - WINDOW)
    log, cases = cases_after(events, share)
    users = [case.user_id for case in cases]
    arms: list[dict[str, Any]] = []

    def report(name: str, values: Any, began: float, **more: Any) -> None:
        spent = round(time.process_time() - began, 1)
        arms.append({"arm": name, "ndcg_at_10": round(float(values.mean()), 5), "cpu_s": spent, **more})
        print(f"{name:28} {values.mean():.4f} {spent:8.1f} s  {more or ''}", flush=True)

    began = time.process_time()
    own = evaluate_next_items(train(log), cases)
    report("this library, train(log)", own, began)
    for name, make in (("SASRec", Attention), ("GRU4Rec", Recurrent)):
        began = time.process_time()
        epochs = chosen_epochs(past, past_cases, make, most)
        peer = NeuralPeer(log, make)
        peer.learn(epochs)
        values = evaluate_next_items(peer, cases)
        ahead = vars_of(paired_interval(own, values, groups=users))
        report(name, values, began, epochs=epochs, library_less=ahead)
    return {"share": share, "cases": len(cases), "arms": arms}


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stages", nargs="+", type=float, default=[0.5, 0.8], help="shares of the events")
    parser.add_argument("--epochs", type=int, default=60, help="most epochs, of which the best number is chosen")
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    stages = [measure(share, arguments.epochs) for share in arguments.stages]
    print(f"-> {keep('neural-ml-100k', {'torch': torch.__version__, 'stages': stages}, arguments.out)}")


if __name__ == "__main__":
    main()
