"""Trust in one certificate: the one whose fingerprint a manager's code carried, and no other."""

import hmac
import ssl
from hashlib import sha256


def pinned(fingerprint: str) -> ssl.SSLContext:
    """A TLS client that speaks only to whoever holds a certificate of this SHA-256, in hexadecimal.

    Nothing else of the certificate counts, neither who signed it nor its names nor its dates: the fingerprint came by a
    better way than any of them.
    """

    class Pinned(ssl.SSLObject):
        """A connection that is given up before a word is said, where another certificate is shown."""

        def do_handshake(self) -> None:
            super().do_handshake()
            shown = sha256(self.getpeercert(binary_form=True) or b"").hexdigest()
            if not hmac.compare_digest(shown, fingerprint.lower()):
                raise ssl.SSLCertVerificationError("the certificate is not the one that this device was told of")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.sslobject_class = Pinned
    return context
