#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A connection is forgotten when its states have been silent for as long as net.synward.timeout_* says.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 nft

ktap_print_header
ktap_set_plan 18

# gauge_is NAMESPACE GAUGE VALUE
gauge_is() {
	[[ $(stat_of "$1" "$2") == "$3" ]]
}

# set_timeout NAME SECONDS: on the client's side, where these tests look.
set_timeout() {
	client sysctl -qw "net.synward.timeout_$1=$2"
}

# check_gone NAME GAUGE TIMEOUT: it is there, with that timeout of four seconds it goes, and not before that time; it has
# been silent since $EPOCHSECONDS was $begin, or for a shorter time.
check_gone() {
	expect_ok "$1: is tracked" await 60 gauge_is "$ns_client" "$2" 1
	set_timeout "$3" 4
	expect_ok "$1: forgotten" await 60 gauge_is "$ns_client" "$2" 0
	expect_ge "$1: not forgotten early" $((EPOCHSECONDS - begin)) 4
}

connect_in_vain() {
	client timeout 60 bash -c ": < /dev/tcp/$server_ip4/9" 2> /dev/null
}

mk_topology
load_module
server python3 "$lib_dir/peer.py" serve 8000 64 &
await 60 listening "$ns_server" 8000
server nft -f - <<- EOT
	table ip filter {
		chain input { type filter hook input priority 0; tcp dport 9 drop; }
	}
EOT

# One SYN and another: it shall have given up before its entry goes, or its next SYN would make a new one.
client sysctl -qw net.ipv4.tcp_syn_retries=1
begin=$EPOCHSECONDS
connect_in_vain
check_gone "SYN that nobody answers" halfopen syn_sent
expect_ge "its SYN came more than once" "$(stat_of "$ns_client" syn_retransmit)" 1
expect_eq "counted as timed out" "$(stat_of "$ns_client" closed_timeout)" 1

begin=$EPOCHSECONDS
coproc held { exec ip netns exec "$ns_client" python3 "$lib_dir/peer.py" hold "$server_ip4" 8000; }
read -r -t 120 -u "${held[0]}" _
check_gone "silent connection" established established
set_timeout established 3600
echo "still there" >&"${held[1]}"
expect_ok "picked up when it speaks again" await 60 gauge_is "$ns_client" picked_up 1
read -r -t 120 -u "${held[0]}" said
expect_eq "and works" "$said" intact

begin=$EPOCHSECONDS
input=${held[1]}
exec {input}>&-
check_gone "TIME-WAIT" established time_wait

expect_fail "0 seconds are refused" set_timeout time_wait 0
expect_fail "more than a week is refused" set_timeout time_wait 604801
expect_fail "more than an hour is refused for half-opens" set_timeout syn_received 3601
expect_eq "and nothing has changed" "$(client sysctl -n net.synward.timeout_time_wait)" 4
expect_eq "each namespace has its own" "$(server sysctl -n net.synward.timeout_time_wait)" 60

ktap_finished
