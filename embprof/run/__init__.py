"""A sweep, a gate, a job: measured and recorded."""
