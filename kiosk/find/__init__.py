"""Finding a customer: recent ones, and people as letters are typed."""
