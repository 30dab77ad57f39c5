"""Who may use the console, and who is logged in."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias, get_args

import sqlalchemy as sa

from engine.actions.schema import sessions, users
from engine.actions.store import Store
from engine.errors import FrontdeskError

Role: TypeAlias = Literal["admin", "operator", "qa"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")

_STEP: Final = timedelta(minutes=1)
"""When a session was last used is kept to the minute, so that reading a page seldom writes."""


class AccountError(FrontdeskError):
    """An account that cannot be made or changed in this way; the message says why."""


@dataclass(frozen=True, slots=True)
class User:
    name: str
    role: Role
    created: datetime


@dataclass(frozen=True, slots=True)
class Login:
    """One logged-in browser; `csrf` must come back with everything that it changes."""

    user: User
    csrf: str
    key: str
    """What the database knows it by; the browser's cookie cannot be made from it."""


def add_user(store: Store, name: str, role: Role, hashed: str, now: datetime) -> None:
    """A new account. Raises AccountError where the name is taken or cannot be used."""
    if not NAME.fullmatch(name):
        raise AccountError(f"{name!r} cannot be a user's name: use small letters, digits, `.`, `-` and `_`, up to 40")
    row = {"name": name, "password": hashed, "role": role, "created": now}

    def work(connection: sa.Connection) -> None:
        if connection.execute(sa.select(users.c.name).where(users.c.name == name)).first():
            raise AccountError(f"there is a user {name!r} already")
        connection.execute(sa.insert(users).values(row))

    store.write(work)


def all_users(store: Store) -> list[User]:
    """Everybody, by name."""
    chosen = sa.select(users.c.name, users.c.role, users.c.created).order_by(users.c.name)
    return store.read(lambda connection: [User(*row) for row in connection.execute(chosen)])


def password_of(store: Store, name: str) -> str | None:
    """The hash that is kept for this user, or None."""
    chosen = sa.select(users.c.password).where(users.c.name == name)
    return store.read(lambda connection: connection.execute(chosen).scalar())


def set_role(store: Store, name: str, role: Role) -> None:
    """Gives a user another role. Raises AccountError for a stranger and for the last admin."""

    def work(connection: sa.Connection) -> None:
        _keep_an_admin(connection, name, still=role == "admin")
        connection.execute(sa.update(users).where(users.c.name == name).values(role=role))

    store.write(work)


def set_password(store: Store, name: str, hashed: str, keep: str | None = None) -> None:
    """Gives a user another password and logs their browsers out, but for the login with the key `keep`."""

    def work(connection: sa.Connection) -> None:
        if connection.execute(sa.update(users).where(users.c.name == name).values(password=hashed)).rowcount == 0:
            raise AccountError(f"there is no user {name!r}")
        others = sessions.c.user == name if keep is None else sa.and_(sessions.c.user == name, sessions.c.token != keep)
        connection.execute(sa.delete(sessions).where(others))

    store.write(work)


def remove_user(store: Store, name: str) -> None:
    """Takes an account away and logs it out. Raises AccountError for a stranger and for the last admin."""

    def work(connection: sa.Connection) -> None:
        _keep_an_admin(connection, name, still=False)
        connection.execute(sa.delete(users).where(users.c.name == name))

    store.write(work)


def log_in(store: Store, name: str, old: str | None, now: datetime) -> str:
    """Begins a login of this user and gives its cookie, which is always new; the login of the cookie `old` ends."""
    token = secrets.token_urlsafe(32)
    row = {"token": _key(token), "user": name, "csrf": secrets.token_urlsafe(24), "created": now, "seen": now}

    def work(connection: sa.Connection) -> None:
        if old:
            connection.execute(sa.delete(sessions).where(sessions.c.token == _key(old)))
        connection.execute(sa.insert(sessions).values(row))

    store.write(work)
    return token


def login_of(store: Store, token: str, now: datetime, longest: timedelta, idle: timedelta) -> Login | None:
    """The login of a cookie; None when there is none, or it began too long ago, or nobody used it for too long."""
    key = _key(token)
    columns = (users.c.name, users.c.role, users.c.created, sessions.c.csrf, sessions.c.created, sessions.c.seen)
    chosen = sa.select(*columns).join_from(sessions, users).where(sessions.c.token == key)
    row = store.read(lambda connection: connection.execute(chosen).first())
    if row is None:
        return None
    name, role, created, csrf, began, seen = row
    if now - began > longest or now - seen > idle:
        store.write(lambda connection: connection.execute(sa.delete(sessions).where(sessions.c.token == key)))
        return None
    if now - seen > _STEP:
        touched = sa.update(sessions).where(sessions.c.token == key).values(seen=now)
        store.write(lambda connection: connection.execute(touched))
    return Login(User(name, role, created), csrf, key)


def log_out(store: Store, key: str) -> None:
    """Ends a login."""
    store.write(lambda connection: connection.execute(sa.delete(sessions).where(sessions.c.token == key)))


def forget_old(store: Store, now: datetime, longest: timedelta) -> None:
    """Deletes logins that are over."""
    store.write(lambda connection: connection.execute(sa.delete(sessions).where(sessions.c.created < now - longest)))


def _keep_an_admin(connection: sa.Connection, name: str, still: bool) -> None:
    role = connection.execute(sa.select(users.c.role).where(users.c.name == name)).scalar()
    if role is None:
        raise AccountError(f"there is no user {name!r}")
    admins = connection.execute(sa.select(sa.func.count()).where(users.c.role == "admin")).scalar()
    if role == "admin" and not still and admins == 1:
        raise AccountError(f"{name!r} is the only admin: make somebody else admin first")


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
