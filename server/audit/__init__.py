"""Who saw whom, where, when and why: append-only, people by number only, chained so that what is amiss shows."""
