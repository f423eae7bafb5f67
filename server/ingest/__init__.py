"""The one way in for records, whatever source they come from."""
