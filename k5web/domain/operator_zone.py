"""Where the operator's days and months begin and end."""

from zoneinfo import ZoneInfo

OPERATOR_ZONE = ZoneInfo("Europe/Moscow")  # days and months of billing
