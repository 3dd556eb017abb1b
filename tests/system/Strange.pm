# SPDX-License-Identifier: Apache-2.0
#
# What the mode fuzz of milter.pl throws at themisd.  Malformed packets: those whose
# framing, command, NULs, lists or place in the session the protocol does not have.
# Between them hostile ones, whose form is good and whose text is not.
package Strange;

use strict;
use warnings;
use Exporter 'import';
use Peer qw(ACTIONS STEPS connection macros optneg packet strings);

our @EXPORT_OK = qw(strange_session);

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

# Macros that are pairs, one in three of them of ours.  A NUL within would be an end.
sub pairs {
	return map { tr/\0//dr } map { choose('i', 'j', '{i}', '{auth_authen}', '{mail_addr}',
	    '{client_addr}', '{client_port}',
	    '{rcpt_addr}', '{rcpt_mailer}', '{daemon_name}', 'x', text()), text() }
	    1 .. 1 + int rand 6;
}

# --- hostile, in good form ---

sub strange_macros {
	my $for = choose(qw(C H M R T N E), 'O', 'z');
	return choose(
		sub { packet('D', $for) },
		sub { packet('D', $for . strings(map { $_ x 3000 } 'i' .. 'n')) },
		sub { packet('D', $for . strings('i', 'x' x 60000)) },
		sub { packet('D', $for . strings(map { ('m' . int rand 9, 'v') } 1 .. 2000)) },
	)->();
}

sub strange_connection {
	my $host = choose('client.example.org', text(), '') =~ tr/\0//dr;
	my $port = pack 'n', int rand 65536;
	return choose(
		sub { strings($host) . '4' . $port . strings(choose('1.2.3.4', '1.2.3', '::1', text())) },
		sub { strings($host) . '6' . $port .
		    strings(choose('IPv6:2001:db8::7', '::', '::ffff:1.2.3.4', '[::1]', 'fe80::1%lo', text())) },
		sub { strings($host) . 'L' . $port . strings(choose('/run/x', '', 'p' x 200, text())) },
		sub { strings($host) . 'U' },
	)->();
}

# What may end a session, good form or not: a packet of which some octets are others.
sub mutated {
	my $packet = packet('M', strings(text(), text()));
	substr($packet, int rand length $packet, 1) = chr int rand 256
	    for 1 .. 1 + int rand 3;
	return $packet;
}

# What a session may be sent and survive, in order.
sub strange_message {
	my ($who) = @_;
	my @packets;
	push @packets, strange_macros() if chance(5);
	push @packets, macros('M', pairs()) if chance(60);
	push @packets, packet('M', strings(text(), map { text() } 1 .. int rand 3));
	for (1 .. (chance(0.4) ? 500 : 1 + int rand 3)) {
		push @packets, macros('R', pairs()) if chance(30);
		push @packets, packet('R', strings(text(), map { text() } 1 .. int rand 2));
	}
	push @packets, packet('U', strings(text())) if chance(5);
	push @packets, packet('T', '') if chance(10);
	push @packets, packet('L', strings(text(), text())) if chance(10);
	push @packets, packet('N', '') if chance(20);
	push @packets, packet('B', 'x' . octets(300)) if chance(10);
	push @packets, macros('E', pairs()) if chance(50);
	push @packets, chance(70) ? packet('E', chance(10) ? octets(20) : '') : packet('A', '');
	push @packets, packet('K', ''), packet('C', connection($who)) if chance(5);
	return @packets;
}

# --- malformed ---

# Commands that are not to come where a session is, each good in itself.  The milter
# takes some (MAIL, HELO), drops the others, and goes on reading.
my %misplaced = (
	start => [qw(B C E H L M N R T)],       # before the negotiation
	idle => [qw(B C E L N O R T)],          # before MAIL
	mail => [qw(B C E H L M N O T)],        # before RCPT
	rcpt => [qw(C H M O)],                  # after it
);

sub good {
	my ($who, $command) = @_;
	return optneg() if $command eq 'O';
	return packet('C', connection($who)) if $command eq 'C';
	return packet('B', 'x' . octets(300)) if $command eq 'B';
	return packet($command, '') if $command =~ /[ENT]/;
	return packet($command, strings(text(), $command eq 'L' ? text() : ()));
}

