"""The way to the server, behind one interface; screens never know which one they speak through."""
