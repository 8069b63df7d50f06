#!/usr/bin/env python3
"""A key backend for sifseal in Python, with the standard library and nothing else.

It signs with one RSA key. Its settings name two files, as GnuPG and sifseal export them:
`certificate`, and `key`, a transferable secret key without a passphrase. The point is how
little a plugin is: read a line, write a line. Raising a number to a power in Python takes
longer for some keys than for others, which can be measured: keep real keys in a device.
"""

import base64
import hashlib
import json
import sys

PREFIX = {  # RFC 9580, section 5.2.2.3.1: what PKCS#1 v1.5 puts before the digest
    "SHA256": "3031300d060960864801650304020105000420",
    "SHA384": "3041300d060960864801650304020205000430",
    "SHA512": "3051300d060960864801650304020305000440",
}


class Failure(Exception):
    """An error as the protocol has it: its kind, and a sentence."""


class Key:
    """An RSA key out of the first packet of a transferable secret key."""

    def __init__(self, data):
        if data.startswith(b"-----"):
            lines = data.split(b"\n\n", 1)[1].split(b"\n=")[0].split(b"\n-----")[0]
            data = base64.b64decode(lines)
        body = first_packet(data)
        if body[0] != 4 or body[5] not in (1, 3):
            raise Failure("unsupported", "this is no RSA key of version 4")
        n, rest = number(body[6:])
        e, rest = number(rest)
        public = body[: len(body) - len(rest)]
        if rest[0] != 0:
            raise Failure("locked", "the key has a passphrase")
        self.modulus, self.exponent = n, number(rest[1:])[0]
        framed = b"\x99" + len(public).to_bytes(2, "big") + public
        self.fingerprint = hashlib.sha1(framed).hexdigest().upper()

    def sign(self, name, digest):
        size = (self.modulus.bit_length() + 7) // 8
        info = bytes.fromhex(PREFIX[name]) + digest
        padded = b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info
        power = pow(int.from_bytes(padded, "big"), self.exponent, self.modulus)
        return power.to_bytes(size, "big")


def first_packet(data):
    """The body of the first packet, by either of OpenPGP's two kinds of headers."""
    if data[0] & 0x40:
        if data[1] < 192:
            start, size = 2, data[1]
        elif data[1] < 224:
            start, size = 3, (data[1] - 192 << 8) + data[2] + 192
        else:
            start, size = 6, int.from_bytes(data[2:6], "big")
    else:
        start = 1 + (1, 2, 4)[data[0] & 3]
        size = int.from_bytes(data[1:start], "big")
    return data[start : start + size]


def number(data):
    """A multiprecision integer, and what follows it."""
    end = 2 + (int.from_bytes(data[:2], "big") + 7) // 8
    return int.from_bytes(data[2:end], "big"), data[end:]


class Plugin:
    settings = {}

    def describe(self, params):
        if not params["protocol"].startswith("1."):
            raise Failure("unsupported", "this plugin speaks version 1.0 of the protocol")
        self.settings = params.get("config", {})
        return {"name": "python-rsa", "version": "1.0", "protocol": "1.0", "provides": ["key-store"]}

    def find(self, params):
        certificate = base64.b64encode(self.file("certificate")).decode()
        return {"keys": [{"certificate": certificate, "guard": "open"}]}

    def signer(self, params):
        return {"key": self.key(params).fingerprint, "hashes": list(PREFIX)}

    def sign(self, params):
        key = self.key(params)
        signature = key.sign(params["hash"], base64.b64decode(params["digest"]))
        return {"rsa": base64.b64encode(signature).decode()}

    def key(self, params):
        key = Key(self.file("key"))
        if params["primary"] != key.fingerprint:
            raise Failure("not-found", "there is no such key here")
        return key

    def file(self, name):
        if name not in self.settings:
            raise Failure("config", f"the plugin needs the setting `{name}`, a file")
        with open(self.settings[name], "rb") as file:
            return file.read()


def answer(plugin, line):
    """The reply to one line."""
    number = 0
    try:
        request = json.loads(line)
        number, method = request["id"], request["method"]
        if method not in ("describe", "find", "signer", "sign"):
            raise Failure("unsupported", f"this plugin knows no method `{method}`")
        return {"id": number, "ok": getattr(plugin, method)(request.get("params", {}))}
    except Failure as failure:
        kind, message = failure.args
    except OSError as error:
        kind, message = "io", str(error)
    except Exception as error:
        kind, message = "malformed", repr(error)
    return {"id": number, "error": {"kind": kind, "message": message}}


if __name__ == "__main__":
    if sys.argv[1:] != ["--sifseal-plugin=1"]:
        sys.exit("This is a plugin for sifseal, which starts it when it needs it.")
    desk = Plugin()
    for request_line in sys.stdin:
        print(json.dumps(answer(desk, request_line)), flush=True)
