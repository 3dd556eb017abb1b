# SPDX-License-Identifier: Apache-2.0
"""Lines for tmsh: words quoted as it wants them, and comments that no value can end."""

LINE_MAX = 8192  # octets, of a command of tmsh
SHOWN_MAX = 300  # characters of a value in a comment
PLAIN = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
            "0123456789@%+=:,./_-!<>*[]{}~^?")


def is_control(character):
    """What tmsh takes for one: what breaks a line or turns its direction, too."""
    c = ord(character)
    return (c < 0x20 or 0x7f <= c < 0xa0 or c in (0x61c, 0x200e, 0x200f, 0x2028, 0x2029)
            or 0x202a <= c <= 0x202e or 0x2066 <= c <= 0x2069 or 0xe0000 <= c <= 0xe007f
            or 0xfdd0 <= c <= 0xfdef or c & 0xfffe == 0xfffe or 0xd800 <= c <= 0xdfff)


def has_control(text):
    return any(map(is_control, text))


def shown(value):
    """For a comment or a complaint: one line, whatever it was."""
    if isinstance(value, bytes):
        value = value.decode(errors="surrogateescape")
    out = []
    for character in value[:SHOWN_MAX + 1]:
        if 0xdc80 <= ord(character) <= 0xdcff:
            out.append(f"\\x{ord(character) - 0xdc00:02x}")
        elif is_control(character):
            out.extend(f"\\x{octet:02x}" for octet in
                       character.encode(errors="surrogatepass"))
        else:
            out.append(character)
    text = "".join(out)
    return text if len(value) <= SHOWN_MAX else text[:SHOWN_MAX] + "..."


def quoted(word):
    if word and set(word) <= PLAIN:
        return word
    single = "'" + word.replace("'", "'\\''") + "'"
    doubled = '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return doubled if len(doubled) < len(single) and not set(word) & set("$`!") else single


def command(*parts):
    return " ".join(map(quoted, parts))


def fits(line):
    return len(line.encode()) <= LINE_MAX


def count(number, what):
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


class Out:
    """The lines, and what is not among them."""

    def __init__(self):
        self.lines = []
        self.left = []
        self.title = None  # of a section in which nothing stands yet

    def line(self, text):
        if self.title is not None:
            self.lines += ["", "# " + self.title]
            self.title = None
        self.lines.append(text)

    def comment(self, text):
        self.line("# " + text)

    def section(self, title):
        self.title = title

    def command(self, *parts):
        self.line(command(*parts))

    def leave_out(self, what, why, *more):
        """what and why are a reason to look; more: lines that have the values."""
        told = f"{shown(what)}: {shown(str(why))}"
        self.left.append(told)
        self.comment("NOT TAKEN OVER: " + told)
        for line in more:
            self.comment("    " + line)

    def text(self):
        return "\n".join(self.lines) + "\n"
