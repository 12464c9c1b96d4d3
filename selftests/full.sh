#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A full established table: what is over gives way, then what has been silent for half a minute, what is alive never.
# Who finds no room passes untracked and is served, and is in the table again when he speaks and there is room.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3

port=8000
# The smallest there is. Both ends of a connection are hosts of this machine, so it takes two entries.
room=1024
crowd=800

ktap_print_header
ktap_set_plan 20

# both COUNTER: of both ends.
both() {
	echo $(($(stat_of "$ns_server" "$1") + $(stat_of "$ns_client" "$1")))
}

# Entries of connections that both ends have open, here and there.
open_entries() {
	cat "$(proc_of "$ns_server" established)" "$(proc_of "$ns_client" established)" |
		grep -c 'client_state=ESTABLISHED server_state=ESTABLISHED'
}

open_are() {
	(($(open_entries) == $1))
}

# check_served NAME COUNT: that many connections by each family, one after the other, which speak and are closed.
check_served() {
	expect_match "$1: IPv4" "$(client python3 "$lib_dir/peer.py" good "$server_ip4" "$port" "$2" 1 60)" "ok=$2 failed=0"
	expect_match "$1: IPv6" "$(client python3 "$lib_dir/peer.py" good "$server_ip6" "$port" "$2" 1 60)" "ok=$2 failed=0"
}

# speak NAME WANTED: all connections of the coprocess whose descriptors are in the array NAME.
speak() {
	local -n ends=$1
	local said

	echo "hello" >&"${ends[1]}"
	read -r -t 300 -u "${ends[0]}" said
	expect_eq "$1: speaks, and is answered" "$said" "$2"
}

check_over() {
	check_served "the table is full of what is over" 400
	expect_ge "what is over gave way" "$(both evicted_established)" 1
	expect_eq "nobody was left out" "$(both untracked_full)" 0
	expect_ok "the one that is open stayed, at both ends" await 60 open_are 2
	speak held intact
}

check_alive() {
	local open said

	read -r -t 300 -u "${many[0]}" said
	expect_eq "a crowd that stays: all are connected" "$said" "connected=$crowd"
	expect_ge "who found no room was counted" "$(both untracked_full)" 1
	expect_le "the table has not grown" "$(both established)" "$room"
	speak many "intact=$crowd"
	open=$(open_entries)
	check_served "the table is full of what is alive" 25
	# More, where one that had no room was late with its ACK.
	expect_ge "what is alive stayed" "$(open_entries)" "$open"
}

check_silent() {
	local open timed_out

	open=$(open_entries) timed_out=$(both closed_timeout)
	sleep 31
	check_served "the table is full of what is silent" 150
	expect_le "what is silent gave way" "$(open_entries)" $((open - 1))
	expect_eq "it has not timed out" "$(both closed_timeout)" "$timed_out"
	speak many "intact=$crowd"
	expect_ge "and came back when it spoke" "$(both picked_up)" 1
	expect_le "the table has still not grown" "$(both established)" "$room"
}

mk_topology
load_module established_max="$room"
server python3 "$lib_dir/peer.py" serve "$port" 1024 &
await 60 listening "$ns_server" "$port"

coproc held { exec ip netns exec "$ns_client" python3 "$lib_dir/peer.py" hold "$server_ip4" "$port"; }
read -r -t 120 -u "${held[0]}" _
check_over
end_coprocess held
coproc many { exec ip netns exec "$ns_client" python3 "$lib_dir/peer.py" many "$server_ip4" "$port" "$crowd"; }
check_alive
check_silent

ktap_finished
