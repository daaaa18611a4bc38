"""Read articles into documents, segment them into passages, mark reprints and choose a time window."""
