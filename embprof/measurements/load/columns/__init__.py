"""The columns of each measurement under load."""
