"""The server over TLS of its own, and what it refuses to do over plain HTTP."""

import hashlib
import os
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from cryptography import x509

from server import tls
from server.listening import RefusedToServeError, listening_of, reached_at
from server.settings import Settings
from tests.server.cli.conftest import run_on
from tests.server.http.conftest import PATIENCE
from tests.server.http.test_process import serve

BEGINS = datetime.now(UTC)
NO_DATABASE = "sqlite:///not-there.db"
"""For commands that open none."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate and its key, and those of another server."""
    folder = tmp_path_factory.mktemp("tls")
    for name in ("own", "other"):
        tls.make(["localhost", "127.0.0.1"], folder / f"{name}.crt", folder / f"{name}.key", BEGINS)
    (folder / "junk").write_text("no PEM", "utf-8")
    return folder


@contextmanager
def secure(folder: Path, tmp_path: Path, **more: str) -> Iterator[tuple[int, str]]:
    """A server that speaks TLS: its port, and the fingerprint that it told."""
    files = {"MOSTRADOR_TLS_CERTIFICATE": str(folder / "own.crt"), "MOSTRADOR_TLS_KEY": str(folder / "own.key")}
    with serve(tmp_path, "--port", "0", **files, **more) as process:
        try:
            assert process.stderr is not None
            lines: list[dict[str, Any]] = []
            while not lines or "running on" not in lines[-1]["event"]:
                line = process.stderr.readline()
                assert line, lines
                lines.append(msgspec.json.decode(line))
            told = next(line for line in lines if line["event"] == "certificate")
            yield int(re.findall(r":(\d+) ", lines[-1]["event"])[0]), told["sha256"]
        finally:
            process.kill()
            process.communicate()


def test_a_device_that_knows_the_fingerprint_is_served(folder: Path, tmp_path: Path) -> None:
    """A client that compares the fingerprint reaches the server it means; answers tell browsers to stay with TLS."""
    with secure(folder, tmp_path) as (port, told):
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection(("127.0.0.1", port), PATIENCE) as plain,
            trusting.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            seen = connection.getpeercert(binary_form=True)
            assert seen is not None
            assert tls.in_pairs(tls.fingerprint_of(seen)) == told
            assert connection.version() == "TLSv1.3"
            connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            while part := connection.recv(65536):
                answer += part
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"\r\nstrict-transport-security: max-age=31536000\r\n" in answer


def test_the_certificate_is_one(folder: Path, tmp_path: Path) -> None:
    """Whoever trusts the certificate itself verifies name and address; who does not is not served."""
    with secure(folder, tmp_path) as (port, _):
        trusting = ssl.create_default_context(cafile=folder / "own.crt")
        for host in ("localhost", "127.0.0.1"):
            assert httpx.get(f"https://{host}:{port}/health/live", verify=trusting, trust_env=False).is_success
        for context in (ssl.create_default_context(), ssl.create_default_context(cafile=folder / "other.crt")):
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                httpx.get(f"https://localhost:{port}/health/live", verify=context, trust_env=False)
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"http://localhost:{port}/health/live", trust_env=False)


def test_old_versions_are_not_spoken(folder: Path) -> None:
    """TLS 1.2 is the oldest, with ciphers that keep past talk secret."""
    context = tls.load(folder / "own.crt", folder / "own.key").context
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert {cipher["name"] for cipher in context.get_ciphers() if not re.match("TLS_|ECDHE-", cipher["name"])} == set()


CERTIFICATE, KEY = "MOSTRADOR_TLS_CERTIFICATE", "MOSTRADOR_TLS_KEY"


