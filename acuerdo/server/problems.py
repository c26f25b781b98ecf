"""What the person at the terminal can put right."""


class ServerProblem(Exception):
    """Shown as one message, without a traceback; the text names the remedy."""
