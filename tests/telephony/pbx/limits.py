"""How long a paid leg may last."""

SLACK_S = 1.0  # a leg is cut off this much before its next minute at the latest


def is_cut_at(seconds: float, limit: float) -> bool:
    """Return whether a leg ended at its limit: never before, and never in the next minute. Units: seconds."""
    return limit - 0.05 <= seconds < limit + SLACK_S