@pytest.mark.parametrize(
    ("certificate", "key", "sentence"),
    [
        ("own.crt", None, f"{CERTIFICATE} and {KEY} belong together"),
        (None, "own.key", f"{CERTIFICATE} and {KEY} belong together"),
        ("none.crt", "own.key", "none.crt cannot be read: No such file or directory."),
        ("own.crt", "none.key", "none.key cannot be read: No such file or directory."),
        (".", "own.key", "cannot be read: Is a directory."),
        ("junk", "own.key", "junk is no certificate in PEM."),
        ("own.key", "own.key", "own.key is no certificate in PEM."),
        ("own.crt", "junk", "junk is no private key in PEM without a passphrase."),
        ("own.crt", "own.crt", "own.crt is no private key in PEM without a passphrase."),
        ("own.crt", "other.key", "other.key does not belong to the certificate."),
    ],
)
def test_files_that_cannot_be_used_are_told(
    folder: Path, tmp_path: Path, certificate: str | None, key: str | None, sentence: str
) -> None:
    """One sentence that names the file and what is wrong with it, and status 2."""
    environ = {name: str(folder / file) for name, file in ((CERTIFICATE, certificate), (KEY, key)) if file is not None}
    ended = run_on(tmp_path, f"sqlite:///{tmp_path / 'shop.db'}", "serve", "--port", "0", **environ)
    assert (ended.status, ended.out) == (2, "")
    assert sentence in ended.err
    assert ended.err.count("\n") == 1


OPEN = {"host": "0.0.0.0"}
PROXY = {"plain_http": "behind-a-proxy", "trusted_proxies": ("192.168.1.2", "10.0.0.0/24")}


@pytest.mark.parametrize(
    ("settings", "own_tls", "sentence"),
    [
        ({}, False, None),
        ({"host": "localhost"}, False, None),
        ({"host": "::1"}, False, None),
        ({"host": "127.8.9.1"}, False, None),
        (PROXY, False, None),
        ({}, True, None),
        (OPEN, True, None),
        ({"host": "shop.example"}, True, None),
        (OPEN | PROXY, False, None),
        (OPEN | PROXY, True, None),
        (OPEN, False, "0.0.0.0 is not a loopback address: over plain HTTP everybody in the network could read along."),
        ({"host": "::"}, False, ":: is not a loopback address"),
        ({"host": "192.168.1.10"}, False, "192.168.1.10 is not a loopback address"),
        ({"host": "shop.example"}, False, "shop.example is not a loopback address"),
        ({"host": ""}, False, " is not a loopback address"),
        (OPEN | {"trusted_proxies": ("192.168.1.2",)}, False, "0.0.0.0 is not a loopback address"),
        (OPEN | {"plain_http": "behind-a-proxy"}, False, "needs the proxy's address in MOSTRADOR_TRUSTED_PROXIES"),
        (OPEN | PROXY | {"trusted_proxies": ("*",)}, False, "MOSTRADOR_TRUSTED_PROXIES has *, which is no address"),
        ({"trusted_proxies": ("proxy.example",)}, False, "has proxy.example, which is no address"),
        ({"trusted_proxies": ("10.0.0.1/24",)}, False, "has 10.0.0.1/24, which is no address"),
    ],
)
def test_personal_data_goes_over_plain_http_to_nobody_but_a_proxy(
    folder: Path, settings: dict[str, Any], own_tls: bool, sentence: str | None
) -> None:
    """Loopback, TLS of its own, or a proxy that is named: anything else is refused in a sentence."""
    files = {"tls_certificate": str(folder / "own.crt"), "tls_key": str(folder / "own.key")} if own_tls else {}
    asked = Settings(**settings, **files)
    if sentence is not None:
        with pytest.raises(RefusedToServeError, match=re.escape(sentence)):
            listening_of(asked)
        return
    listening = listening_of(asked)
    assert (listening.tls is not None) == own_tls
    restricted = listening.only_from is not None
    assert restricted == (not own_tls and settings.get("host") == "0.0.0.0")


def test_an_address_that_others_reach_is_refused(tmp_path: Path) -> None:
    """The program says so in one line, and does not start."""
    with serve(tmp_path, "--port", "0", "--host", "0.0.0.0") as server:
        out, said = server.communicate(timeout=PATIENCE)
    assert (server.returncode, out, said.count("\n")) == (2, "", 1)
    assert "is not a loopback address" in said


