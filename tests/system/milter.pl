#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# The MTA's side of the milter protocol (version 6), for what no MTA does: sessions
# by the thousand, peers that stop in the middle of a word, packets that are none.
# Called by neighbours.test.  It needs no more Perl than Debian's perl-base.
#
#	probe SOCKET	whole sessions with one message each, one after the other;
#			prints the seconds of the slowest and the last reply
#	idle SOCKET N	opens N sessions, prints "N open", waits; then sends a message
#			on each of them (or on -k of them) and ends
#	stall SOCKET N WHERE
#			N connections that stop, prints "N stalled", waits.  WHERE is
#			nothing (before the first octet), length (in that of the first
#			packet), command (before its command), half (in its payload),
#			middle (in the MAIL of a session), or mixed
#	hog SOCKET N	connects N times, without a word, prints "M of N connected",
#			waits
#	fuzz SOCKET	-n packets, malformed and mutated, the same for the same -s
#
# SOCKET is a path or HOST:PORT.  What waits does so until a line or the end of
# standard input comes, or the process that started it ends.
# Exit status: 0 all went as it should, 1 it did not, 2 wrong usage.

use strict;
use warnings;
use Getopt::Long qw(:config bundling no_ignore_case);
use IO::Socket::INET;
use IO::Socket::UNIX;
use Socket qw(IPPROTO_TCP TCP_NODELAY SOCK_STREAM SOL_SOCKET SO_RCVTIMEO SO_SNDTIMEO);
use Time::HiRes qw(sleep time);

my %opt = (
	a => '192.0.2.7',
	f => 'sender@example.org',
	t => 'recipient@example.net',
	i => '4fKdZc0nPzz9',
	j => 'mx.example.org',
	n => undef,
	s => 1,
	w => 30,
);
my $where;      # the socket

# The protocol's numbers (sendmail's mfdef.h).
use constant {
	ACTIONS => 0x1ff,
	STEPS => 0x1fffff,
};
# The command, the step that leaves it out, the step without a reply to it.
my %step = (
	C => [0x01, 0x1000], H => [0x02, 0x2000], M => [0x04, 0x4000],
	R => [0x08, 0x8000], T => [0x200, 0x10000], L => [0x20, 0x80],
	N => [0x40, 0x40000], B => [0x10, 0x80000], E => [0, 0],
);
my %answers = (
	a => 'accept', c => 'continue', d => 'discard', f => 'connection failure',
	r => 'reject', s => 'skip', t => 'tempfail', 4 => 'shutdown',
);

sub usage {
	print STDERR @_, "usage: milter.pl probe SOCKET [-n SESSIONS] [MESSAGE]\n",
	    "\tmilter.pl idle SOCKET SESSIONS [-k MESSAGES] [MESSAGE]\n",
	    "\tmilter.pl stall SOCKET CONNECTIONS",
	    " nothing|length|command|half|middle|mixed\n",
	    "\tmilter.pl hog SOCKET CONNECTIONS\n",
	    "\tmilter.pl fuzz SOCKET -n PACKETS [-s SEED]\n",
	    "MESSAGE: [-f SENDER] [-t RCPT] [-l LOGIN] [-a ADDRESS] [-i QUEUE-ID]",
	    " [-j MTA]\n-w SECONDS: patience with one answer; default 30\n";
	exit 2;
}

# The result is one line on standard output, whole and at once.
sub report {
	my ($text) = @_;
	defined syswrite(STDOUT, "$text\n") or die "cannot write: $!\n";
}

# --- one connection ---

sub peer_dial {
	my ($blocking) = @_;
	if ($where =~ m{/}) {
		my $sock = IO::Socket::UNIX->new(Type => SOCK_STREAM) or return;
		# Not by the constructor, which would wait whatever is asked for.
		$sock->blocking(0) unless $blocking;
		return connect($sock, Socket::pack_sockaddr_un($where)) ? $sock : undef;
	}
	my $sock = IO::Socket::INET->new(PeerAddr => $where, Proto => 'tcp',
	    Blocking => $blocking) or return;
	# Macros and their command are two packets; the second is not to wait.
	setsockopt $sock, IPPROTO_TCP, TCP_NODELAY, 1;
	return $sock;
}

