"""The simulated switch: a process that speaks as Asterisk does, writes its records and plays all the phones."""
