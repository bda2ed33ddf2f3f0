"""The examples of RFC 8037: thumbprint (A.3), signature and verification (A.4, A.5), key agreement (A.6)."""

from signing.encoding import b64u_decode, b64u_encode
from signing.keys import PublicKey, x25519
from signing.secretkeys import SigningKey

D = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
SIGNING_INPUT = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
SIGNATURE = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"


def test_thumbprint() -> None:
    key = PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": X})
    assert key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_signature() -> None:
    key = SigningKey(b64u_decode(D, 32))
    assert b64u_encode(key.public.x) == X
    assert b64u_encode(key.sign(SIGNING_INPUT)) == SIGNATURE
    key.public.verify(SIGNING_INPUT, b64u_decode(SIGNATURE, 64))


def test_key_agreement() -> None:
    ephemeral = bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
    static = PublicKey.from_jwk({"kty": "OKP", "crv": "X25519", "x": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"})
    assert x25519(ephemeral, static.x).hex() == "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
