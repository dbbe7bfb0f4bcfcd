"""From command line and YAML to a validated list of jobs; nothing is measured here."""
