"""Refusals about the virtual PBX: its people, their extensions and phones."""

from k5web.errors.general import K5Error


class NoPbx(K5Error):
    """No plan of the subscriber's has a PBX. Facts: plan."""

    code, status, text = "no_pbx", 403, "plan {plan} has no PBX"


class PeopleLimit(K5Error):
    """As many people as the plan and what was ordered beside it pay for. Facts: limit."""

    code, status, text = "people_limit", 409, "{limit} people are all that is paid for"


class WrongExtension(K5Error):
    """No extension of two to four digits, or an emergency number. Facts: text."""

    code, status, text = "wrong_extension", 400, "'{text}' is no extension: two to four digits, no emergency number"


class ExtensionTaken(K5Error):
    """Somebody of the organisation has this extension. Facts: extension."""

    code, status, text = "extension_taken", 409, "extension {extension} is taken"


class WrongNetwork(K5Error):
    """What is no network, or too many of them. Facts: text."""

    code, status, text = "wrong_network", 400, "'{text}' is no network like 203.0.113.0/24; five at most"
