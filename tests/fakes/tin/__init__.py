"""A made-up fourth way to pay: this folder, and one entry in a registry."""
