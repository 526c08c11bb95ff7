"""RFC 3161: a time-stamping authority's word that a checkpoint existed at a time. Optional, and checked offline."""

from datetime import UTC

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from callout.domain.errors import CalloutError
from callout.domain.instant import SECOND, Instant

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"


def request_for(document: bytes) -> bytes:
    """The request that asks an authority to stamp the document; only its SHA-256 leaves the house."""
    return TimestampRequestBuilder().data(document).hash_algorithm(HashAlgorithm.SHA256).build().as_bytes()


def stamped_at(document: bytes, reply: bytes, roots: bytes) -> Instant:
    """When the authority stamped the document. `roots`: its root certificates, PEM.

    Raises CalloutError where the stamp is of another document, of an unknown authority, or no stamp at all.
    """
    trusted = _roots(roots)
    try:
        stamp = decode_timestamp_response(reply)
        VerifierBuilder(roots=trusted).build().verify_message(stamp, document)
    except (VerificationError, ValueError):
        raise CalloutError("时间戳不成立：不是这份存证的，或不是这些根证书下的机构签的") from None
    return Instant(int(stamp.tst_info.gen_time.astimezone(UTC).timestamp()) * SECOND)


def _roots(pem: bytes) -> list[Certificate]:
    try:
        return load_pem_x509_certificates(pem)
    except ValueError:
        raise CalloutError("根证书文件里没有证书，请给出时间戳机构的根证书（PEM）") from None
