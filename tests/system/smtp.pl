#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# The SMTP client of the system tests and of the demonstration: tells what a
# client was told, word for word.  Called by send and smtp_session in site.sh,
# where its options are described.  It needs no more Perl than Debian's perl-base,
# and speaks XCLIENT, so that a message can come from any address and any login
# without a DNS or SASL server.
# Exit status: 0 accepted, 1 refused, 2 neither (no connection, wrong usage).

use strict;
use warnings;
use Getopt::Long qw(:config bundling no_ignore_case);
use IO::Socket::INET;

my %opt = (
	S => '127.0.0.1:' . ($ENV{SMTP_PORT} // 25),
	f => 'sender@example.org',
	t => [],
	H => [],
	e => 'client.example.org',
	m => '',
	n => 1,
	p => 1,
	w => 60,
);
my $label = '';         # tells the lines of parallel sessions apart under -d

sub usage {
	print STDERR @_, "usage: smtp.pl [-di] [-f SENDER] [-t RCPT]... [-l LOGIN]",
	    " [-a ADDRESS]\n\t[-s BYTES] [-H 'NAME: VALUE']... [-e HELO]",
	    " [-m PARAMETERS] [-n COUNT] [-p PARALLEL]\n\t[-w SECONDS] [-S HOST:PORT]\n";
	exit 2;
}

# One write each, so that the lines of parallel sessions do not mix.
sub say_lines {
	my $text = join '', map { "$label$_\n" } @_;
	defined syswrite(STDOUT, $text) or die "cannot write: $!\n";
}

sub accepted { return $_[-1] =~ /^2/ }

# --- one connection ---

sub xtext {
	my ($text) = @_;
	$text =~ s/([^!-~]|[+=])/sprintf '+%02X', ord $1/ge;
	return $text;
}

sub xclient_claim {
	my @claim;
	if (defined $opt{a}) {
		my $addr = $opt{a};
		# Without the prefix Postfix takes an IPv6 address for nonsense.
		$addr = "IPV6:$addr" if $addr =~ /:/ && $addr !~ /^IPV6:/i;
		# Else the new address would keep the name of the real one.
		push @claim, 'NAME=[UNAVAILABLE]', "ADDR=$addr";
	}
	push @claim, 'LOGIN=' . xtext($opt{l}) if defined $opt{l};
	return join ' ', @claim;
}

sub peer_open {
	my $sock = IO::Socket::INET->new(PeerAddr => $opt{S}, Proto => 'tcp',
	    Timeout => $opt{w}) or die "cannot connect to $opt{S}: $@\n";
	my $peer = { sock => $sock, buffer => '' };
	my $claim = xclient_claim();

	peer_need($peer, '220', 'CONNECT', '');
	peer_need($peer, '250', "EHLO $opt{e}");
	if ($claim ne '') {
		# Postfix begins the session anew, greeting and all.
		peer_need($peer, '220', "XCLIENT $claim");
		peer_need($peer, '250', "EHLO $opt{e}");
	}
	return $peer;
}

sub peer_put {
	my ($peer, $bytes) = @_;
	while (length $bytes) {
		my $n = syswrite $peer->{sock}, $bytes;
		die "connection lost: $!\n" unless defined $n;
		substr($bytes, 0, $n) = '';
	}
}

sub peer_line {
	my ($peer) = @_;
	while ($peer->{buffer} !~ /\n/) {
		my $n = sysread $peer->{sock}, $peer->{buffer}, 65536,
		    length $peer->{buffer};
		die "connection lost: $!\n" unless defined $n;
		die "connection closed\n" unless $n;
	}
	$peer->{buffer} =~ s/^([^\n]*?)\r?\n//;
	return $1;
}

# Sends the bytes (by default: the command as a line), returns the reply's lines.
sub peer_ask {
	my ($peer, $command, $bytes) = @_;
	my @reply;

	alarm $opt{w};
	peer_put($peer, $bytes // "$command\r\n");
	do {
		push @reply, peer_line($peer);
		die "not SMTP: $reply[-1]\n" unless $reply[-1] =~ /^\d{3}(?:[ -]|$)/;
	} while ($reply[-1] =~ /^\d{3}-/);
	$peer->{over} = 1 if $reply[-1] =~ /^421/;
	say_lines(map { "$command -> $_" } @reply) if $opt{d};
	return @reply;
}

# For the steps before a message: what goes wrong there is no verdict on one.
sub peer_need {
	my ($peer, $code, $command, $bytes) = @_;
	my @reply = peer_ask($peer, $command, $bytes);
	die "$command -> $reply[-1]\n" unless $reply[-1] =~ /^$code/;
}

sub peer_close {
	my ($peer) = @_;
	return unless $peer;
	eval { peer_ask($peer, 'QUIT') } unless $peer->{over};
	close $peer->{sock};
}

# --- messages ---

sub address { return $_[0] =~ /^<.*>$/s ? $_[0] : "<$_[0]>" }

# A body of exactly the wished size, line ends included, as the filter counts it.
sub body {
	my ($size) = @_;
	return "Hello.\r\n" unless defined $size;
	my $rest = $size % 72;
	my $lines = ($size - $rest) / 72;
	return ('x' x 70 . "\r\n") x $lines if $rest == 0;
	return ('x' x 70 . "\r\n") x $lines . 'x' x ($rest - 2) . "\r\n" if $rest > 1;
	return "x\r\n" . ('x' x 70 . "\r\n") x ($lines - 1) . 'x' x 68 . "\r\n";
}

sub letter {
	my $from = address($opt{f});
	$from = '<MAILER-DAEMON>' if $from eq '<>';
	my @head = ("From: $from", 'To: ' . join(', ', map { address($_) } @{$opt{t}}),
	    'Subject: a test', 'Date: Thu, 1 Jan 2026 00:00:00 +0000',
	    'Message-ID: <test@client.example.org>', @{$opt{H}});
	my $text = join("\r\n", @head) . "\r\n\r\n" . body($opt{s});
	$text =~ s/^\./../mg;
	return $text;
}

# One message.  Returns the reply that settled it.
sub transaction {
	my ($peer) = @_;
	my (@reply, $taken);

	@reply = peer_ask($peer, 'MAIL FROM:' . address($opt{f}) .
	    ($opt{m} eq '' ? '' : " $opt{m}"));
	return @reply unless accepted(@reply);
	for my $rcpt (@{$opt{t}}) {
		my @answer = peer_ask($peer, 'RCPT TO:' . address($rcpt));
		return @answer if $peer->{over};
		$taken = 1 if accepted(@answer);
		@reply = @answer;
	}
	return @reply unless $taken;
	@reply = peer_ask($peer, 'DATA');
	return @reply unless $reply[-1] =~ /^354/;
	$peer->{settled} = 1;
	return peer_ask($peer, '.', letter() . ".\r\n");
}

# So many messages in one session; one that a 421 ended is begun again.
sub session {
	my ($count, $peer) = @_;
	my $status = 0;

	while ($count) {
		$count--;
		$peer = peer_open() if $peer->{over};
		$peer->{settled} = 0;
		my @reply = transaction($peer);
		say_lines(@reply) unless $opt{d};
		$status = 1 unless accepted(@reply);
		peer_need($peer, '250', 'RSET')
		    if $count && !$peer->{settled} && !$peer->{over};
	}
	peer_close($peer);
	return $status;
}

# Runs code with a deadline; a failure is told and gives the status 2.
sub guarded {
	my ($code) = @_;
	local $SIG{ALRM} = sub { die "no answer for $opt{w} seconds\n" };
	my $status = eval { alarm $opt{w}; my $got = $code->(); alarm 0; $got };
	return $status if defined $status;
	print STDERR "smtp.pl: ${label}$@";
	return 2;
}

# All sessions are open before the first message is sent, so that the messages
# really meet; otherwise the first would be over before the last has connected.
sub parallel {
	my @children;
	pipe my $ready, my $set or die "pipe: $!\n";
	pipe my $gate, my $latch or die "pipe: $!\n";

	for my $k (0 .. $opt{p} - 1) {
		my $share = int($opt{n} / $opt{p}) + ($k < $opt{n} % $opt{p});
		my $pid = fork // die "fork: $!\n";
		if ($pid) {
			push @children, $pid;
			next;
		}
		$SIG{TERM} = $SIG{INT} = 'DEFAULT';
		close $latch;
		$label = ($k + 1) . ': ' if $opt{d};
		my $peer;
		my $status = guarded(sub { $peer = peer_open(); 0 });
		syswrite $set, '.';
		sysread $gate, my $nothing, 1;
		exit($status || guarded(sub { session($share, $peer) }));
	}
	$SIG{TERM} = $SIG{INT} = sub { kill 'TERM', @children; exit 2 };
	close $set;
	my $seen = 0;
	$seen++ while $seen < $opt{p} && sysread $ready, my $dot, 1;
	close $latch;

	my $worst = 0;
	for my $pid (@children) {
		waitpid $pid, 0;
		my $status = $? & 127 ? 2 : $? >> 8;
		$worst = $status if $status > $worst;
	}
	return $worst;
}

# --- a session by script ---

sub follow_script {
	my $verbose = $opt{d};
	my $peer = peer_open();
	while (defined(my $line = <STDIN>)) {
		chomp $line;
		next if $line =~ /^\s*(?:#|$)/;
		alarm $opt{w};
		# The opening of a connection is seldom what the script is about.
		$opt{d} = $verbose || $line ne 'OPEN';
		if ($line =~ /^!\s*(.*)/) {
			# With the functions of the site at hand.
			system('/bin/sh', '-c', '. "$THEMIS_SYSTEM/site.sh"; ' . $1) == 0
			    or die "failed: $1\n";
		} elsif ($line eq 'OPEN') {
			close $peer->{sock};
			$peer = peer_open();
		} elsif ($line eq 'CLOSE') {
			close $peer->{sock};
		} elsif ($line eq 'HALF') {
			peer_need($peer, '354', 'DATA');
			my $text = letter();
			peer_put($peer, substr $text, 0, length($text) / 2);
		} elsif ($line eq 'DATA') {
			my @reply = peer_ask($peer, 'DATA');
			peer_ask($peer, '.', letter() . ".\r\n") if $reply[-1] =~ /^354/;
		} else {
			peer_ask($peer, $line);
		}
	}
	return 0;
}

GetOptions(\%opt, qw(a=s d e=s f=s H=s@ i l=s m=s n=i p=i S=s s=i t=s@ w=i))
    or usage();
usage("smtp.pl: unknown argument \"$ARGV[0]\"\n") if @ARGV;
usage("smtp.pl: -n and -p are 1 or more\n") if $opt{n} < 1 || $opt{p} < 1;
usage("smtp.pl: a body ends with a line end, so it has no 1 byte\n")
    if defined $opt{s} && ($opt{s} < 0 || $opt{s} == 1);
$opt{t} = ['recipient@example.net'] unless @{$opt{t}};
$opt{p} = $opt{n} if $opt{p} > $opt{n};
$SIG{PIPE} = 'IGNORE';

exit guarded(\&follow_script) if $opt{i};
exit parallel() if $opt{p} > 1;
exit guarded(sub { session($opt{n}, peer_open()) });
