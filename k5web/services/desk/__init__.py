"""The operator's desk: its people, what they did, and what puts several subjects together for them."""
