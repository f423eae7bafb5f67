"""Pictures of articles: fetched once, made as small as devices need them, kept by the hash of what they show."""
