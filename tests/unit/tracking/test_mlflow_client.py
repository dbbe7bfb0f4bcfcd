"""Where runs are logged; MLflow itself is not imported."""

from pathlib import Path

import pytest

from embprof.tracking import mlflow_client
from embprof.tracking.places import Places


def test_the_store_is_the_users_own_or_a_file_beside_the_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = Places(root=tmp_path / "mlruns")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert mlflow_client.tracking_uri(places) == f"sqlite:///{tmp_path}/mlruns/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://server:5000")
    assert mlflow_client.tracking_uri(places) == "http://server:5000"
