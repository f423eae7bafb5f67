"""The touch client of the shop floor; it knows the server only through `server.wire`."""
