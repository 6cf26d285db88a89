"""Flask: text becomes values at the door, one service is called, one answer is rendered."""
