"""Playing: what the player prepares before it is needed."""
