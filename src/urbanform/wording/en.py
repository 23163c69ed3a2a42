"""The English table: code → text."""

TEXT: dict[str, str] = {}
