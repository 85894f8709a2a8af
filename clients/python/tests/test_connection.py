"""TLS, certificates and tokens, against a real server."""

import hashlib
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from asking import BOTH, Ask
from conftest import Start

from redress import (
    CallError,
    Client,
    Config,
    Identity,
    InvalidRequestError,
    Tls,
    UnauthenticatedError,
    UnavailableError,
)

both = pytest.mark.parametrize("ask", BOTH)
QUICK = 2.0


class Authority:
    """An authority with the files that a server needs."""

    def __init__(self, folder: Path) -> None:
        self.ca = trustme.CA()
        self.pem = self.ca.cert_pem.bytes()
        self.file = folder / "ca.pem"
        self.file.write_bytes(self.pem)
        server = self.ca.issue_cert("redress.test", "127.0.0.1")
        chain = b"".join(blob.bytes() for blob in server.cert_chain_pems)
        (folder / "cert.pem").write_bytes(chain)
        (folder / "key.pem").write_bytes(server.private_key_pem.bytes())
        cert, key = folder / "cert.pem", folder / "key.pem"
        self.flags = ("--tls-cert", str(cert), "--tls-key", str(key))

    def identity(self) -> Identity:
        issued = self.ca.issue_cert("checkout.test")
        chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
        return Identity(certificate=chain, key=issued.private_key_pem.bytes())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@both
def test_a_server_is_trusted_by_its_authority(ask: Ask, start: Start, authority: Authority) -> None:
    url = f"https://{start(*authority.flags)}"
    for tls in (Tls(ca=authority.pem), Tls(ca=authority.pem, server_name="redress.test")):
        # An empty request is refused: the call came through.
        with pytest.raises(InvalidRequestError):
            ask(url, Config(tls=tls))
    for tls in (Tls(), Tls(ca=authority.pem, server_name="other.test")):
        with pytest.raises(UnavailableError):
            ask(url, Config(tls=tls, timeout=QUICK))


@both
def test_a_certificate_is_shown(ask: Ask, start: Start, authority: Authority) -> None:
    address = start(*authority.flags, "--tls-client-ca", str(authority.file))
    tls = Tls(ca=authority.pem, identity=authority.identity())
    assert "PRIVATE" not in repr(tls)
    with pytest.raises(InvalidRequestError):
        ask(f"https://{address}", Config(tls=tls))
    with pytest.raises(UnavailableError):
        ask(f"https://{address}", Config(tls=Tls(ca=authority.pem), timeout=QUICK))


@both
def test_a_token_is_known(ask: Ask, start: Start, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    digest = hashlib.sha256(b"a-secret").hexdigest()
    tokens.write_text(f"checkout {digest}\n", encoding="utf-8")
    url = f"http://{start('--tokens', str(tokens))}"
    with pytest.raises(InvalidRequestError):
        ask(url, Config(token="a-secret"))  # noqa: S106
    for token in (None, "another"):
        with pytest.raises(UnauthenticatedError) as raised:
            ask(url, Config(token=token))
        assert raised.value.reason == "ERROR_REASON_UNAUTHENTICATED"


def test_a_reply_above_the_limit_is_refused(url: str) -> None:
    with (
        Client(url, Config(max_reply_bytes=10)) as client,
        pytest.raises(CallError) as raised,
    ):
        list(client.list_policies())
    assert raised.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize(
    "bad",
    ["localhost:50051", "ftp://localhost", "http://", "http://localhost/path", "not an address"],
)
def test_an_address_has_a_scheme_and_a_host(bad: str) -> None:
    with pytest.raises(ValueError, match="is not an address"):
        Client(bad)


def test_settings_that_cannot_be_are_refused() -> None:
    settings: list[dict[str, Any]] = [
        {"timeout": 0},
        {"backoff": 0},
        {"backoff": 2.0},
        {"token": "two words"},
    ]
    for bad in settings:
        with pytest.raises(ValueError, match="`"):
            Config(**bad)
