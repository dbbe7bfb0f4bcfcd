"""What is made of a study for others to read: one document per file, each a pure function."""
