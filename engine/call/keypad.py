"""Keys collected into an answer: one key for a menu, a whole number for a slot."""

from __future__ import annotations

from engine.effects import Expecting


class Collector:
    """Keys pressed in answer to one question. Times are seconds of any one clock."""

    def __init__(self, expecting: Expecting) -> None:
        self._keypad = expecting.keypad
        self._menu = expecting.kind != "slot"
        self._keys = ""
        self.deadline: float | None = None
        """When what was pressed so far counts as the whole answer."""

    @property
    def empty(self) -> bool:
        """Whether nothing has been pressed yet."""
        return not self._keys

    def press(self, key: str, now: float) -> str | None:
        """Takes a key; the whole answer once it is one. `#` ends (each of several items, and once more the whole), `*`
        clears, `*0` asks for a person."""
        if self._keys == "*" and key == "0":
            return self.take("*0")
        if key == "#":
            if self._keypad.items and self._keys and self._keys[-1] not in "#*":
                self._keys += key
                self.deadline = now + self._keypad.pause
                return None
            return self.take(self._keys.rstrip("#") or "#")
        if key == "*" and self._keypad.point and self._keys.isdigit():
            self._keys += key
            self.deadline = now + self._keypad.pause
            return None
        if key == "*":
            if self._keys == "*":
                return self.take("*")
            self._keys = "*"
            self.deadline = now + self._keypad.pause
            return None
        self._keys = key if self._keys == "*" else self._keys + key
        if self._menu or len(self._keys) >= self._keypad.longest:
            return self.take(self._keys)
        self.deadline = now + self._keypad.pause
        return None

    def expire(self, now: float) -> str | None:
        """The answer, if the caller has not pressed another key for too long."""
        if self.deadline is None or now < self.deadline:
            return None
        return self.take(self._keys.rstrip("#"))

    def take(self, keys: str) -> str:
        self._keys = ""
        self.deadline = None
        return keys
