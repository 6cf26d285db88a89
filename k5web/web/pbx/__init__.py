"""Calls: ordered, placed, settled, routed, kept safe; missed calls and buttons on sites."""
