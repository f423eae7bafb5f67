"""Who works on the tablet: a name or a badge and a PIN, until they sign out, are idle, or their shift ends."""