# A message that falls apart: some of it in order, the others out of it.
sub misplaced {
	my ($who, $state) = @_;
	my @packets;

	for (1 .. 1 + int rand 3) {
		if ($state ne 'start' && chance(30)) {
			my $next = $state eq 'idle' ? 'M' : 'R';
			push @packets, [undef, packet($next, strings(text()))];
			$state = $next eq 'M' ? 'mail' : 'rcpt';
		}
		my $command = choose(@{$misplaced{$state}});
		push @packets, ['order', good($who, $command)];
		$state = $command eq 'M' ? 'mail' : 'idle';
	}
	# whatever is left of it: the next one begins afresh
	push @packets, [undef, packet('A', '')] if $state eq 'mail';
	return @packets;
}

# The last packet of a session, by what is wrong with it.
my %malformed = (
	# a length that is not that of the packet: too short, or more than ever comes
	length => sub {
		my $text = octets(50);
		my $length = choose(grep { $_ != 1 + length $text } 1, 2, 3, 65535, 65536);
		return pack('N', $length) . choose(qw(O C M R E D Q A), chr int rand 256) . $text;
	},
	zero => sub { return pack('N', 0) . choose(qw(O C M R E D Q A)) . octets(50) },
	oversize => sub {
		my $length = choose(65537, 1 << 20, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 1,
		    65537 + int rand(2**32 - 65537));
		return pack('N', $length) . choose(qw(B M R D)) .
		    (chance(10) ? 'x' x 65536 : octets(50));
	},
	command => sub {
		return packet(choose(grep { !/[ABCDEHKLMNOQRTU]/ } map { chr } 0 .. 255),
		    choose('', strings(text()), octets(30)));
	},
	strings => sub {
		return packet(choose('M', 'R'), choose('', 'no end', text() . '.', strings(text()) . 'x'));
	},
	macros => sub {
		my $for = choose(qw(C H M R T N E), 'O', 'z');
		return packet('D', choose('', $for . strings(pairs()) . 'no end', $for . 'no end',
		    $for . strings(pairs(), choose('i', 'lonely', '')),
		    $for . strings(map { 'i' x 3000 } 1 .. 5)));
	},
	optneg => sub {
		return packet('O', choose(octets(12), pack('N2', 6, ACTIONS),
		    pack('N3', choose(0, 1), ACTIONS, STEPS),
		    pack('N3', choose(2 .. 6, 99, 2**32 - 1), choose(0, 2**32 - 1), choose(0, 2**32 - 1)),
		    optneg() . octets(99)));
	},
	connect => sub {
		my $host = choose('client.example.org', text() =~ tr/\0//dr, '');
		return packet('C', choose($host, strings($host), strings($host) . '4',
		    strings($host) . "4\x12", strings($host) . "4\x12\x34" . '1.2.3.4',
		    strings($host) . choose('A', 'z', "\xff", "\1") . "\x12\x34" . strings(text())));
	},
	# the peer goes in the middle of it
	cut => sub {
		my ($who) = @_;
		my $packet = choose(optneg(), packet('C', connection($who)),
		    macros('M', pairs()), packet('M', strings(text())), packet('B', 'x' x 3000));
		return substr $packet, 0, 1 + int rand(-1 + length $packet);
	},
);
my @kinds = sort keys %malformed;
# The reader stops where it sees them, with the rest unread.
my %stops = map { $_ => 1 } qw(length zero oversize);

# All that one connection sends: packets, each with what is malformed in it, or undef;
# and whether the last of them may be left unread.
sub strange_session {
	my ($who) = @_;
	my $last = chance(90) ? choose(@kinds) : '';
	my $state = 'start';
	my @packets;

	push @packets, misplaced($who, 'start') if chance(10);
	if ($last eq 'optneg' ? chance(10) : chance(85)) {
		push @packets, [undef, optneg()];
		push @packets, [undef, macros('C', chance(50) ? ('j', text() =~ tr/\0//dr) : pairs())]
		    if chance(80);
		push @packets, [undef, packet('C', connection($who))]
		    if $last ne 'connect' || chance(10);
		push @packets, [undef, packet('H', strings(text()))] if chance(60);
		$state = 'idle' if $last ne 'connect';
	}
	if ($state eq 'idle') {
		for (1 .. 1 + int rand 3) {
			push @packets, map { [undef, $_] } strange_message($who) if chance(20);
			push @packets, misplaced($who, 'idle') if chance(20);
		}
	}
	push @packets, $last ? [$last, $malformed{$last}->($who)] :
	    [undef, choose(\&mutated, sub { packet('C', strange_connection()) },
	        sub { packet('Q', '') })->()];
	return ($stops{$last} || !$last, @packets);
}

1;
