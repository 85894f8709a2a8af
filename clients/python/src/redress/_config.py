"""How a client connects and waits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import grpc

PORTS = {"http": 80, "https": 443}
# The time that one attempt to connect has, TLS included.
CONNECT_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The certificate that a client shows, PEM."""

    certificate: bytes
    # Not in what is printed.
    key: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Tls:
    """How an `https` address is trusted."""

    # Authorities to trust, PEM; None: those that come with grpcio.
    ca: bytes | None = None
    # The name to expect in the server's certificate; None: that of the address.
    server_name: str | None = None
    identity: Identity | None = None


@dataclass(frozen=True, kw_only=True)
class Config:
    """Sets deadline, retries and credentials of a client.

    All times are in seconds.
    """

    # How long one call may take, retries included; the server is told.
    timeout: float = 10.0
    # The longest wait before the first retry; it doubles with each further one.
    backoff: float = 0.05
    # What it doubles up to.
    max_backoff: float = 1.0
    # Bytes of the largest reply that is accepted; a full batch at full view fits.
    max_reply_bytes: int = 32 * 1024 * 1024
    # The token to carry. Without TLS, whoever reads along knows it.
    token: str | None = field(default=None, repr=False)
    tls: Tls = Tls()

    def __post_init__(self) -> None:
        if self.timeout <= 0 or self.backoff <= 0 or self.max_backoff < self.backoff:
            raise ValueError(
                "`timeout` and `backoff` must be above zero, and `max_backoff` not below `backoff`"
            )
        if self.token is not None and not _is_token(self.token):
            raise ValueError("`token` must be visible ASCII without spaces")

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Returns what each call carries."""
        return () if self.token is None else (("authorization", f"Bearer {self.token}"),)


def _is_token(text: str) -> bool:
    return bool(text) and all("!" <= letter <= "~" for letter in text)


@dataclass(frozen=True)
class Target:
    """An address with what a channel to it needs."""

    address: str
    credentials: grpc.ChannelCredentials | None
    options: Sequence[tuple[str, int | str]]


def target(url: str, config: Config) -> Target:
    """Reads an address such as `http://localhost:50051` or `https://redress.example`."""
    parts = urlsplit(url)
    extra = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in PORTS or not parts.hostname or extra:
        raise ValueError(f"`{url}` is not an address such as `http://localhost:50051`")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    options: list[tuple[str, int | str]] = [
        ("grpc.max_receive_message_length", config.max_reply_bytes),
        # The client retries by itself.
        ("grpc.enable_retries", 0),
        # A server that was down is reconnected to within a few retries.
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 1000),
        # Despite its name the time that one attempt to connect has.
        ("grpc.min_reconnect_backoff_ms", CONNECT_SECONDS * 1000),
    ]
    credentials = None
    if parts.scheme == "https":
        tls = config.tls
        identity = tls.identity
        credentials = grpc.ssl_channel_credentials(
            root_certificates=tls.ca,
            private_key=identity.key if identity else None,
            certificate_chain=identity.certificate if identity else None,
        )
        if tls.server_name is not None:
            options.append(("grpc.ssl_target_name_override", tls.server_name))
    return Target(f"{host}:{parts.port or PORTS[parts.scheme]}", credentials, options)
