#!/usr/bin/perl
# Hold a listening Unix socket, as systemd does, and run a program with it as
# descriptor 0: hold-socket.pl PATH PROGRAM ARGUMENT...
# SIGHUP ends the program and starts it again on the same socket; SIGTERM ends
# both.  Each start prints the program's process id.
use strict;
use warnings;
use Socket;

my ($path, @program) = @ARGV;
socket(my $socket, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
bind($socket, sockaddr_un($path)) or die "$path: $!";
listen($socket, 128) or die "listen: $!";
open(STDIN, '<&', $socket) or die "dup: $!";

my ($child, $again, $end);
$SIG{HUP} = sub { $again = 1; kill 'TERM', $child; };
$SIG{TERM} = sub { $end = 1; kill 'TERM', $child; };
$| = 1;
while (1) {
    $child = fork() // die "fork: $!";
    if ($child == 0) { exec(@program) or die "exec: $!"; }
    print "$child\n";
    while (waitpid($child, 0) != $child) { }
    my $status = $? >> 8 || $? & 127;
    exit $status if $end || $status || !$again;
    $again = 0;
}
