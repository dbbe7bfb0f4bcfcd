"""What runs of ``parity`` show."""
