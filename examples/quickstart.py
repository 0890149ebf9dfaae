"""The library in two minutes, on made-up reads of a small news site: train, recommend, explain, keep up, save, compare.

    python examples/quickstart.py

Everything printed is computed here; the same seed prints the same.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from recommender import ALSConfig, ALSTrainer, FactorModel, Interactions, PopularityModel
from recommender.evaluation import evaluate_next_items, next_item_cases, paired_interval, split_by_time

TOPICS = ("sport", "politics", "food", "science")
ARTICLES = {topic: [f"{topic}-{number}" for number in range(40)] for topic in TOPICS}

Row = tuple[str, str, float, float]


def made_up_reads(readers: int = 400, seed: int = 7) -> list[Row]:
    """Rows of (reader, article, weight, Unix seconds): each reader has a favourite topic and reads around it."""
    rng = random.Random(seed)
    rows: list[Row] = []
    for number in range(readers):
        favourite = rng.choice(TOPICS)
        for _ in range(rng.randint(4, 14)):
            topic = favourite if rng.random() < 0.75 else rng.choice(TOPICS)
            article = ARTICLES[topic][min(int(rng.expovariate(0.12)), 39)]
            rows.append((f"reader-{number}", article, 1.0, 1.7e9 + rng.random() * 1e6))
    return sorted(rows, key=lambda row: row[3])


def main() -> None:
    """Walk through the library."""
    rows = made_up_reads()
    print(f"{len(rows):,} reads by {len({row[0] for row in rows})} readers")

    trainer = ALSTrainer(ALSConfig(factors=16), seed=7)
    trainer.fit(Interactions.from_rows(rows))
    model = trainer.model()

    history = ["food-0", "food-3", "science-1"]
    print("\nfor somebody who read", ", ".join(history))
    for hit in model.recommend(history, k=5):
        because = max(model.explain(history, hit.item_id), key=lambda part: part.share)
        print(f"  {hit.item_id:<12} {hit.score:6.3f}   because of {because.item_id}")
    print("like food-0:", ", ".join(str(hit.item_id) for hit in model.similar("food-0", k=4)))

    report = trainer.update(
        [("reader-new", "sport-1", 1.0, 1.7e9 + 2e6), ("reader-new", "sport-new", 1.0, 1.7e9 + 2e6)]
    )
    print(f"\nan update of {report.rows} rows: {report.new_users} new reader, {report.new_items} new article")
    print("the new article is known:", "sport-new" in trainer.model())

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        model.save(path)
        again = FactorModel.load(path)
    print("saved and loaded, the same answer:", again.recommend(history, k=3) == model.recommend(history, k=3))

    past, _ = split_by_time(rows, 0.8)
    log = Interactions.from_rows(past)
    judged = ALSTrainer(ALSConfig(factors=16), seed=7)
    judged.fit(log)
    cases = next_item_cases(rows, start=len(past))
    learned = evaluate_next_items(judged.model(), cases, k=10)
    popular = evaluate_next_items(PopularityModel.from_interactions(log), cases, k=10)
    gain = paired_interval(learned, popular, groups=[case.user_id for case in cases])
    print(f"\nthe next read, {len(cases)} cases: NDCG@10 {learned.mean():.3f}, popularity {popular.mean():.3f}")
    print(f"gain {gain.mean:+.3f}, 95 % interval {gain.low:+.3f} to {gain.high:+.3f}")


if __name__ == "__main__":
    main()
