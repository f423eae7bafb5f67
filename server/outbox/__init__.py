"""What happened here is sent on to the shop whose cart it was: in order, until it takes it."""
