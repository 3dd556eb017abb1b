#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# The MTA's side of the milter protocol (version 6), for what no MTA does: sessions
# by the thousand, peers that stop in the middle of a word, packets that are none.
# Called by neighbours.test and others.  The protocol is in Peer.pm, the packets that
# are none in Strange.pm.  It needs no Perl modules but those that come with Perl.
#
#	probe SOCKET	whole sessions with one message each, one after the other;
#			prints the seconds of the slowest and the last reply
#	idle SOCKET N	opens N sessions, prints "N open", waits; then sends a message
#			on each of them (or on -k of them) and ends
#	stall SOCKET N WHERE
#			N connections that stop, prints "N stalled in SECONDS", waits.
#			WHERE is
#			nothing (before the first octet), length (in that of the first
#			packet), command (before its command), half (in its payload),
#			middle (in the MAIL of a session), or mixed
#	hog SOCKET N	connects N times, without a word, prints "M of N connected",
#			waits
#	race SOCKET N	N sessions in processes of their own, which send -n messages each,
#			all at once; prints how often each reply came
#	load SOCKET N	N sessions at once, each with one message after the other, until
#			it has had -n of them or its peer is gone; prints each answer
#			to the end of a message, a line each, as soon as it is there; %d
#			in -a or -f is the number of the session, from 1 on
#	fuzz SOCKET	-n malformed packets and hostile ones between them, the same for
#			the same -s; prints how many there were of either
#
# SOCKET is a path or HOST:PORT.  What waits does so until a line or the end of
# standard input comes, or the process that started it ends.
# Exit status: 0 all went as it should, 1 it did not, 2 wrong usage.

use strict;
use warnings;
use lib __FILE__ =~ m{^(.*)/}s ? $1 : '.';
use Getopt::Long qw(:config bundling no_ignore_case);
use Peer qw(connection message negotiate optneg packet peer_dial peer_open peer_put
    session_close session_open step strings);
use POSIX ();
use Strange qw(strange_session);
use Time::HiRes qw(sleep time);

my %opt = (
	a => '192.0.2.7',
	e => 'client.example.org',
	f => 'sender@example.org',
	t => 'recipient@example.net',
	i => '4fKdZc0nPzz9',
	j => 'mx.example.org',
	n => undef,
	s => 1,
	w => 30,
);

sub usage {
	print STDERR @_, "usage: milter.pl probe SOCKET [-n SESSIONS] [MESSAGE]\n",
	    "\tmilter.pl idle SOCKET SESSIONS [-k MESSAGES] [MESSAGE]\n",
	    "\tmilter.pl stall SOCKET CONNECTIONS",
	    " nothing|length|command|half|middle|mixed\n",
	    "\tmilter.pl hog SOCKET CONNECTIONS\n",
	    "\tmilter.pl race SOCKET SESSIONS [-n MESSAGES] [MESSAGE]\n",
	    "\tmilter.pl load SOCKET SESSIONS [-n MESSAGES] [MESSAGE]\n",
	    "\tmilter.pl fuzz SOCKET -n PACKETS [-s SEED]\n",
	    "MESSAGE: [-f SENDER] [-t RCPT] [-l LOGIN] [-a ADDRESS] [-e HELO]",
	    " [-i QUEUE-ID] [-j MTA]\n-w SECONDS: patience with one answer; default 30\n";
	exit 2;
}

# The result is one line on standard output, whole and at once.
sub report {
	my ($text) = @_;
	defined syswrite(STDOUT, "$text\n") or die "cannot write: $!\n";
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
		my $peer = session_open(\%opt);
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
	my @peers = map { session_open(\%opt) } 1 .. $count;
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
		step($peer, 'C', connection(\%opt));
		peer_put($peer, substr packet('M', strings("<$opt{f}>")), 0, 10);
	},
);

