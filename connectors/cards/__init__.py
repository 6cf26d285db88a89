"""Bank cards by way of an acquirer's e-commerce gateway; each acquirer is one partner."""
