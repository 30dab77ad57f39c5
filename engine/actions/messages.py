"""Messages on their way out: e-mail over SMTP, text messages and news of calls over a webhook."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any, Final

from engine.actions.http import Poster
from engine.actions.outbox import Message, NotDelivered
from engine.actions.outside import Mail, Outside

_SECONDS: Final = 15.0
_ADDRESS = re.compile(r"[^@\s\x00-\x20<>,;:\"\\()\[\]]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]+")
_NUMBER = re.compile(r"\+?[0-9]{5,15}")


def is_address(text: str) -> bool:
    """Whether a text is one plain e-mail address, so that nothing else can get into a mail's header."""
    return _ADDRESS.fullmatch(text) is not None and len(text) <= 254


def is_number(text: str) -> bool:
    """Whether a text is a telephone number, with or without the country."""
    return _NUMBER.fullmatch(text) is not None


class Messenger:
    """Sends each message the way of its kind. What the settings do not name cannot be sent."""

    def __init__(self, outside: Outside, poster: Poster, connect: Callable[[Mail], smtplib.SMTP] | None = None) -> None:
        self._outside = outside
        self._poster = poster
        self._connect = connect or _connect

    def deliver(self, message: Message, created: datetime) -> None:
        """Raises NotDelivered."""
        match message.kind:
            case "email":
                self._mail(message, created)
            case "sms":
                self._post(self._outside.sms, message, {"type": "sms", "to": message.recipient, **message.body})
            case "event":
                self._post(self._outside.events, message, message.body)
            case _:
                raise NotDelivered(f"there are no messages of the kind {message.kind!r}", final=True)

    def _post(self, name: str | None, message: Message, content: Mapping[str, Any]) -> None:
        if name is None:
            raise NotDelivered(f"no webhook for messages of the kind {message.kind} is set up", final=True)
        hook = self._outside.webhooks[name]
        reply = self._poster.post(hook, hook.url, message.key, content, _SECONDS, message.key)
        if reply.kind != "done":
            raise NotDelivered(f"{name}: {reply.text}", final=reply.kind == "refused")

    def _mail(self, message: Message, created: datetime) -> None:
        mail = self._outside.mail
        if mail is None:
            raise NotDelivered("no mail server is set up", final=True)
        letter = letter_of(mail, message, created)
        try:
            with self._connect(mail) as server:
                if mail.user is not None:
                    server.login(mail.user, mail.password)
                server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as fault:
            codes = [code for code, _ in fault.recipients.values()]
            raise NotDelivered(
                f"the mail server refused the recipient ({codes})", all(c >= 500 for c in codes)
            ) from fault
        except (OSError, smtplib.SMTPException) as fault:  # ssl.SSLError is an OSError
            raise NotDelivered(f"the mail server {mail.host}: {type(fault).__name__} {fault}"[:200]) from fault


def letter_of(mail: Mail, message: Message, created: datetime) -> EmailMessage:
    """The e-mail of a message. What a caller said stands in its body only, and in no header unchecked."""
    recipient = message.recipient or ""
    if not is_address(recipient):
        raise NotDelivered("the recipient is no e-mail address", final=True)
    name, address = parseaddr(mail.sender)
    letter = EmailMessage()
    letter["From"] = Address(name, addr_spec=address)
    letter["To"] = Address(addr_spec=recipient)
    letter["Subject"] = " ".join(str(message.body.get("subject", "")).split())
    letter["Date"] = format_datetime(created)
    letter["Message-ID"] = f"<{re.sub(r'[^A-Za-z0-9.-]', '-', message.key)}@{address.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(str(message.body.get("text", "")) + "\n")
    return letter


def _connect(mail: Mail) -> smtplib.SMTP:
    """A connection that is encrypted, and whose certificate fits, unless the settings say otherwise."""
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=_SECONDS, context=ssl.create_default_context())
    server = smtplib.SMTP(mail.host, mail.port, timeout=_SECONDS)
    if mail.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
    return server
