"""Waits between attempts to connect."""

FIRST_SECONDS = 0.25
LONGEST_SECONDS = 5.0


def backoff(failures: int, random: float) -> float:
    """Seconds before the next attempt: 0.25 s, doubling to 5 s. Each is spread over its upper half, so that readers that lost the same
    broker do not reconnect at the same time. `failures`: consecutive ones, from 1. `random`: from 0 to 1."""
    whole: float = min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(failures - 1, 16))
    return whole * (0.5 + random / 2)
