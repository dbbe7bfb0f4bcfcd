"""From command line and YAML to a validated list of jobs; nothing here runs or measures
anything.
"""
