"""What users feed, made ready for a program."""
