"""What people at a terminal see: tables for answers, words for errors. Knows the wire, and no slice."""
