#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# A client of the policy service that does what no Postfix does.  Called by policy_ask in
# policy.sh.  It needs no more Perl than Debian's perl-base.
#
#	policy.pl SOCKET <SCRIPT
#
# Each line of the script is one of these; words have no blanks.
#
#	STATE [NAME=VALUE]...	asks, with what Postfix says beside that; the answer is printed
#	RAW TEXT		sends it as it stands (\n, \r, \0: what they are in C); likewise
#	LONG N STATE ...	a request with a line of N octets in it; likewise
#	MANY N STATE ...	a request of N attributes; likewise
#	SLOW on|off		one octet a write
#	PIPE N STATE ...	N requests in one write, instances counted up; how many answers
#	FLOOD N STATE ...	the same, and nothing is read while anything can be written
#	SLAM N STATE ...	N connections: each asks, says rubbish behind it, and closes
#	IDLE N			N connections more, which say nothing
#	HALF STATE ...		all but the last octet of a request, until that was read
#	REST			and that; likewise
#	NEW			another connection; the one before stays as it is
#	! COMMAND		runs a shell command

use strict;
use warnings;
use Errno;
use IO::Socket::INET;
use IO::Socket::UNIX;

use constant TIOCOUTQ => 0x5411; # of Linux

my ($at) = @ARGV;
my ($peer, $slow, $rest, @idle);
$| = 1;
local $SIG{PIPE} = 'IGNORE';
local $SIG{ALRM} = sub { print "no answer within a minute\n"; exit 2 };

sub connection {
	my $fh = $at =~ m{^/} ? IO::Socket::UNIX->new($at) : IO::Socket::INET->new($at);
	die "$at: $!\n" unless $fh;
	return $fh;
}

sub request {
	my ($state, @pairs) = @_;
	my %said = (
		request => 'smtpd_access_policy', protocol_state => $state,
		protocol_name => 'ESMTP', client_address => '192.0.2.7',
		client_name => 'unknown', client_port => 41000, helo_name => 'client.test',
		sender => 'sender@org.test', recipient => 'rcpt@x.test',
		recipient_count => $state =~ /DATA|END/ ? 1 : 0, queue_id => '',
		instance => '1.2.3.0', size => 0, sasl_username => '',
	);
	my @order = sort keys %said;
	for (@pairs) {
		my ($name, $value) = split /=/, $_, 2;
		push @order, $name unless exists $said{$name};
		$said{$name} = $value;
	}
	return join '', map({ "$_=$said{$_}\n" } @order), "\n";
}

sub out {
	my ($text) = @_;
	return print {$peer} $text unless $slow;
	for my $octet (split //, $text) {
		defined syswrite($peer, $octet) or return;
	}
}

# Until the other end of a UNIX socket has read all that was written.  What it has not, and
# a connection that it has not accepted, say nothing of a request that has begun.
sub taken {
	my $unread = pack 'i', 1;
	for (my $tries = 0; unpack 'i', $unread; $tries++) {
		ioctl $peer, TIOCOUTQ, $unread or die "ioctl: $!\n";
		die "unread for a minute\n" if $tries > 6000;
		select undef, undef, undef, 0.01;
	}
}

# Writes until nobody takes any more for a while, then reads, too.
sub flood {
	my ($text, $n) = @_;
	my ($answers, %said) = ('');
	$peer->blocking(0);
	while ($n > 0) {
		my ($r, $w) = ('', '');
		vec($w, fileno $peer, 1) = 1 if length $text;
		my $writable = length $text ? select(undef, $w, undef, 0.3) : 0;
		if ($writable) {
			my $took = syswrite $peer, $text;
			return 'closed' unless defined $took || $!{EAGAIN};
			substr($text, 0, $took // 0) = '';
			next;
		}
		vec($r, fileno $peer, 1) = 1;
		return 'no answer within a minute' unless select($r, undef, undef, 60);
		my $got = sysread $peer, $answers, 65536, length $answers;
		return 'closed' unless $got;
		while ($answers =~ s/^(\S+)[^\n]*\n\n//) {
			$said{$1}++;
			$n--;
		}
	}
	$peer->blocking(1);
	return join ', ', map { "$said{$_} $_" } sort keys %said;
}

# The line of the answer; the empty one behind it is part of it.
sub answer {
	alarm 60;
	my $line = <$peer>;
	my $end = <$peer> if defined $line;
	alarm 0;
	return 'closed' unless defined $line;
	chomp $line;
	return defined $end && $end eq "\n" ? $line : "$line, and no end";
}

$peer = connection();
$peer->autoflush(1);
while (my $line = <STDIN>) {
	chomp $line;
	my ($what, @rest) = split ' ', $line;
	if ($what eq 'RAW') {
		my $text = $line =~ s/^RAW //r;
		$text =~ s/\\n/\n/g;
		$text =~ s/\\r/\r/g;
		$text =~ s/\\0/\0/g;
		out($text);
		print answer(), "\n";
	} elsif ($what eq 'LONG') {
		my ($n, @request) = @rest;
		out(request(@request, 'long=' . 'x' x ($n - 5)));
		print answer(), "\n";
	} elsif ($what eq 'MANY') {
		my ($n, @request) = @rest;
		my $has = () = request(@request) =~ /=/g;
		out(request(@request, map { "more$_=1" } $has + 1 .. $n));
		print answer(), "\n";
	} elsif ($what eq 'SLOW') {
		$slow = $rest[0] eq 'on';
	} elsif ($what eq 'PIPE') {
		my ($n, $state, @pairs) = @rest;
		out(join '', map { request($state, @pairs, "instance=p.$_") } 1 .. $n);
		my %said;
		$said{(split ' ', answer())[0]}++ for 1 .. $n;
		print join(', ', map { "$said{$_} $_" } sort keys %said), "\n";
	} elsif ($what eq 'FLOOD') {
		my ($n, $state, @pairs) = @rest;
		print flood(join('', map { request($state, @pairs, "instance=f.$_") } 1 .. $n), $n),
		    "\n";
	} elsif ($what eq 'SLAM') {
		my ($n, $state, @pairs) = @rest;
		for (1 .. $n) {
			my $one = connection();
			syswrite $one, request($state, @pairs, "instance=s.$_") . "rubbish\n";
		}
	} elsif ($what eq 'IDLE') {
		push @idle, connection() for 1 .. $rest[0];
	} elsif ($what eq 'HALF') {
		my $text = request(@rest);
		$rest = chop $text;
		out($text);
		taken();
	} elsif ($what eq 'REST') {
		out($rest);
		print answer(), "\n";
	} elsif ($what eq 'NEW') {
		push @idle, $peer;
		$peer = connection();
		$peer->autoflush(1);
	} elsif ($what eq '!') {
		system($line =~ s/^! //r) == 0 or die "failed: $line\n";
	} else {
		out(request($what, @rest));
		print answer(), "\n";
	}
}
