# SPDX-License-Identifier: Apache-2.0
"""Where python3-spf is known not to do what RFC 7208 says, for spf_random.py.

Each reason is its evaluator with that one thing put right: a difference has the reason
whose change makes it go away.
"""

import itertools

import spf


class LateRedirect(spf.query):
    """it counts a redirect among the 10 terms where it stands, not when it is reached (4.6.4)"""

    counted = True      # the record of the domain itself is no term

    def check_lookups(self):
        self.counted = False

    def count(self):
        if not self.counted:
            self.counted = True
            super().check_lookups()

    def expand_domain(self, arg):
        self.counted = True
        return super().expand_domain(arg)

    def check1(self, record, domain, recursion):
        self.recorded = True
        return super().check1(record, domain, recursion)

    recorded = False

    def dns_spf(self, domain):
        # only a redirect comes here without having been announced by check_lookups()
        if self.counted and self.recorded:
            self.counted = False
        self.count()
        return super().dns_spf(domain)

    def dns_a(self, domainname, A="A"):
        self.count()
        return super().dns_a(domainname, A)

    def dns_mx(self, domainname):
        self.count()
        return super().dns_mx(domainname)

    def validated_ptrs(self):
        self.count()
        return super().validated_ptrs()


class LazyMx(spf.query):
    """it asks for the addresses of all mail exchangers, though an earlier one matches, and
    so comes to the limit of void lookups, or to an error"""

    def dns_mx(self, domainname):
        names = self.dns(domainname, "MX")
        if len(names) > spf.MAX_MX:
            raise spf.PermError("more than %d MX records" % spf.MAX_MX)
        return (address for _, name in sorted(names) for address in self.dns_a(name, self.A))

    def cidrmatch(self, ipaddrs, n):
        return any(super(LazyMx, self).cidrmatch([address], n) for address in ipaddrs)


class PtrErrors(spf.query):
    """it takes an error of the lookups of "ptr" and %{p} for one of the check; they just do
    not match (5.5)"""

    def dns_ptr(self, i):
        try:
            return super().dns_ptr(i)
        except spf.TempError:
            return []

    def validated_ptrs(self):
        found = []
        for name in self.dns_ptr(self.i)[:spf.MAX_PTR]:
            try:
                if self.cidrmatch(self.dns_a(name, self.A), self.cidrmax):
                    found.append(name)
            except spf.TempError:
                continue
        return found


class LazyPtr(spf.query):
    """it asks for the addresses of all names of the client, though an earlier one matches,
    and so comes to the limit of void lookups"""

    def validated_ptrs(self):
        return (name for name in self.dns_ptr(self.i)[:spf.MAX_PTR]
                if self.cidrmatch(self.dns_a(name, self.A), self.cidrmax))

    def getp(self):
        lazy = self.validated_ptrs
        self.validated_ptrs = lambda: list(lazy())
        try:
            return super().getp()
        finally:
            del self.validated_ptrs


class LateLoop(spf.query):
    """it refuses a policy that includes itself before it looks at what stands before that"""

    def validate_mechanism(self, mech):
        try:
            return super().validate_mechanism(mech)
        except spf.PermError as error:
            if "trivial recursion" not in str(error):
                raise
            return mech, "include", self.d, self.cidrmax, spf.RESULTS.get(mech[0], "pass")


class AliasOnce(spf.query):
    """it counts an alias of a name that is not there as two void lookups"""

    def dns(self, name, qtype, cnames=None, ignore_void=False):
        return super().dns(name, qtype, cnames, ignore_void or bool(cnames))


class PercentAtEnd(spf.query):
    """it refuses "%%" at the end of a macro-string (7.1)"""

    def expand(self, s, stripdot=True):
        if not s.endswith("%%"):
            return super().expand(s, stripdot)
        return super().expand(s[:-2], stripdot) + "%"


class Repeated(spf.query):
    """it refuses an unknown modifier that stands twice; only "redirect" and "exp" must not (6)"""

    def check0(self, record, recursion):
        terms = (record or "").split(" ")
        for place, term in enumerate(terms):
            name, equals, value = term.partition("=")
            if equals and place > 0 and name.lower() not in ("redirect", "exp"):
                terms[place] = "%s-%d=%s" % (name, place, value)
        return super().check0(" ".join(terms), recursion)


class VoidTerms(spf.query):
    """it counts each void lookup; the limit is one of the terms that have any (4.6.4)"""

    void_terms = 0
    would_count = True

    @property
    def void_lookups(self):
        return self.void_terms

    @void_lookups.setter
    def void_lookups(self, count):
        if count == 0:
            self.void_terms = 0
        elif self.would_count:
            self.void_terms += 1
            self.would_count = False

    def validate_mechanism(self, mech):
        self.would_count = True
        return WhenReached(self.begin_term, super().validate_mechanism(mech))

    def begin_term(self, mech):
        self.would_count = True
        return mech


class EarlyName(spf.query):
    """it looks for the name of %{p} when it reads a record, though no term that has it is
    reached"""

    reached = False

    def expand(self, s, stripdot=True):
        known = self.p
        if not self.reached:
            self.p = known or "unknown"
        try:
            return super().expand(s, stripdot)
        finally:
            if not self.reached:
                self.p = known

    def validate_mechanism(self, mech):
        validate = super().validate_mechanism
        validate(mech)
        return WhenReached(self.reach, (validate, mech))

    def reach(self, later):
        validate, mech = later
        self.reached = True
        try:
            return validate(mech)
        finally:
            self.reached = False


class WhenReached:
    """A mechanism for the loop over a record's, which unpacks each when it comes to it."""

    def __init__(self, reach, mech):
        self.reach = reach
        self.mech = mech

    def __iter__(self):
        return iter(self.reach(self.mech))


REASONS = [VoidTerms, LateRedirect, LazyMx, PtrErrors, LazyPtr, LateLoop, AliasOnce, PercentAtEnd,
           Repeated, EarlyName]


def why(ask, wanted):
    """The reasons that explain the result wanted; None if none do.  ask(query) is the
    result by that evaluator."""
    for count in (1, 2, 3):
        for some in itertools.combinations(REASONS, count):
            changed = type("Changed", tuple(some), {})
            if ask(changed) == wanted:
                return "; ".join(" ".join(reason.__doc__.split()) for reason in some)
    return None
