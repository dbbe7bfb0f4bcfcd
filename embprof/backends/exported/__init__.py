"""A model as one graph beside its tokeniser, and what runs such a pair without torch.

``export`` and ``calibration`` are for the process that builds and may import anything. All else
imports ``tokenizers`` and numpy alone, for that is what a service with such files imports.
"""
