"""Refusals about rules of incoming numbers and their prompts."""

from k5web.errors.general import K5Error


class WrongHours(K5Error):
    """Text that is no working hours, or no days chosen. Facts: text."""

    code, status, text = "wrong_hours", 400, "'{text}' is no working hours: choose days, write the time like 9:00"


class WrongRule(K5Error):
    """A rule that cannot be put in force; the one before stays. Facts: problems (all of them)."""

    code, status, text = "wrong_rule", 400, "the rule cannot be used: {problems}"


class StaleRule(K5Error):
    """The rule was changed elsewhere since the page was shown; nothing was changed. Facts: none."""

    code, status, text = "stale_rule", 409, "the rule was changed meanwhile: look at it again"


class WrongGreeting(K5Error):
    """A file that cannot be a prompt; nothing was kept. Facts: reason (a word of its own)."""

    code, status, text = "wrong_greeting", 400, "the file cannot be a prompt: {reason}"


class GreetingUsed(K5Error):
    """A prompt that a rule in force says. Facts: number."""

    code, status, text = "greeting_used", 409, "the rule of {number} says this prompt: change it first"
