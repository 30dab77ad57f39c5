"""Who may open a call: Asterisk's addresses, and a key of its dialplan that is good for one call."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TypeAlias

from agi.token import Tokens
from agi.wire.fastagi import Request
from engine.errors import PeerError, SettingsError

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Addresses (`10.0.0.5`) and networks (`10.0.0.0/24`) as they are written in the settings; SettingsError for what
    is neither."""
    found = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(text.strip()))
        except ValueError as fault:
            raise SettingsError(f"asterisk.allow: {text!r} is no address and no network such as 10.0.0.0/24") from fault
    return tuple(found)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Gate:
    """`tokens` is None where no secret is set: then the address alone decides."""

    def __init__(self, allowed: Sequence[Network], tokens: Tokens | None = None) -> None:
        self._allowed = tuple(allowed)
        self._tokens = tokens

    def lets_in(self, address: str) -> bool:
        """Whether a peer of this address may connect at all."""
        try:
            found = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        return any(found in network for network in self._allowed)

    def admit(self, request: Request) -> None:
        """Raises PeerError unless this request may open a call; its key is void from then on."""
        if self._tokens is None:
            return
        try:
            self._tokens.spend(request.path, request.get("uniqueid") or "", request.query)
        except PeerError as fault:
            raise PeerError(f"an AGI request for {request.path!r} is refused: {fault}") from fault
