"""Whether somebody is still there; and that nothing of them is left when they are not."""
