"""What is made of a study for others to read: one document a file, each a pure function."""
