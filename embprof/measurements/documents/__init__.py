"""The JSON documents of a report: each draws on what several measurements found."""
