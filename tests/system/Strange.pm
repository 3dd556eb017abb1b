# SPDX-License-Identifier: Apache-2.0
#
# Packets of the milter protocol that are none, and well-formed ones that no MTA sends:
# what the mode fuzz of milter.pl throws at themisd.
package Strange;

use strict;
use warnings;
use Exporter 'import';
use Peer qw(ACTIONS STEPS connection macros optneg packet strings);

our @EXPORT_OK = qw(chance strange_session);

sub choose { return $_[int rand @_] }

sub chance { return rand(100) < $_[0] }

sub octets { return join '', map { chr int rand 256 } 1 .. int rand $_[0] }

my @nasty = (
	"\r\n", "\n", "\r", "\e[31m", "\x7f", "\x01", "\t", '%', '%s%n', '%%', '\\', '"',
	"\xff", "\xc0\x80", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc2\x85",
	"\xe2\x80\xa8", "\xc3\xa9", "{object}", '<', '>', '@', ',', ':', ' ', '..', '',
	'a' x 64, 'b' x 4096, "250 OK\r\nX-Header: y", '[IPv6:::1]', "'", ';--',
);

# What may stand in a name, an address, a macro: seldom what it should be.
sub text {
	my $text = choose('bob@example.org', 'bob', '', 'bob+tag@example.org', '<>',
	    '@a,@b:c@d', '"a b"@example.org', 'x@[192.0.2.1]', octets(40));
	for (1 .. int rand 4) {
		substr($text, int rand(1 + length $text), 0) = choose(@nasty);
	}
	$text = "<$text>" if chance(50);
	$text =~ tr/\0//d unless chance(3);
	return $text;
}

# Macros that are pairs, one in three of them of ours.
sub pairs {
	return map { choose('i', 'j', '{i}', '{auth_authen}', '{rcpt_addr}', '{rcpt_mailer}',
	    '{daemon_name}', 'x', text()), text() } 1 .. 1 + int rand 6;
}

# Macros that are not.
sub bad_macros {
	my $for = choose(qw(C H M R T N E), 'O', 'z', '');
	return choose(
		sub { packet('D', $for . strings(pairs()) . 'no end') },
		sub { packet('D', $for . octets(30) =~ tr/\0//dr) },
		sub { packet('D', $for) },
		sub { packet('D', $for . strings(map { $_ x 3000 } 'i' .. 'n')) },
		sub { packet('D', $for . strings('i', 'x' x 60000)) },
		sub { packet('D', $for . strings(map { ('m' . int rand 9, 'v') } 1 .. 2000)) },
		sub { packet('D', $for . strings(pairs(), choose('i', 'lonely', ''))) },
	)->();
}

sub bad_connection {
	my $host = choose('client.example.org', text(), '');
	my $port = pack 'n', int rand 65536;
	return choose(
		sub { strings($host) . '4' . $port . strings(choose('1.2.3.4', '1.2.3', '::1', text())) },
		sub { strings($host) . '6' . $port .
		    strings(choose('IPv6:2001:db8::7', '::', '::ffff:1.2.3.4', '[::1]', 'fe80::1%lo', text())) },
		sub { strings($host) . 'L' . $port . strings(choose('/run/x', '', 'p' x 200, text())) },
		sub { strings($host) . 'U' },
		sub { strings($host) . chr(int rand 256) . $port . strings(text()) },
		sub { strings($host) . '4' . $port . '1.2.3.4' },
		sub { strings($host) . '4' . substr($port, 1) },
		sub { strings($host) . '4' },
		sub { strings($host) },
		sub { $host },
		sub { octets(60) },
	)->();
}

# A length that is not that of the packet.
sub bad_length {
	my $length = choose(0, 1, 2, 65535, 65536, 65537, 1 << 20, 2**31 - 1, 2**31,
	    2**31 + 1, 2**32 - 1, int rand 2**32);
	return pack('N', $length) . choose(qw(O C M R E D Q A), chr int rand 256) . octets(50);
}

sub bad_optneg {
	return packet('O', choose(
		pack('N3', choose(0, 1, 2, 3, 4, 5, 6, 99, 2**32 - 1),
		    choose(0, 0x3f, ACTIONS, 2**32 - 1, int rand 2**32),
		    choose(0, 0x3f, STEPS, 2**32 - 1, int rand 2**32)),
		octets(12), pack('N2', 6, 0), pack('N3', 6, ACTIONS, STEPS) . octets(99)));
}

# What a session may be sent and survive, most of it in order.
sub strange_message {
	my @packets;
	push @packets, macros('M', pairs()) if chance(60);
	push @packets, packet('M', strings(text(), map { text() } 1 .. int rand 3));
	for (1 .. (chance(0.4) ? 500 : int rand 4)) {
		push @packets, macros('R', pairs()) if chance(30);
		push @packets, packet('R', strings(text(), map { text() } 1 .. int rand 2));
	}
	push @packets, packet('T', '') if chance(10);
	push @packets, packet('L', strings(text(), text())) if chance(10);
	push @packets, packet('N', '') if chance(20);
	push @packets, packet('B', octets(300)) if chance(10);
	push @packets, macros('E', pairs()) if chance(50);
	push @packets, packet('E', chance(10) ? octets(20) : '') if chance(70);
	push @packets, packet('A', '') if chance(30);
	return @packets;
}

# One thing out of place; after it libmilter may have closed the connection.
sub misplaced {
	return choose(
		sub { packet(choose('A' .. 'Z'), choose('', strings(text()), octets(30))) },
		sub { packet(chr int rand 256, octets(30)) },
		sub { packet(choose('M', 'R'), choose('', text() =~ tr/\0//dr, octets(30))) },
		sub { packet('E', '') },
		sub { packet('K', '') . packet('C', bad_connection()) },
		sub { packet('U', strings(text())) . packet(choose(qw(M R T B E)), strings(text())) },
		sub { packet('C', bad_connection()) },
		\&bad_macros, \&bad_macros, \&bad_length, \&bad_optneg,
		sub {
			my ($packet) = strange_message();
			substr($packet, int rand length $packet, 1) = chr int rand 256
			    for 1 .. 1 + int rand 3;
			$packet;
		},
		sub { my ($packet) = strange_message(); substr $packet, 0, int rand length $packet },
	)->();
}

# All that one connection sends.
sub strange_session {
	my ($who) = @_;
	my @packets;
	push @packets, chance(90) ? optneg() : bad_optneg();
	push @packets, macros('C', chance(50) ? ('j', text()) : pairs()) if chance(80);
	push @packets, packet('C', chance(70) ? connection($who) : bad_connection());
	for (1 .. 1 + int rand 6) {
		push @packets, strange_message();
		push @packets, misplaced() if chance(30);
	}
	push @packets, packet('Q', '') if chance(30);
	return @packets;
}

1;
