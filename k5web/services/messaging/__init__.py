"""Messages: codes, notices, what subscribers write."""
