"""The rules of this subject: a file each, from a study to findings."""
