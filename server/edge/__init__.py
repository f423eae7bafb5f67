"""What every request passes before its door, and every answer after it."""
