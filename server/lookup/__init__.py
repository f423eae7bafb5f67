"""What a scanned code is: the first question at every counter."""
