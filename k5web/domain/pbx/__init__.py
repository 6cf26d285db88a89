"""The virtual PBX: rules of numbers, people and their phones, calls that a switch asks for, recordings."""
