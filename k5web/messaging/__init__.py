"""The ways messages leave the house: the SMS centre and the mail server, real and simulated."""
