"""What runs of ``embedding`` show beside their speed."""
