# SPDX-License-Identifier: Apache-2.0
"""What the daemon would refuse is refused here, with a reason, so that the file that is
made can be loaded whole.  Where that would take more than a line or two to be sure of (an
address beyond ASCII), it is refused, too, and an administrator gives it by hand."""

import ctypes
import ipaddress
import re

from values import Refused, integer, text
from words import has_control

NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
KEPT = ("any", "all", "list", "global")
LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL = re.compile(rf"{ATOM}(?:\.{ATOM})*")
BARE = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9_.+-]*")

AMOUNT_MAX = 2000000000
PERIOD_MAX = 10 * 365 * 86400
LIMITS_MAX = 8
UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))

# what the old one put in place of what was missing
NO_LOGIN_DOMAIN = "@broken_sasl.tld"
NO_SENDER = "blank@mailfrom.tld"
NO_DOMAIN = "@mailfrom.tld"

HEADER_ONCE = ("bcc cc content-transfer-encoding content-type date from in-reply-to "
               "message-id mime-version references reply-to return-path sender subject to"
               ).split()


def name(raw, what):
    value = text(raw, what)
    if not NAME.fullmatch(value):
        raise Refused(f"{what} has to have 1 to 64 letters, digits, _, - and .")
    if value in KEPT:
        raise Refused(f"{what} is a word of tmsh's own")
    return value


def is_domain(value):
    return 0 < len(value) <= 255 and all(map(LABEL.fullmatch, value.split(".")))


def is_address(value):
    local, _, domain = value.rpartition("@")
    return len(local) <= 255 and bool(LOCAL.fullmatch(local)) and is_domain(domain)


def network(value):
    """Without what stands behind the prefix, which the old one let stand; or None."""
    try:
        if "%" not in value:
            return str(ipaddress.ip_network(value, strict=False).with_prefixlen)
    except ValueError:
        pass
    return None


def stands_for(value):
    """The names by which the old one called what was missing, or None."""
    if value == NO_SENDER:
        return "the null sender"
    if value == NO_LOGIN_DOMAIN:
        return "all logins without a domain"
    if value.endswith(NO_DOMAIN):
        return "senders without a domain"
    return None


def member(raw):
    value = text(raw, "it")
    if stands_for(value):
        raise Refused(f"it stood for {stands_for(value)}, and no member of a group does")
    if value.endswith(NO_LOGIN_DOMAIN):
        login = value[:-len(NO_LOGIN_DOMAIN)]
        if BARE.fullmatch(login) and re.search("[A-Za-z]", login) and len(login) <= 64 \
                and not re.match(r"[0-9]+\.[0-9]", login) and login != "any":
            return login
        raise Refused("it stood for a login without a domain, of other than plain ASCII")
    if "@" not in value:
        found = network(value)
        if found is None:
            raise Refused("it is neither an address nor a network, and matched nothing")
        return found
    if value.endswith("@"):
        raise Refused("it matched nothing; here it would be that local part at any domain")
    if is_domain(value[1:]) if value.startswith("@") else is_address(value):
        return value
    raise Refused("it is no address, or one of other than plain ASCII")


def host(raw):
    value = text(raw, "it")
    if is_domain(value):
        return value.lower()
    raise Refused("it is no name of a host")


def thing(raw):
    """The object of a flag."""
    value = text(raw, "it")
    if value == NO_SENDER:
        return "<>"
    if value.endswith(NO_LOGIN_DOMAIN):
        raise Refused("it stood for a login without a domain: give it with its domain")
    if stands_for(value):
        raise Refused(f"it stood for {stands_for(value)}")
    if value.startswith("@") and is_domain(value[1:]) or "@" in value and is_address(value):
        return value
    try:
        if "%" not in value:
            return str(ipaddress.ip_address(value))
    except ValueError:
        pass
    raise Refused("it is no object, or one of other than plain ASCII")


