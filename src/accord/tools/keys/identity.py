"""Who is at the other end of a TLS connection, from the certificate that it proved to hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["URI_PREFIX", "name_in"]

URI_PREFIX = "urn:accord:"


def name_in(certificate: Mapping[str, Any] | None, names: Mapping[str, str]) -> str | None:
    """Return the name in a certificate: a URI ``urn:accord:NAME`` among its alternative names, else its common name.

    Parameters
    ----------
    certificate : mapping or None
        As `ssl.SSLSocket.getpeercert` gives it.
    names : mapping
        From common names to names used here, for certificates of another authority's style; a common name that is
        not listed stands for itself.

    Returns
    -------
    str or None
        None when there is no name, or more than one.
    """
    if not certificate:
        return None
    uris: set[str] = {
        value.removeprefix(URI_PREFIX)
        for kind, value in certificate.get("subjectAltName", ())
        if kind == "URI" and value.startswith(URI_PREFIX)
    }
    if uris:
        return uris.pop() if len(uris) == 1 else None
    common: set[str] = {
        value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"
    }
    if len(common) != 1:
        return None
    name = common.pop()
    return names.get(name, name)
