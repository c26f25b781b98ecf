from acuerdo.primitives import signing

BODY = b'{"id": 1}'


def test_a_signature_holds_for_its_secret_and_body_only() -> None:
    signature = signing.hmac_sha256("secret", BODY)
    assert signing.is_signed("secret", BODY, signature)
    assert not signing.is_signed("other", BODY, signature)
    assert not signing.is_signed("secret", BODY + b" ", signature)


def test_an_empty_secret_verifies_nothing() -> None:
    assert not signing.is_signed("", BODY, signing.hmac_sha256("", BODY))


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {signing.token() for _ in range(50)}
    assert len(tokens) == 50
    assert min(len(token) for token in tokens) >= 43
