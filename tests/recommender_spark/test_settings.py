"""What of a training needs no Spark: reading an export, mapping settings, and refusing what cannot be done."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from recommender import ALSConfig
from recommender_spark import SparkTrainingError, read_export
from recommender_spark.__main__ import main
from recommender_spark.factors import Side, map_settings
from recommender_spark.session import missing_part
from recommender_spark.training import check_place
from tests.recommender_spark.histories import CONFIG, histories, write_export

pytest.importorskip("pyarrow", reason="an export is Parquet")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows, placed = histories(10, seed=1)
    write_export(tmp_path / "export", rows, placed)
    return tmp_path / "export"


def test_where_all_rows_have_as_many_pairs_both_regularize_alike() -> None:
    config = ALSConfig(regularization=3.0)
    mapping = map_settings(config, Side(100, 1000, 10 * 1000, 1000), Side(50, 1000, 20 * 1000, 1000), 1e9, 0)
    for_users, for_items = mapping.reg_param * 10, mapping.reg_param * 20
    assert for_users * for_items == pytest.approx(3.0 * 3.0), "a factorisation feels the product of both sides"
    assert mapping.scale == pytest.approx((20 / 10) ** 0.25), "what Spark took from one side it gave to the other"
    assert mapping.regularization == 3.0


def test_regularization_is_lowered_on_little_data_as_in_the_library() -> None:
    side = Side(100, 1000, 10 * 1000, 1000)
    mapping = map_settings(ALSConfig(regularization=50.0, alpha=2.0), side, side, 10.0, 0)
    assert mapping.regularization == pytest.approx(0.2 * 2.0 * 10.0)
    assert mapping.reg_param == pytest.approx(mapping.regularization / 10)


def test_an_export_is_read_with_its_settings_and_others_on_demand(folder: Path) -> None:
    export = read_export(folder)
    assert export.config == CONFIG
    assert len(export.files("interactions")) == 2
    changed = export.changed({"factors": "16", "alpha": "2.5"})
    assert (changed.config.factors, changed.config.alpha) == (16, 2.5)
    with pytest.raises(SparkTrainingError, match="'kind' cannot be changed here; use one of factors, "):
        export.changed({"kind": "1"})
    with pytest.raises(SparkTrainingError, match=r"factors = '1\.5' is no int"):
        export.changed({"factors": "1.5"})
    with pytest.raises(SparkTrainingError, match="factors must be"):
        _ = export.changed({"factors": "0"}).config


def test_an_export_that_is_not_whole_is_refused_with_the_fix(folder: Path) -> None:
    path = folder / "manifest.json"
    text = path.read_text(encoding="utf-8")
    part = folder / "interactions/part-000001.parquet"
    content = part.read_bytes()
    part.write_bytes(content[:-1] + b"x")
    with pytest.raises(SparkTrainingError, match=r"part-000001.parquet is not as it was exported; run `flask export-p"):
        read_export(folder)
    part.write_bytes(content)
    path.write_text(text.replace('"rows": ', '"rows": 1', 1))
    with pytest.raises(SparkTrainingError, match="does not have the sum"):
        read_export(folder)
    path.write_text(json.dumps({"format": "other"}))
    with pytest.raises(SparkTrainingError, match="of no export that this code reads"):
        read_export(folder)
    path.write_text("{")
    with pytest.raises(SparkTrainingError, match="cannot be read"):
        read_export(folder)
    path.unlink()
    with pytest.raises(SparkTrainingError, match=r"has no manifest.json; make it with `flask export-parquet`"):
        read_export(folder)


def test_what_is_in_the_way_is_said_before_hours_are_spent(tmp_path: Path) -> None:
    check_place(tmp_path / "new")
    (tmp_path / "letter").write_text("mine")
    with pytest.raises(SparkTrainingError, match="holds 'letter'; name a new folder"):
        check_place(tmp_path)
    with pytest.raises(SparkTrainingError, match="is a file"):
        check_place(tmp_path / "letter")


def test_without_spark_or_java_the_fix_is_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    assert main([str(folder), str(tmp_path / "out")]) == 1
    assert "pip install -r requirements/spark.txt" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "pyspark", sys)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert "Spark needs Java 17 or newer" in (missing_part() or "")
    with pytest.raises(SystemExit):
        main([str(folder), str(tmp_path / "out"), "--set", "factors"])
    assert "'factors' has no '='; write NAME=VALUE" in capsys.readouterr().err