def period(seconds):
    size, unit = next(u for u in UNITS if seconds % u[0] == 0)
    n = seconds // size
    return unit if n == 1 else f"{n}{unit}s"


def limit(pairs, what):
    """As "100/hour,500/day"; "" where none is left: the old one drops what has no time.
    Of two of the same time the smaller one holds."""
    least = {}
    for amount, seconds in pairs:
        seconds = integer(seconds, f"a time of {what}", 0, PERIOD_MAX)
        amount = integer(amount, f"a number of {what}", 0, AMOUNT_MAX)
        if seconds > 0:
            least[seconds] = min(amount, least.get(seconds, amount))
    if len(least) > LIMITS_MAX:
        raise Refused(f"{what} has {len(least)} limits, and {LIMITS_MAX} is the most")
    return ",".join(f"{least[seconds]}/{period(seconds)}" for seconds in sorted(least))


def penalty(raw, what):
    """From minutes."""
    try:
        seconds = round(float(raw) * 60)
    except (ValueError, OverflowError):
        raise Refused(f"{what} is no number of minutes") from None
    if not 0 <= seconds <= PERIOD_MAX:
        raise Refused(f"{what} has to be 0 to 10 years")
    if seconds % 60:
        return f"{seconds}s"
    return f"{seconds // 60}m" if seconds else "0"


def line_of_text(raw, what):
    value = text(raw, what)
    if has_control(value):
        raise Refused(f"{what} has a line break or control character in it")
    return value


def header_name(raw, what):
    value = text(raw, what)
    if not re.fullmatch(r"[!-9;-~]{1,100}", value):
        raise Refused(f"{what} is no name of a header")
    return value


def header_addition(new, raw):
    """A name and a value; a dollar was nothing but that."""
    new = header_name(new, "a new header")
    if new.lower() in HEADER_ONCE:
        raise Refused(f"a message has only one {new}")
    value = line_of_text(raw, "a value").replace("$", "$$")
    if not value.strip(" ") or len(value.encode()) > 500:
        raise Refused(f"the value of {new} has to have 1 to 500 octets, not blanks alone")
    return new, value


def find_pcre2():
    """The library that the daemon compiles patterns with, or None."""
    try:
        library = ctypes.CDLL("libpcre2-8.so.0")
    except OSError:
        return None
    library.pcre2_compile_8.restype = ctypes.c_void_p
    library.pcre2_compile_8.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint32,
                                        ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    library.pcre2_get_error_message_8.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t]
    library.pcre2_code_free_8.argtypes = [ctypes.c_void_p]
    return library


PCRE2 = find_pcre2()
# UTF, MATCH_INVALID_UTF, NEVER_BACKSLASH_C, DOTALL, DOLLAR_ENDONLY
PCRE2_OPTIONS = 0x00080000 | 0x04000000 | 0x00100000 | 0x20 | 0x10


def pattern(raw):
    """Held to the beginning of the value, as it was."""
    inner = f"^(?:{line_of_text(raw, 'the pattern')})"
    octets = inner.encode()
    if len(octets) + 2 > 1000:
        raise Refused("the pattern has too many octets (994 at most)")
    if PCRE2 is None:
        try:
            re.compile(inner)
        except re.error as why:
            raise Refused(f"the pattern is none: {why}") from None
        return f"/{inner}/"
    number, at = ctypes.c_int(), ctypes.c_size_t()
    said = ctypes.create_string_buffer(200)
    code = PCRE2.pcre2_compile_8(octets, len(octets), PCRE2_OPTIONS,
                                 ctypes.byref(number), ctypes.byref(at), None)
    if not code:
        PCRE2.pcre2_get_error_message_8(number, said, len(said))
        raise Refused(f"the pattern is none of PCRE2: {said.value.decode(errors='replace')}, "
                      f"at octet {at.value} of {inner}")
    PCRE2.pcre2_code_free_8(code)
    return f"/{inner}/"