sub peer_open {
	my $sock = peer_dial(1) or die "cannot connect to $where: $!\n";
	my $patience = pack 'l!l!', int $opt{w}, int(($opt{w} - int $opt{w}) * 1e6);
	for my $which (SO_RCVTIMEO, SO_SNDTIMEO) {
		setsockopt $sock, SOL_SOCKET, $which, $patience or die "setsockopt: $!\n";
	}
	return { sock => $sock, buffer => '', steps => 0 };
}

sub peer_put {
	my ($peer, $bytes) = @_;
	while (length $bytes) {
		my $n = syswrite $peer->{sock}, $bytes;
		die "cannot send: $!\n" unless defined $n;
		substr($bytes, 0, $n) = '';
	}
}

# Takes one packet out of what was read: its command and payload, or nothing.
sub peer_take {
	my ($peer) = @_;
	return if length $peer->{buffer} < 5;
	my $length = unpack 'N', $peer->{buffer};
	die "not the milter protocol: a packet of $length octets\n"
	    if $length == 0 || $length > 1 << 20;
	return if length $peer->{buffer} < 4 + $length;
	my $packet = substr $peer->{buffer}, 4, $length;
	substr($peer->{buffer}, 0, 4 + $length) = '';
	return (substr($packet, 0, 1), substr($packet, 1));
}

sub peer_get {
	my ($peer) = @_;
	while (1) {
		my @packet = peer_take($peer);
		return @packet if @packet;
		my $n = sysread $peer->{sock}, $peer->{buffer}, 65536,
		    length $peer->{buffer};
		die "no answer: $!\n" unless defined $n;
		die "connection closed\n" unless $n;
	}
}

sub packet {
	my ($command, $payload) = @_;
	return pack 'Na1a*', 1 + length $payload, $command, $payload;
}

sub strings { return join '', map { "$_\0" } @_ }

sub macros { my $for = shift; return packet('D', $for . strings(@_)) }

# --- a session as it should be ---

sub optneg { return packet('O', pack 'N3', 6, ACTIONS, STEPS) }

sub negotiate {
	my ($peer) = @_;
	peer_put($peer, optneg());
	my ($command, $payload) = peer_get($peer);
	die "no negotiation but \"$command\"\n" if $command ne 'O' || length $payload < 12;
	(my $version, my $actions, $peer->{steps}) = unpack 'N3', $payload;
	die "version $version, actions $actions, steps $peer->{steps}\n"
	    if $version > 6 || $version < 2 || $actions & ~ACTIONS || $peer->{steps} & ~STEPS;
}

# One step of the session and what is said to it, in words; '' if it was not to be
# sent, or not to be answered.
sub step {
	my ($peer, $command, $payload) = @_;
	my ($no, $quiet) = @{$step{$command}};
	return '' if $peer->{steps} & $no;
	peer_put($peer, packet($command, $payload));
	return '' if $peer->{steps} & $quiet;
	while (1) {
		my ($answer, $text) = peer_get($peer);
		# On the way to the answer to the end of a message: progress, changes.
		next if $command eq 'E' && $answer =~ /^[-+2behimpq]$/;
		return $answers{$answer} if $answers{$answer};
		return $text =~ s/\0\z//r if $answer eq 'y';
		die "an answer that is none: \"$answer\"\n";
	}
}

sub connection {
	my $family = $opt{a} =~ /:/ ? '6' : '4';
	return strings('client.example.org') . $family . pack('n', 4711) . strings($opt{a});
}

sub session_open {
	my $peer = peer_open();
	negotiate($peer);
	peer_put($peer, macros('C', 'j', $opt{j}, '{daemon_name}', 'smtpd'));
	my $answer = step($peer, 'C', connection());
	die "to the connection: $answer\n" unless $answer =~ /^(?:continue|accept|)$/;
	return $peer;
}

