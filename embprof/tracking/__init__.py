"""Where answers are kept: a folder a run on disk, first; then MLflow."""
