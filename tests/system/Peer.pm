# SPDX-License-Identifier: Apache-2.0
#
# The milter protocol (version 6) as an MTA speaks it: packets, one connection, a
# session as it should be.  For milter.pl and Strange.pm.
package Peer;

use strict;
use warnings;
use Exporter 'import';
use IO::Socket::INET;
use IO::Socket::UNIX;
use Socket qw(IPPROTO_TCP TCP_NODELAY SOCK_STREAM SOL_SOCKET SO_RCVTIMEO SO_SNDTIMEO);

our @EXPORT_OK = qw(ACTIONS STEPS connection macros message negotiate optneg packet
    peer_dial peer_open peer_put session_close session_open step strings);

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
# The stages whose macros a milter may name, and what an MTA sends that was asked for
# none.
my @stages = ('C', undef, 'M', 'R', 'T', 'E', 'N');
my %usual = (
	C => [qw(j {daemon_name})],
	M => [qw(i {mail_addr} {auth_authen})],
	R => [qw({rcpt_mailer} {rcpt_addr})],
	E => [qw(i)],
);
my %answers = (
	a => 'accept', c => 'continue', d => 'discard', f => 'connection failure',
	r => 'reject', s => 'skip', t => 'tempfail', 4 => 'shutdown',
);

# --- one connection ---

# Who is a hash: where (the socket), w (patience with one answer, in seconds), and what
# a session says: a the client, e its HELO, j the MTA, f, t, l the envelope, i the
# queue id.

sub peer_dial {
	my ($where, $blocking) = @_;
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
	my ($who) = @_;
	my $sock = peer_dial($who->{where}, 1) or die "cannot connect to $who->{where}: $!\n";
	my $patience = pack 'l!l!', int $who->{w}, int(($who->{w} - int $who->{w}) * 1e6);
	for my $which (SO_RCVTIMEO, SO_SNDTIMEO) {
		setsockopt $sock, SOL_SOCKET, $which, $patience or die "setsockopt: $!\n";
	}
	return { who => $who, sock => $sock, buffer => '', steps => 0, macros => { %usual } };
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
	# which macros it wants: each time the number of a stage and a list
	my $lists = substr $payload, 12;
	while ($lists =~ s/^(.{4})([^\0]*)\0//s) {
		my $stage = $stages[unpack 'N', $1] // next;
		$peer->{macros}{$stage} = [split ' ', $2];
	}
	die "not a list of macros: $lists\n" if length $lists;
}

# The macros of a stage that have a value.  As Postfix: also of a step that is left out,
# without a packet where none has a value, and without {mail_addr} at the end.
sub tell_macros {
	my ($peer, $stage) = @_;
	my $who = $peer->{who};
	my %value = (
		'j' => $who->{j}, '{daemon_name}' => 'smtpd',
		'{client_addr}' => $who->{a}, '{client_port}' => 4711,
		'{auth_authen}' => $who->{l}, '{rcpt_mailer}' => 'smtp',
		$stage =~ /[MR]/ ? ('{mail_addr}' => $who->{f} =~ s/^<(.*)>\z/$1/sr) : (),
		# Postfix gives an id to a message with its first recipient
		$stage !~ /[CM]/ ? (i => $who->{i}) : (),
		$stage eq 'R' ? ('{rcpt_addr}' => $who->{t}) : (),
	);
	my @told = map { ($_, $value{$_}) } grep { defined $value{$_} } @{$peer->{macros}{$stage}};
	peer_put($peer, macros($stage, @told)) if @told;
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
	my ($who) = @_;
	my $family = $who->{a} =~ /:/ ? '6' : '4';
	return strings('client.example.org') . $family . pack('n', 4711) . strings($who->{a});
}

sub session_open {
	my ($who) = @_;
	my $peer = peer_open($who);
	negotiate($peer);
	tell_macros($peer, 'C');
	my $answer = step($peer, 'C', connection($who));
	die "to the connection: $answer\n" unless $answer =~ /^(?:continue|accept|)$/;
	$answer = step($peer, 'H', strings($who->{e}));
	die "to the greeting: $answer\n" unless $answer =~ /^(?:continue|accept|)$/;
	return $peer;
}

# One message; the answer that settled it.
sub message {
	my ($peer) = @_;
	my $who = $peer->{who};
	my $answer;

	tell_macros($peer, 'M');
	$answer = step($peer, 'M', strings("<$who->{f}>", 'SIZE=1000'));
	return $answer unless $answer =~ /^(?:continue|)$/;
	tell_macros($peer, 'R');
	$answer = step($peer, 'R', strings("<$who->{t}>"));
	return $answer unless $answer =~ /^(?:continue|)$/;
	step($peer, 'T', '');
	step($peer, 'L', strings('Subject', ' a test'));
	step($peer, 'N', '');
	step($peer, 'B', "Hello.\r\n");
	tell_macros($peer, 'E');
	return step($peer, 'E', '');
}

sub session_close {
	my ($peer) = @_;
	peer_put($peer, packet('Q', ''));
	close $peer->{sock};
}

1;
