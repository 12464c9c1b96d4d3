#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Loaded and unloaded under a flood, with good clients at work and /proc being read: no splat (the test machine searches
# the log), nobody is turned away, nothing is left behind. SYNWARD_TEST_ROUNDS says how often (25).

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 hping3

rounds=${SYNWARD_TEST_ROUNDS:-25}

ktap_print_header
ktap_set_plan 5

read_proc() {
	while :; do
		server cat /proc/net/synward/{stats,listeners,latency,halfopen,established} > /dev/null 2>&1
	done
}

# Prints how many rounds went wrong. Modes change, so that cookies are on in most of them.
reload_all() {
	local i wrong=0

	for ((i = 0; i < rounds; i++)); do
		load_module || ((wrong++))
		server sysctl -qw net.synward.mode=$((i % 4))
		sleep 0.1
		unload_module || ((wrong++))
	done
	echo "$wrong"
}

mk_topology
server python3 "$lib_dir/peer.py" serve 8000 128 &
await 60 listening "$ns_server" 8000
attacker hping3 -q -S -p 8000 --rand-source -i u500 "$server_attack_ip4" > /dev/null 2>&1 &
read_proc &
client python3 "$lib_dir/peer.py" good "$server_ip4" 8000 $((rounds * 6)) 2 120 > "/run/good-$$" &
good=$!

expect_eq "$rounds times loaded and unloaded" "$(reload_all)" 0
wait "$good"
expect_match "good clients throughout" "$(cat "/run/good-$$")" "ok=$((rounds * 6)) failed=0"
rm -f "/run/good-$$"
expect_fail "no /proc left" server test -e /proc/net/synward
expect_fail "no sysctl left" server test -e /proc/sys/net/synward
expect_eq "no module left" "$(grep -c '^synward ' /proc/modules)" 0

ktap_finished
