"""Where answers are kept: one folder per run on disk, first; then MLflow."""
