"""All that a page says about a way to pay, as one text."""

from k5web.domain.payments.payment_way import Way


def told(way: Way) -> str:
    """Return its title, lead, steps and notes."""
    steps = [step for path in way.paths for step in path.steps]
    return " ".join([way.title, *map(str, (way.lead, *steps, *way.notes))])
