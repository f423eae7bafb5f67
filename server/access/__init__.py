"""Access: which devices there are, who is signed in on them, and which doors are open to whom."""
