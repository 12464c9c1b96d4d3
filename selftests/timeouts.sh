#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A connection is forgotten when its states have been silent for as long as net.synward.timeout_* says.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 nft

# One sweep goes round in two seconds; the rest is for a slow machine.
slack=8

ktap_print_header
ktap_set_plan 17

# gauge_is NAMESPACE GAUGE VALUE
gauge_is() {
	[[ $(stat_of "$1" "$2") == "$3" ]]
}

# set_timeout NAME SECONDS: on the client's side, where these tests look.
set_timeout() {
	client sysctl -qw "net.synward.timeout_$1=$2"
}

# check_gone NAME GAUGE SECONDS: there is one, it stays for a while, and it goes in time.
check_gone() {
	expect_ok "$1: is tracked" await 10 gauge_is "$ns_client" "$2" 1
	sleep $(($3 - 2))
	expect_eq "$1: not forgotten early" "$(stat_of "$ns_client" "$2")" 1
	expect_ok "$1: forgotten in time" await $((2 + slack)) gauge_is "$ns_client" "$2" 0
}

connect_in_vain() {
	client timeout "$1" bash -c ": < /dev/tcp/$server_ip4/9" 2> /dev/null
}

mk_topology
load_module
server python3 "$lib_dir/peer.py" serve 8000 64 &
await 20 listening "$ns_server" 8000
server nft -f - <<- EOT
	table ip filter {
		chain input { type filter hook input priority 0; tcp dport 9 drop; }
	}
EOT

# Given up before the SYN of the seventh second, which would find the entry gone, or not.
set_timeout syn_sent 4
connect_in_vain 5 &
check_gone "SYN that nobody answers" halfopen 4
expect_ge "its SYN came more than once" "$(stat_of "$ns_client" syn_retransmit)" 1
expect_eq "counted as timed out" "$(stat_of "$ns_client" closed_timeout)" 1
wait $!

set_timeout established 4
coproc held { exec ip netns exec "$ns_client" python3 "$lib_dir/peer.py" hold "$server_ip4" 8000; }
read -r -t 30 -u "${held[0]}" _
check_gone "silent connection" established 4
echo "still there" >&"${held[1]}"
expect_ok "picked up when it speaks again" await 10 gauge_is "$ns_client" picked_up 1
read -r -t 30 -u "${held[0]}" said
expect_eq "and works" "$said" intact

set_timeout established 3600
set_timeout time_wait 4
input=${held[1]}
exec {input}>&-
check_gone "TIME-WAIT" established 4

expect_fail "0 seconds are refused" set_timeout time_wait 0
expect_fail "more than a week is refused" set_timeout time_wait 604801
expect_eq "and nothing has changed" "$(client sysctl -n net.synward.timeout_time_wait)" 4
expect_eq "each namespace has its own" "$(server sysctl -n net.synward.timeout_time_wait)" 60

ktap_finished
