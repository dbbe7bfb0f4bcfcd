"""What a machine can be trusted with: its facts, its traps, its clock, its noise.

Facts are read, rules judge them, figures are measured; nothing is ever changed on the machine.
"""