def test_a_proxy_is_believed_on_who_asks(tmp_path: Path) -> None:
    """From a trusted proxy X-Forwarded-Proto and -For count; from others they do not."""
    for trusted, secure_ in ((("127.0.0.1",), True), (("192.0.2.1",), False)):
        with serve(tmp_path, "--port", "0", MOSTRADOR_TRUSTED_PROXIES=",".join(trusted)) as process:
            try:
                assert process.stderr is not None
                while "running on" not in (line := process.stderr.readline()):
                    assert line
                port = re.findall(r":(\d+) ", line)[0]
                headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}
                answer = httpx.get(f"http://127.0.0.1:{port}/health/live", headers=headers, trust_env=False)
                assert answer.is_success
                assert ("strict-transport-security" in answer.headers) == secure_
            finally:
                process.kill()
                process.communicate()


def test_a_certificate_is_made(tmp_path: Path) -> None:
    """For names and addresses, valid 825 days, with a key that only its owner reads; nothing is written over."""
    files = ("--certificate", str(tmp_path / "a.crt"), "--key", str(tmp_path / "a.key"))
    before = os.umask(0)
    try:
        ended = run_on(tmp_path, NO_DATABASE, "tls-certificate", "Till.example", "192.168.1.10", "::1", *files)
    finally:
        os.umask(before)
    assert (ended.status, ended.err) == (0, "")
    made = x509.load_pem_x509_certificate((tmp_path / "a.crt").read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["till.example"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["192.168.1.10", "::1"]
    assert made.not_valid_after_utc - made.not_valid_before_utc == timedelta(days=825)
    assert made.not_valid_before_utc < datetime.now(UTC)
    der = ssl.PEM_cert_to_DER_cert((tmp_path / "a.crt").read_text("ascii"))
    assert tls.in_pairs(hashlib.sha256(der).hexdigest()) in ended.out
    modes = {name: oct((tmp_path / name).stat().st_mode & 0o777) for name in ("a.crt", "a.key")}
    assert modes == {"a.crt": "0o644", "a.key": "0o600"}
    key = (tmp_path / "a.key").read_bytes()
    again = run_on(tmp_path, NO_DATABASE, "tls-certificate", "till.example", *files)
    assert (again.status, again.out) == (2, "")
    assert "a.crt is there already" in again.err
    assert (tmp_path / "a.key").read_bytes() == key


@pytest.mark.parametrize(
    "host", ["", "a b", "https://till.example", "till.example:8600", "-a", "a..b", "ñ", "1.2.3.4/8"]
)
def test_a_certificate_is_for_hosts(tmp_path: Path, host: str) -> None:
    """What is neither a name nor an address is refused, and no file is made."""
    ended = run_on(
        tmp_path,
        NO_DATABASE,
        "tls-certificate",
        "--certificate",
        str(tmp_path / "a"),
        "--key",
        str(tmp_path / "b"),
        "--",
        host,
    )
    assert ended.status == 2
    assert "is neither a host name nor an address" in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "address", "pinned"),
    [
        ({}, "http://127.0.0.1:8600", False),
        ({"host": "::1"}, "http://[::1]:8600", False),
        ({"host": "0.0.0.0", "allowed_hosts": ("till.example",), "tls": True}, "https://till.example:8600", True),
        ({"host": "192.168.1.10", "tls": True}, "https://192.168.1.10:8600", True),
        (
            {
                "host": "0.0.0.0",
                "allowed_hosts": ("shop.example",),
                "plain_http": "behind-a-proxy",
                "trusted_proxies": ("192.168.1.2",),
            },
            "https://shop.example",
            False,
        ),
        (
            {
                "allowed_hosts": ("shop.example",),
                "plain_http": "behind-a-proxy",
                "trusted_proxies": ("127.0.0.1",),
            },
            "https://shop.example",
            False,
        ),
    ],
)
def test_devices_are_told_where_the_server_is(
    folder: Path, settings: dict[str, Any], address: str, pinned: bool
) -> None:
    """The address that they reach, and the fingerprint of a certificate that is the server's own."""
    own = {"tls_certificate": str(folder / "own.crt"), "tls_key": str(folder / "own.key")}
    given = {name: value for name, value in settings.items() if name != "tls"} | (own if "tls" in settings else {})
    told, fingerprint = reached_at(Settings(**given))
    assert told == address
    assert fingerprint == (tls.load(folder / "own.crt", folder / "own.key").fingerprint if pinned else None)
