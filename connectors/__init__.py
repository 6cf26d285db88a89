"""The registry of payment connectors: one entry per provider."""
