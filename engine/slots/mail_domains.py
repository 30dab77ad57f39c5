"""Where e-mail goes: common providers with how they are heard, and the endings of domains as they are said."""

from __future__ import annotations

from typing import Final

PROVIDERS: Final = {
    "gmail": "gmail.com", "googlemail": "googlemail.com", "hotmail": "hotmail.com", "outlook": "outlook.com",
    "yahoo": "yahoo.com", "icloud": "icloud.com", "live": "live.com", "aol": "aol.com", "msn": "msn.com",
    "me": "me.com", "mac": "mac.com", "protonmail": "protonmail.com", "proton": "proton.me",
    "btinternet": "btinternet.com", "sky": "sky.com", "virginmedia": "virginmedia.com", "talktalk": "talktalk.net",
    "gmx": "gmx.net", "fastmail": "fastmail.com", "comcast": "comcast.net", "verizon": "verizon.net",
    "ntlworld": "ntlworld.com", "tiscali": "tiscali.co.uk", "example": "example.com",
}  # fmt: skip
"""The first part of a provider's domain, and the domain that it mostly is."""
NEAR: Final = frozenset(
    {
        "gmail", "googlemail", "hotmail", "outlook", "yahoo", "icloud", "protonmail", "btinternet", "virginmedia",
        "fastmail", "comcast", "verizon",
    }
)  # fmt: skip
"""Providers that a domain with one sign more, less or other is taken for."""
HEARD: Final = {
    "gee mail": "gmail", "g mail": "gmail", "jee mail": "gmail", "jeemail": "gmail", "geemail": "gmail",
    "ge mail": "gmail", "google mail": "googlemail", "hot mail": "hotmail", "hot male": "hotmail",
    "hotmale": "hotmail", "out look": "outlook", "i cloud": "icloud", "eye cloud": "icloud", "a o l": "aol",
    "m s n": "msn", "yahoo mail": "yahoo", "ya hoo": "yahoo", "proton mail": "protonmail",
    "b t internet": "btinternet", "bt internet": "btinternet", "be t internet": "btinternet",
    "virgin media": "virginmedia", "talk talk": "talktalk", "g m x": "gmx", "fast mail": "fastmail",
    "n t l world": "ntlworld",
}  # fmt: skip
"""Providers as recognisers write them."""
ENDINGS: Final = {
    "com": "com", "comm": "com", "calm": "com", "kom": "com", "c o m": "com", "come": "com", "net": "net",
    "org": "org", "o r g": "org", "info": "info", "co": "co", "uk": "uk", "u k": "uk", "you k": "uk", "you kay": "uk",
    "ie": "ie", "i e": "ie", "eu": "eu", "e u": "eu", "de": "de", "d e": "de", "fr": "fr", "f r": "fr", "es": "es",
    "e s": "es", "it": "it", "i t": "it", "nl": "nl", "n l": "nl", "ch": "ch", "c h": "ch", "at": "at", "a t": "at",
    "be": "be", "b e": "be", "us": "us", "u s": "us", "ca": "ca", "c a": "ca", "au": "au", "a u": "au", "nz": "nz",
    "io": "io", "i o": "io", "me": "me", "tv": "tv", "t v": "tv", "edu": "edu", "e d u": "edu", "gov": "gov",
    "ac": "ac", "a c": "ac", "nhs": "nhs", "n h s": "nhs", "biz": "biz", "london": "london", "scot": "scot",
    "wales": "wales", "pt": "pt", "p t": "pt", "pl": "pl", "p l": "pl", "se": "se", "s e": "se", "dk": "dk",
    "d k": "dk", "no": "no", "n o": "no", "app": "app", "dev": "dev", "ltd": "ltd", "doctor": "doctor",
    "health": "health", "dental": "dental",
}  # fmt: skip
"""The last parts of domains, by how they are said; the longest way of saying comes first where two fit."""
