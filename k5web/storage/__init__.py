"""The only room with SQL: functions over a Session that return domain values."""
