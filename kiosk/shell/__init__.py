"""What is around every screen of the tablet: the rail, the search that is always there, the store."""
