"""Money by way of the bank: statements, suspense, receipts, invoices."""
