"""Money from payment providers: notices, orders begun here, refunds, saved cards, reconciliation."""
