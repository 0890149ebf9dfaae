"""Questions to an export of `flask export-parquet`, answered by DuckDB: python examples/analyses.py FOLDER.

DuckDB reads the Parquet files in place, a part of a column at a time: 100 million interactions need no server and no
more memory than the answer. `pip install duckdb` first.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

QUESTIONS = {
    "who did how much, by arm": """
        SELECT arm, count(DISTINCT visitor_id) AS visitors, count(*) AS interactions,
            round(count(*) / count(DISTINCT visitor_id), 2) AS each
        FROM interactions JOIN visitors USING (visitor_id) WHERE weight > 0 AND NOT visitors.holdout
        GROUP BY arm ORDER BY arm
    """,
    "what stands on most items": """
        SELECT title, visitors, stands FROM (
            SELECT item_id, count(DISTINCT visitor_id) AS visitors, sum(weight) AS stands
            FROM interactions GROUP BY item_id
        ) JOIN items USING (item_id) ORDER BY visitors DESC, item_id LIMIT 5
    """,
    "what visitors turned to after the same item": """
        SELECT earlier.title AS turned_from, later.title AS turned_to, count(*) AS times FROM (
            SELECT item_id, lead(item_id) OVER (PARTITION BY visitor_id ORDER BY "at", seq) AS next_id
            FROM interactions WHERE weight > 0
        ) AS steps
        JOIN items AS earlier ON earlier.item_id = steps.item_id JOIN items AS later ON later.item_id = steps.next_id
        WHERE steps.item_id <> next_id GROUP BY ALL ORDER BY times DESC, turned_from, turned_to LIMIT 5
    """,
    "by day": """
        SELECT CAST(to_timestamp("at") AS DATE) AS day, count(*) AS interactions FROM interactions
        GROUP BY day ORDER BY day DESC LIMIT 5
    """,
}


def main(folder: Path) -> None:
    """Ask every question and print the answers."""
    conn = duckdb.connect()
    conn.execute("SET TimeZone = 'UTC'")
    for table in ("interactions", "items", "visitors"):
        conn.read_parquet(str(folder / table / "*.parquet")).create_view(table)
    for question, query in QUESTIONS.items():
        print(question)
        found = conn.execute(query)
        print("  " + ", ".join(column[0] for column in found.description))
        for row in found.fetchall():
            print("  " + ", ".join(map(str, row)))


if __name__ == "__main__":
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "manifest.json").is_file():
        sys.exit("give the folder of an export: `flask export-parquet FOLDER`, then python examples/analyses.py FOLDER")
    main(Path(sys.argv[1]))
