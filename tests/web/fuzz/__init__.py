"""Requests made by a grammar of hostile values, to every address K5 has, from everybody who may come."""
