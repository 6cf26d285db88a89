"""Rows of the operator's desk."""
