"""The Switch port's adapters: what rings the phones and what reports it."""
