"""Incoming numbers and the virtual PBX on a real switch."""
