"""Looking for an article by what is typed."""