sub stall {
	my ($count, $how) = @_;
	my $began = time;
	my @ways = $how eq 'mixed' ? sort keys %stalls : ($how);
	my @peers;

	for my $k (1 .. $count) {
		my $peer = peer_open(\%opt);
		$stalls{$ways[$k % @ways]}->($peer);
		push @peers, $peer;
	}
	report(sprintf '%d stalled in %.3f', $count, time - $began);
	wait_for_word();
	return 0;
}

# As fast as the queue of the socket takes them; then those that found no place in it
# have been turned away for two seconds.  Not by the clock: we may have slept for longer.
sub hog {
	my ($count) = @_;
	my ($turned_away, @socks) = (0);

	while (@socks < $count && $turned_away < 100) {
		my $sock = peer_dial($opt{where}, 0);
		if ($sock) {
			push @socks, $sock;
			$turned_away = 0;
			next;
		}
		$turned_away++;
		# EAGAIN: the queue is full; EINPROGRESS does not come on UNIX sockets
		die "cannot connect to $opt{where}: $!\n" unless $!{EAGAIN} || $!{EINPROGRESS};
		sleep 0.02;
	}
	report(scalar(@socks) . " of $count connected");
	wait_for_word();
	return 0;
}

# One of the racers: ready, it waits until the gate is closed by the last who holds it.
sub race_one {
	my ($ready, $gate, $say) = @_;
	my $peer = session_open(\%opt);

	close $ready;
	sysread $gate, my $nothing, 1;
	my @answers = map { message($peer) } 1 .. $opt{n} // 1;
	defined syswrite($say, join '', map { substr($_, 0, 9) . "\n" } @answers)
	    or die "cannot write: $!\n";
	session_close($peer);
}

