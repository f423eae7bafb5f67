"""TLS by the server itself: its certificate, made here where a store has nobody who makes one."""

import hashlib
import ipaddress
import os
import re
import ssl
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_FOR = timedelta(days=825)
"""As long as devices that go by the book take a certificate at all."""
SLACK = timedelta(hours=1)
"""Clocks of devices that are behind."""
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: with forward secrecy, and authenticated. TLS 1.3 has no others."""

_DNS_NAME = re.compile(
    r"(?=.{1,253}$)(?:\*\.)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
)


class TlsError(Exception):
    """A certificate or its key cannot be used, or not be made; the message says why and what to do."""


class Tls(NamedTuple):
    """A server's own TLS.

    Attributes:
        context: what it speaks.
        fingerprint: SHA-256 of the certificate, in hexadecimal digits.
        ends: when the certificate does.
    """

    context: ssl.SSLContext
    fingerprint: str
    ends: datetime


def load(certificate: Path, key: Path) -> Tls:
    """Read a certificate, which others may follow in its file, and its key.

    Raises:
        TlsError: one of them cannot be read, or they do not belong together.
    """
    pem = _read(certificate, "MOSTRADOR_TLS_CERTIFICATE")
    _read(key, "MOSTRADOR_TLS_KEY")
    try:
        first = x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise TlsError(f"MOSTRADOR_TLS_CERTIFICATE={certificate} is no certificate in PEM.") from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_RENEGOTIATION
    try:
        # A passphrase nobody could type while the server starts by itself: without one at hand, OpenSSL would ask.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError as error:
        reason = (
            "does not belong to the certificate"
            if error.reason == "KEY_VALUES_MISMATCH"
            else "is no private key in PEM without a passphrase"
        )
        raise TlsError(f"MOSTRADOR_TLS_KEY={key} {reason}.") from error
    fingerprint = first.fingerprint(hashes.SHA256()).hex()
    return Tls(context, fingerprint, first.not_valid_after_utc)


def fingerprint_of(der: bytes) -> str:
    """What a certificate is known by: SHA-256 of it, in hexadecimal digits."""
    return hashlib.sha256(der).hexdigest()


def in_pairs(fingerprint: str) -> str:
    """A fingerprint as people compare it, and as openssl shows it, AB:CD:EF."""
    return ":".join(fingerprint[n : n + 2] for n in range(0, len(fingerprint), 2)).upper()


def make(hosts: Sequence[str], certificate: Path, key: Path, now: datetime) -> str:
    """Make a key and a certificate that it signs itself, and give the certificate's fingerprint.

    Args:
        hosts: names and addresses that devices will use.
        certificate: the new file for it; everybody may read it.
        key: the new file for it; only its owner may.
        now: when it begins to be valid.

    Raises:
        TlsError: a host is none, or a file cannot be made, or is there already.
    """
    names = [_name(host) for host in hosts]
    for path in (certificate, key):
        if path.exists():
            raise TlsError(f"{path} is there already. Move it away, or name another file.")
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mostrador")])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLACK)
        .not_valid_after(now - SLACK + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(key, pem, 0o600)
    _write(certificate, made.public_bytes(serialization.Encoding.PEM), 0o644)
    return made.fingerprint(hashes.SHA256()).hex()


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    if not _DNS_NAME.fullmatch(host.lower()):
        raise TlsError(f"{host} is neither a host name nor an address. Write till.example or 192.168.1.10.")
    return x509.DNSName(host.lower())


def _read(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TlsError(f"{setting}={path} cannot be read: {error.strerror}.") from error


def _write(path: Path, content: bytes, mode: int) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
    except OSError as error:
        raise TlsError(f"{path} cannot be made: {error.strerror}.") from error
