"""Compile (or fetch from the cache) every kernel of the request path before the first request does."""

from __future__ import annotations

import numpy as np

from recommender.config import ALSConfig
from recommender.kernel import compiled_at_once
from recommender.model.factor_model import FactorModel
from recommender.reranking.balanced_row import BalancedRow, RowRules, Taste
from recommender.reranking.exploration import SlatePolicy
from recommender.reranking.stand_ins import StandIns
from recommender.reranking.traits import ItemTraits
from recommender.second_stage.attributes import ItemAttributes
from recommender.second_stage.beforehand import assumed_stage
from recommender.topk.heap_kernels import LONG
from recommender.transitions.transitions import Transitions


@compiled_at_once()
def warm_up() -> None:
    """Run each kernel once on a toy model. Call it at start-up, and after a fork that came before any use."""
    size = LONG + 1
    popularity, next_items = np.ones(size, dtype=np.float32), np.roll(np.arange(size, dtype=np.int32), -1)
    following = Transitions(np.arange(size + 1), next_items, popularity, **Transitions.trend_of(popularity))
    factors = np.eye(size, 2, dtype=np.float32)
    model = FactorModel(range(size), factors, popularity, ALSConfig(factors=2), transitions=following)
    model.recommend([0])
    model.recommend([0], k=LONG)
    model.recommend([0], candidates=[1, 2])
    model.recommend([])
    model.similar(0)
    model.explain([0], 1)
    model.fold_in_state([0]).append(1)
    stage = assumed_stage(ItemAttributes.of({0: ["kind=one"], 1: ["kind=two"]}, model.item_ids))
    staged = model.with_second_stage(stage)
    staged.recommend([0])
    staged.recommend([0], candidates=[1, 2])
    staged.explain([0], 1)
    staged.explainer([0]).leading([1], str)
    traits = ItemTraits({0: [("one",)], 1: [("two",)]}, ("kind",))
    traits.counts([("kind", "one")], [0])
    row = BalancedRow(traits, [1.0], RowRules())
    picked, scores = staged.recommend_columns([2], k=LONG, candidates=[0, 1])
    row.arrange(picked, scores, 1, Taste({0: 1.0}))
    bounds = row.arrange([0, 1], [1.0, 0.5], 1, Taste({0: 1.0})).bounds
    SlatePolicy(explore_share=1.0).draw_again([0], [1], 1, seed=0, stand_ins=StandIns(bounds, [0], [0]))
    SlatePolicy(explore_share=1.0).draw_again([0], [1], 1, seed=0)
