"""One function per use case; transactions begin and end here."""
