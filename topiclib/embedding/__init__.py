"""From passages to vectors, and from vectors to aligned vectors."""
