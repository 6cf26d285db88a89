"""The books: crediting, corrections, statements, verification."""
