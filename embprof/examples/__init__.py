"""Small services to be measured, as a user would write them: they know nothing of embprof.

Each does its work in a costly way and in a better one; an argument says which. The scenarios of the
same names measure them.
"""