# One message; the answer that settled it.
sub message {
	my ($peer) = @_;
	my $answer;

	peer_put($peer, macros('M', 'i', $opt{i}, '{mail_addr}', $opt{f},
	    defined $opt{l} ? ('{auth_authen}', $opt{l}) : ()));
	$answer = step($peer, 'M', strings("<$opt{f}>", 'SIZE=1000'));
	return $answer unless $answer =~ /^(?:continue|)$/;
	peer_put($peer, macros('R', '{rcpt_mailer}', 'smtp', '{rcpt_addr}', $opt{t}));
	$answer = step($peer, 'R', strings("<$opt{t}>"));
	return $answer unless $answer =~ /^(?:continue|)$/;
	step($peer, 'T', '');
	step($peer, 'L', strings('Subject', ' a test'));
	step($peer, 'N', '');
	step($peer, 'B', "Hello.\r\n");
	peer_put($peer, macros('E', 'i', $opt{i}));
	return step($peer, 'E', '');
}

sub session_close {
	my ($peer) = @_;
	peer_put($peer, packet('Q', ''));
	close $peer->{sock};
}

# --- the modes ---

# Until somebody says so, or whoever started us is no more.
sub wait_for_word {
	my $parent = getppid;
	while (getppid == $parent) {
		my $ready = '';
		vec($ready, fileno STDIN, 1) = 1;
		next unless select $ready, undef, undef, 1;
		sysread STDIN, my $line, 100;
		last;
	}
}

sub probe {
	my ($slowest, $answer) = (0, '');
	for (1 .. $opt{n} // 1) {
		my $began = time;
		my $peer = session_open();
		$answer = message($peer);
		my $took = time - $began;
		$slowest = $took if $took > $slowest;
		session_close($peer);
	}
	report(sprintf '%.3f %s', $slowest, $answer);
	return 0;
}

sub idle {
	my ($count) = @_;
	my @peers = map { session_open() } 1 .. $count;
	my ($slowest, $answered) = (0, 0);

	report("$count open");
	wait_for_word();
	my $messages = $opt{k} // $count;
	for my $k (1 .. $messages) {
		# The first, the last, and others evenly between them.
		my $at = $messages > 1 ? int(($k - 1) * ($count - 1) / ($messages - 1)) : 0;
		my $began = time;
		my $answer = message($peers[$at]);
		my $took = time - $began;
		die "to message $k: $answer\n" unless $answer =~ /^(?:continue|accept)$/;
		$slowest = $took if $took > $slowest;
		$answered++;
	}
	session_close($_) for @peers;
	report(sprintf '%d answered, the slowest in %.3f', $answered, $slowest);
	return 0;
}

my %stalls = (
	nothing => sub { },
	length => sub { peer_put($_[0], substr optneg(), 0, 2) },
	command => sub { peer_put($_[0], substr optneg(), 0, 4) },
	half => sub { peer_put($_[0], substr optneg(), 0, 11) },
	middle => sub {
		my ($peer) = @_;
		negotiate($peer);
		step($peer, 'C', connection());
		peer_put($peer, substr packet('M', strings("<$opt{f}>")), 0, 10);
	},
);

sub stall {
	my ($count, $how) = @_;
	my @ways = $how eq 'mixed' ? sort keys %stalls : ($how);
	my @peers;

	for my $k (1 .. $count) {
		my $peer = peer_open();
		$stalls{$ways[$k % @ways]}->($peer);
		push @peers, $peer;
	}
	report("$count stalled");
	wait_for_word();
	return 0;
}

# As fast as the queue of the socket takes them; then those that found no place in it
# have been turned away for two seconds.
sub hog {
	my ($count) = @_;
	my $patience = time + 2;
	my @socks;

	while (@socks < $count && time < $patience) {
		my $sock = peer_dial(0);
		if ($sock) {
			push @socks, $sock;
			next;
		}
		# EAGAIN: the queue is full; EINPROGRESS does not come on UNIX sockets
		die "cannot connect to $where: $!\n" unless $!{EAGAIN} || $!{EINPROGRESS};
		sleep 0.02;
	}
	report(scalar(@socks) . " of $count connected");
	wait_for_word();
	return 0;
}

