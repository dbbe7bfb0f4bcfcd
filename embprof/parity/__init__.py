"""Whether two services give the same answers, and what differs where they do not."""
