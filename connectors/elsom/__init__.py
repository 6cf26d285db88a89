"""ELSOM, the Kyrgyz wallet: it pays to our accounts (two dialects), and K5 asks it for a payment (merchant)."""
