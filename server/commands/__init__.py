"""The commands of `mostrador` that belong to one slice, and what all commands share."""
