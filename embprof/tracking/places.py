"""Where things lie below ``mlruns``; the one place that knows the names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Folders and files of one store on disk."""

    root: Path

    @classmethod
    def here(cls) -> Places:
        """The store of the folder the user stands in."""
        return cls(root=Path.cwd() / "mlruns")

    @property
    def database(self) -> Path:
        """MLflow's SQLite file."""
        return self.root / "mlflow.db"

    @property
    def artifacts(self) -> Path:
        """MLflow's artifacts."""
        return self.root / "artifacts"

    @property
    def sweeps(self) -> Path:
        """One folder per sweep, and in it one folder per run."""
        return self.root / "sweeps"

    @property
    def index(self) -> Path:
        """One line per finished run: all that plans and resumes need to know."""
        return self.root / "index.jsonl"

    @property
    def active(self) -> Path:
        """One file per sweep that runs now; left behind by one that was killed."""
        return self.root / "active"

    @property
    def outbox(self) -> Path:
        """One file per sweep that MLflow has not got completely."""
        return self.root / "outbox"

    @property
    def baselines(self) -> Path:
        """One file per named baseline."""
        return self.root / "baselines"

    @property
    def reports(self) -> Path:
        """One folder per report that was asked for without saying where to."""
        return self.root / "reports"

    @property
    def lock(self) -> Path:
        """Held while the store is created or a sweep is replayed into it."""
        return self.root / ".lock"

    def sweep(self, sweep_id: str) -> Path:
        """The folder of a sweep."""
        return self.sweeps / sweep_id
