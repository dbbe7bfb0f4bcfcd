"""What a plug-in must and may be, and the account that a subject gives of itself."""
