"""Reads a token request (RFC 6749 section 4.4.2) strictly, before any secret is looked at."""

import base64
import binascii
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus

from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError
from starlette.datastructures import Headers

__all__ = ["BODY_LIMIT_BYTES", "TokenRequest"]

BODY_LIMIT_BYTES = 16_384
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """The parameters of the body, and who the request says it is from. Neither secret shows in its representation."""

    client_id: str
    form: dict[str, str] = field(repr=False)

    @classmethod
    def read(cls, headers: Headers, body: bytes) -> "TokenRequest":
        """Return the request.

        Raises:
            InvalidRequestError: it is not a form, lacks or repeats a parameter, or authenticates in two ways (section 5.2).
            InvalidClientError: it does not authenticate, or its Authorization header is malformed.
        """
        if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            raise InvalidRequestError(f"the content type is {_FORM}")
        try:
            # Parameters without a value count as left out (section 3.2), which is what parse_qsl does with them.
            pairs = parse_qsl(body.decode("utf-8"), max_num_fields=20, errors="strict")
        except ValueError as error:
            raise InvalidRequestError("the body is not a form of at most 20 parameters") from error
        if any(count > 1 for count in Counter(name for name, _ in pairs).values()):
            raise InvalidRequestError("a parameter is given twice")
        form = dict(pairs)
        if "grant_type" not in form:
            raise InvalidRequestError("grant_type is missing")
        authorization = headers.get("authorization")
        if authorization is None:
            if not (form.get("client_id") and form.get("client_secret")):
                raise InvalidClientError("send client_id and client_secret, in the body or as HTTP Basic", status_code=401)
            return cls(form["client_id"], form)
        if "client_secret" in form:
            raise InvalidRequestError("authenticate in one way: by HTTP Basic or in the body")
        client_id = _basic_user(authorization)
        if form.get("client_id", client_id) != client_id:
            raise InvalidRequestError("client_id is not the client that authenticates")
        return cls(client_id, form)


def _basic_user(authorization: str) -> str:
    """Return the client id of HTTP Basic credentials, form-encoded as RFC 6749 section 2.3.1 asks."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        user, colon, password = "", "", ""
    if scheme.lower() != "basic" or not (user and colon and password):
        raise InvalidClientError("the Authorization header holds no HTTP Basic credentials", status_code=401)
    return unquote_plus(user)
