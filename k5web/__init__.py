"""K5: a prepaid callback-telephony operator in a box."""
