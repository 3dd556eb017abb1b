#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
#
# Stand-ins for what stands beside Themis at a Postfix, one a process, until they are killed:
#
#	perl beside.pl sasl SOCKET	Dovecot's server of its auth protocol 1.1; to PLAIN every
#					password is right
#	perl beside.pl milter PORT	a milter that looks at the end of messages alone, accepts
#					those and refuses what has a header X-Other: refuse
#
# They print "ready", and the milter a line for each end of a message.

use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;

$| = 1;
alarm 3600;
my ($what, $where) = @ARGV;
my %wrong;      # milter: peers whose message has the header

# perl-base has no MIME::Base64, but knows uuencoded lines, which are the same but for the alphabet.
sub decode_base64 {
	my ($text) = @_;
	$text =~ tr|A-Za-z0-9+/||cd;
	$text =~ tr|A-Za-z0-9+/| -_|;
	return unpack 'u', join '', map { chr(32 + int(length($_) * 3 / 4)) . "$_\n" } $text =~ /(.{1,60})/g;
}

# Takes one whole thing off what a peer has said, and returns the answer; undef if there is
# none yet.
sub sasl_answer {
	my ($peer, $said) = @_;
	return undef unless $$said =~ s/^([^\n]*)\n//;
	my ($verb, $id, @rest) = split /\t/, $1;
	return '' if $verb ne 'AUTH';
	my ($plain) = map { /^resp=(.*)/ ? $1 : () } @rest;
	my (undef, $user) = split /\0/, decode_base64($plain // '');
	return "OK\t$id\tuser=$user\n";
}

sub packet { return pack 'N/a*', join '', @_ }

sub milter_answer {
	my ($peer, $said) = @_;
	return undef if length $$said < 4 || length $$said < 4 + unpack 'N', $$said;
	my ($verb, $data) = unpack 'a a*', unpack 'N/a*', $$said;
	substr($$said, 0, 4 + unpack 'N', $$said) = '';
	# version 6; of the steps headers only, and these without an answer
	return packet('O', pack 'NNN', 6, 0, 0x3df & ~0x20 | 0x80) if $verb eq 'O';
	$wrong{$peer} = 1 if $verb eq 'L' && $data =~ /^X-Other\0refuse/i;
	return '' if $verb ne 'E';
	print "asked\n";
	return packet('y', "550 5.7.1 refused by the other one\0") if delete $wrong{$peer};
	return packet('c');
}

my $door = $what eq 'sasl' ? IO::Socket::UNIX->new(Local => $where, Listen => 9)
    : IO::Socket::INET->new(Listen => 9, ReuseAddr => 1, LocalAddr => "127.0.0.1:$where");
die "$where: $!\n" unless $door;
chmod 0666, $where if $what eq 'sasl';
print "ready\n";
my $all = IO::Select->new($door);
my %said;
while (my @ready = $all->can_read) {
	for my $peer (@ready) {
		if ($peer == $door) {
			my $new = $door->accept or next;
			$all->add($new);
			syswrite $new, "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\n" .
			    "COOKIE\t" . '0' x 32 . "\nDONE\n" if $what eq 'sasl';
			next;
		}
		$said{$peer} //= '';
		if (!sysread $peer, $said{$peer}, 9000, length $said{$peer}) {
			delete $said{$peer};
			delete $wrong{$peer};
			$all->remove($peer);
			next;
		}
		while (defined(my $answer = $what eq 'sasl' ? sasl_answer($peer, \$said{$peer})
		    : milter_answer($peer, \$said{$peer}))) {
			syswrite $peer, $answer if length $answer;
		}
	}
}