# --- packets that are none ---

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
	my @packets;
	push @packets, chance(90) ? optneg() : bad_optneg();
	push @packets, macros('C', chance(50) ? ('j', text()) : pairs()) if chance(80);
	push @packets, packet('C', chance(70) ? connection() : bad_connection());
	for (1 .. 1 + int rand 6) {
		push @packets, strange_message();
		push @packets, misplaced() if chance(30);
	}
	push @packets, packet('Q', '') if chance(30);
	return @packets;
}

# The connections that are on their way, as the bits that select() wants.
sub bits {
	my $bits = '';
	vec($bits, fileno $_->{sock}, 1) = 1 for @_;
	return $bits;
}

# Lets all of them send and read until each is closed by its peer.  One that the
# peer neither reads nor closes for two seconds is left.
sub run_strange {
	my ($count, @open) = @_;
	my $quiet = time + 2;

	while (@open && time < $quiet) {
		my $r = bits(@open);
		my $w = bits(grep { length $_->{out} } @open);
		select $r, $w, undef, 0.5;
		for my $peer (@open) {
			if (length $peer->{out} && vec($w, fileno $peer->{sock}, 1)) {
				my $n = syswrite $peer->{sock}, $peer->{out};
				$peer->{out} = '' unless defined $n || $!{EAGAIN};
				substr($peer->{out}, 0, $n) = '' if $n;
				shutdown $peer->{sock}, 1 unless length $peer->{out};
				$quiet = time + 2;
			}
			next unless vec($r, fileno $peer->{sock}, 1);
			my $n = sysread $peer->{sock}, my $bytes, 65536;
			$count->{octets} += $n // 0;
			$peer->{done} = 1 unless $n || (!defined $n && $!{EAGAIN});
			$quiet = time + 2;
		}
		@open = grep { !$_->{done} } @open;
	}
	$count->{left} += @open;
}

# A fresh one; the daemon may be busy, but not for five seconds.
sub strange_open {
	my $patience = time + 5;
	while (time < $patience) {
		my $sock = peer_dial(0);
		return $sock if $sock;
		sleep 0.02;
	}
	die "nobody accepts connections on $where any more: $!\n";
}

sub fuzz {
	my %count = (packets => 0, connections => 0, octets => 0, left => 0);

	srand $opt{s};
	while ($count{packets} < $opt{n}) {
		my @open;
		for (1 .. 8) {
			my @packets = strange_session();
			$count{packets} += @packets;
			$count{connections}++;
			my $out = join '', @packets;
			substr($out, 1 + int rand length $out) = '' if chance(10);
			push @open, { sock => strange_open(), out => $out };
			$open[-1]{sock}->blocking(0);
		}
		run_strange(\%count, @open);
	}
	report("$count{packets} packets on $count{connections} connections, seed $opt{s}: " .
	    "$count{octets} octets came back, $count{left} connections were left hanging");
	return 0;
}

# --- ---

my %modes = (
	probe => [\&probe, 0], idle => [\&idle, 1], stall => [\&stall, 2],
	hog => [\&hog, 1], fuzz => [\&fuzz, 0],
);

GetOptions(\%opt, qw(a=s f=s i=s j=s k=i l=s n=i s=i t=s w=f)) or usage();
my $mode = shift @ARGV // usage();
$where = shift @ARGV // usage();
usage("milter.pl: no such mode: $mode\n") unless $modes{$mode};
my ($code, $arguments) = @{$modes{$mode}};
usage("milter.pl: $mode takes $arguments arguments\n") unless @ARGV == $arguments;
usage("milter.pl: not a number: $ARGV[0]\n") if @ARGV && $ARGV[0] !~ /^[1-9]\d*$/;
usage("milter.pl: fuzz wants -n\n") if $mode eq 'fuzz' && !defined $opt{n};
usage("milter.pl: stall where?\n")
    if $mode eq 'stall' && $ARGV[1] ne 'mixed' && !$stalls{$ARGV[1]};
$SIG{PIPE} = 'IGNORE';

my $status = eval { $code->(@ARGV) };
exit $status if defined $status;
print STDERR "milter.pl: $@";
exit 1;