sub race {
	my ($count) = @_;
	my (%answers, @racers);

	pipe my $all_ready, my $ready or die "pipe: $!\n";
	pipe my $gate, my $gatekeeper or die "pipe: $!\n";
	pipe my $hear, my $say or die "pipe: $!\n";
	for (1 .. $count) {
		my $pid = fork // die "fork: $!\n";
		push @racers, $pid;
		next if $pid;
		close $gatekeeper;
		eval { race_one($ready, $gate, $say); 1 } or print STDERR "milter.pl: $@";
		POSIX::_exit(0);
	}
	close $_ for $ready, $say;
	sysread $all_ready, my $nothing, 1; # the end: each of them has let go of it
	close $gatekeeper;
	while (my $answer = <$hear>) {
		$answers{$answer =~ s/\n\z//r}++;
	}
	waitpid $_, 0 for @racers;
	report(join ', ', map { "$answers{$_} $_" } sort keys %answers);
	return 0;
}

sub numbered {
	my ($number) = @_;
	my %who = %opt;
	s/%d/$number/ for @who{qw(a f)};
	return \%who;
}

# That the peer goes away in the middle is no fault.
sub load_session {
	my ($peer) = @_;
	my $left = $opt{n} // -1;
	while ($left-- != 0) {
		my $answer = eval { message($peer) } // last;
		report($answer);
	}
}

sub load {
	my ($count) = @_;
	my @peers = map { session_open(numbered($_)) } 1 .. $count;
	for my $peer (@peers) {
		my $child = fork // die "cannot fork: $!\n";
		next if $child;
		load_session($peer);
		exit 0;
	}
	1 while wait != -1;
	return 0;
}

# --- packets that are none ---

# The connections that are on their way, as the bits that select() wants.
sub bits {
	my $bits = '';
	vec($bits, fileno $_->{sock}, 1) = 1 for @_;
	return $bits;
}

# What is left to be sent, as far as the socket takes it; then the end.
sub strange_send {
	my ($peer) = @_;
	my $n = syswrite $peer->{sock}, $peer->{out};
	return if !defined $n && $!{EAGAIN};
	if (defined $n) {
		$peer->{sent} += $n;
		substr($peer->{out}, 0, $n) = '';
	} else {
		$peer->{out} = '';
	}
	shutdown $peer->{sock}, 1 unless length $peer->{out};
}

# A peer may be slow, but closes by itself what has stopped for thirty seconds.
use constant HANGING => 20;

# Lets all of them send and read until each is closed by its peer.  One that the
# peer neither reads nor closes for so long is left.
sub run_strange {
	my ($count, @open) = @_;
	my $quiet = time + HANGING;

	while (@open && time < $quiet) {
		my $r = bits(@open);
		my $w = bits(grep { length $_->{out} } @open);
		select $r, $w, undef, 0.5;
		for my $peer (@open) {
			if (length $peer->{out} && vec($w, fileno $peer->{sock}, 1)) {
				strange_send($peer);
				$quiet = time + HANGING;
			}
			next unless vec($r, fileno $peer->{sock}, 1);
			my $n = sysread $peer->{sock}, my $bytes, 65536;
			$count->{octets} += $n // 0;
			$quiet = time + HANGING;
			next if $n || (!defined $n && $!{EAGAIN});
			# a UNIX socket tells when it is closed with something unread
			$peer->{unread} = !defined $n;
			$peer->{done} = 1;
			tally($count, $peer);
		}
		@open = grep { !$_->{done} } @open;
	}
	$count->{left} += @open;
}

# Counts what was sent whole, on connections that were read to the end, or to a packet
# with which one cannot go on reading.
sub tally {
	my ($count, $peer) = @_;
	if ($peer->{unread} && !$peer->{stops}) {
		$count->{unread}++;
		return;
	}
	for my $packet (@{$peer->{packets}}) {
		my ($kind, $end) = @$packet;
		last if $end > $peer->{sent};
		$count->{$kind ? 'malformed' : 'others'}++;
		$count->{kinds}{$kind}++ if $kind;
	}
}

# A fresh one; the daemon may be busy, but not for twenty seconds.
sub strange_open {
	my $patience = time + 20;
	while (time < $patience) {
		my $sock = peer_dial($opt{where}, 0);
		return $sock if $sock;
		sleep 0.02;
	}
	die "nobody accepts connections on $opt{where} any more: $!\n";
}

sub strange_peer {
	my ($stops, @packets) = strange_session(\%opt);
	my %peer = (sock => strange_open(), out => '', sent => 0, stops => $stops);
	for (@packets) {
		my ($kind, $bytes) = @$_;
		$peer{out} .= $bytes;
		push @{$peer{packets}}, [$kind, length $peer{out}];
	}
	$peer{sock}->blocking(0);
	return \%peer;
}

sub fuzz {
	my %count = (malformed => 0, others => 0, connections => 0, octets => 0, left => 0,
	    unread => 0, kinds => {});

	srand $opt{s};
	while ($count{malformed} < $opt{n}) {
		run_strange(\%count, map { strange_peer() } 1 .. 16);
		$count{connections} += 16;
		die "after $count{connections} connections most are closed unread\n"
		    if $count{unread} > 100 + $count{connections} / 2;
	}
	report("$count{malformed} malformed packets and $count{others} others on " .
	    "$count{connections} connections, seed $opt{s}: $count{octets} octets came back, " .
	    "$count{left} connections were left hanging, $count{unread} closed unread");
	report('malformed: ' .
	    join ', ', map { "$_ $count{kinds}{$_}" } sort keys %{$count{kinds}});
	return 0;
}

# --- ---

my %modes = (
	probe => [\&probe, 0], idle => [\&idle, 1], stall => [\&stall, 2],
	hog => [\&hog, 1], race => [\&race, 1], load => [\&load, 1],
	fuzz => [\&fuzz, 0],
);

GetOptions(\%opt, qw(a=s e=s f=s i=s j=s k=i l=s n=i s=i t=s w=f)) or usage();
my $mode = shift @ARGV // usage();
$opt{where} = shift @ARGV // usage();
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
