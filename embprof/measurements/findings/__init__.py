"""Rules that several measurements share: a file each, from a study to findings."""
