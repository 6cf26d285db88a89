"""Messages: what they say, the hook of the SMS gateway, what subscribers wish to hear."""
