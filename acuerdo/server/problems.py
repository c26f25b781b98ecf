"""What the person at the terminal can put right."""


class ServerProblem(Exception):  # noqa: N818 - a person's mistake or mishap, not a fault of ours
    """Shown as one message, without a traceback; the text names the remedy."""
