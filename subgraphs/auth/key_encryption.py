"""Encrypts private keys for the database: AES-256-GCM, bound to the key's id."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

__all__ = ["KeyCipher", "KeyUnreadable"]

NONCE_BYTES = 12


class KeyUnreadable(Exception):
    """A stored key was encrypted with another secret, or was changed in the database."""


class KeyCipher:
    """`secret` is random text of the operator's; a stretching derivation is not needed for what cannot be guessed."""

    def __init__(self, secret: SecretStr) -> None:
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tributary signing keys v1")
        self._cipher = AESGCM(derive.derive(secret.get_secret_value().encode()))

    def encrypt(self, key_id: str, plain: bytes) -> bytes:
        """Return a nonce and the ciphertext that belongs to `key_id` alone."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, key_id.encode())

    def decrypt(self, key_id: str, encrypted: bytes) -> bytes:
        """Return what `encrypt` was given.

        Raises:
            KeyUnreadable: it was encrypted with another secret, for another key, or changed since.
        """
        nonce, ciphertext = encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, ciphertext, key_id.encode())
        except (InvalidTag, ValueError) as error:
            raise KeyUnreadable(
                f"signing key {key_id} cannot be decrypted: has TRIBUTARY_AUTH_KEY_ENCRYPTION_SECRET changed?"
            ) from error
