"""Feed formats, a file each: rows of a feed become products, or are refused with their line, field, value and rule."""
