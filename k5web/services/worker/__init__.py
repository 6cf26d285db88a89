"""The worker: what runs by itself."""
