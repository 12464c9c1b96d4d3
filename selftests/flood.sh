#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A spoofed SYN flood on one of two listeners, IPv4 and then IPv6: cookies come on for that one by themselves, good
# clients are served, and after the flood they go off again; what was connected during it lives on.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 hping3

attacked=8000 quiet=8001 backlog=128

ktap_print_header
ktap_set_plan 29

# listener PORT KEY: a value of its line in /proc.
listener() {
	sed -n "s/.* port=$1 .* \?$2=\([^ ]*\).*/\1/p" "$(proc_of "$ns_server" listeners)"
}

mode_is() {
	[[ $(listener "$1" mode) == "$2" ]]
}

# good ADDRESS COUNT: prints "ok=N failed=N ...".
good() {
	client python3 "$lib_dir/peer.py" good "$1" "$attacked" "$2" 4 60
}

# flood4 [ARGUMENT...]
flood4() {
	exec ip netns exec "$ns_attacker" hping3 -q -S -p "$attacked" --rand-source -i u500 "$@" "$server_attack_ip4"
}

# Each SYN from another address of another /64.
flood6() {
	exec ip netns exec "$ns_attacker" python3 "$lib_dir/segments.py" flood6 eth0 "$server_attack_ip6" "$attacked" 600
}

# check_attack NAME FLOOD ADDRESS: one attack from its beginning to its end.
check_attack() {
	local name=$1 address=$3 flood engaged before served

	engaged=$(stat_of "$ns_server" engaged)
	before=$(stat_of "$ns_server" cookie_valid)
	server sysctl -qw net.synward.hold=600
	"$2" > /dev/null 2>&1 &
	flood=$!
	expect_ok "$name: cookies come on" await 60 mode_is "$attacked" cookies
	for_cookies "$address" expect_le "$name: long before the SYN queue is full" "$(listener "$attacked" synq_len)" $((backlog * 7 / 8))
	served=$(good "$address" 150)
	expect_match "$name: good clients are served" "$served" 'ok=150 failed=0'
	for_cookies "$address" expect_ge "$name: by cookies" $(($(stat_of "$ns_server" cookie_valid) - before)) 150
	hold_one "$address" &
	await 60 grep -q connected "$hold_dir/said"
	expect_ok "$name: the flood goes on" kill -0 "$flood"
	expect_eq "$name: the other listener stays as it is" "$(listener "$quiet" mode)" normal
	kill "$flood"
	server sysctl -qw net.synward.hold=10
	expect_ok "$name: cookies go off again" await 120 mode_is "$attacked" normal
	expect_eq "$name: engaged once" $(($(stat_of "$ns_server" engaged) - engaged)) 1
	expect_match "$name: good clients after it" "$(good "$address" 20)" 'ok=20 failed=0'
	touch "$hold_dir/now"
	wait %?hold_one
	expect_eq "$name: a connection of the attack lives on" "$(cat "$hold_dir/said")" $'connected\nintact'
	rm -f "$hold_dir/now"
}

# A connection that says nothing until told to.
hold_one() {
	(await 600 test -e "$hold_dir/now" && echo "still here") |
		ip netns exec "$ns_client" python3 "$lib_dir/peer.py" hold "$1" "$attacked" > "$hold_dir/said" 2>&1
}

would_have() {
	(($(stat_of "$ns_server" would_cookie_sent) > 0))
}

nothing_engaged() {
	(($(stat_of "$ns_server" listeners_engaged) == 0))
}

mk_topology
hold_dir=$(mktemp -d)
load_module
for port in "$attacked" "$quiet"; do
	server python3 "$lib_dir/peer.py" serve "$port" "$backlog" &
done
await 60 listening "$ns_server" "$attacked"
await 60 listening "$ns_server" "$quiet"

expect_match "good clients, no attack" "$(good "$server_ip4" 50)" 'ok=50 failed=0'
expect_match "the other listener is known" "$(client python3 "$lib_dir/peer.py" good "$server_ip4" "$quiet" 5 1 60)" 'ok=5 '
expect_eq "no cookies for good clients" "$(stat_of "$ns_server" cookie_sent)" 0

check_attack "IPv4 flood" flood4 "$server_ip4"
check_attack "IPv6 flood" flood6 "$server_ip6"

# Monitor mode decides and counts, and changes nothing.
server sysctl -qw net.synward.mode=1
sent=$(stat_of "$ns_server" cookie_sent)
flood4 -c 250 > /dev/null 2>&1 &
for_cookies "$server_ip4" expect_ok "monitor mode: would have answered" await 60 would_have
wait $!
expect_eq "monitor mode: has not answered" "$(stat_of "$ns_server" cookie_sent)" "$sent"
server sysctl -qw net.synward.mode=0
expect_ok "mode 0 lets go at once" await 60 nothing_engaged
expect_eq "SYNs add up" "$(($(stat_of "$ns_server" syn_received) >= $(stat_of "$ns_server" cookie_sent)))" 1
# What the kernel answers with cookies of its own leaves an entry each, until the table is full.
for_cookies "$server_ip4" expect_le "half-opens after the IPv4 flood are bounded" \
	"$(stat_of "$ns_server" halfopen)" $((4 * backlog))
expect_adds_up "after all" "$ns_server"
rm -rf "$hold_dir"

ktap_finished
