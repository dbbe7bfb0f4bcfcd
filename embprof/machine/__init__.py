"""What a figure depends on beside the code: the machine, its state, and versions."""
