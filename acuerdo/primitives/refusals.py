"""What an operation raises when it will not do what it was asked."""


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error
    """A domain operation said no.

    ``sentence`` is shown to the person, translated; ``code`` is for machines;
    ``status`` is the HTTP status of the JSON answer (409 conflict, 422 bad value).
    ``field`` names the form field at fault, where there is one.
    """

    def __init__(self, code: str, sentence: str, *, field: str = "", status: int = 422) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = str(sentence)
        self.field = field
        self.status = status

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"
