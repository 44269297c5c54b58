"""Files of others, read without trusting them: sizes are checked before memory is taken."""
