#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# On a kernel that does not tell its timestamp offset the module says so and the kernel's own cookies answer a flood.
# Such a kernel is not at hand: the module is built as if. Not run by default, for it needs that module:
#
#	SYNWARD_KO=$(selftests/vm/build "$(selftests/vm/kernels 6.12)" /tmp/without SYNWARD_WITHOUT_TS_OFF=y) \
#		make vm-test TEST=without-offset KERNEL=6.12

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 hping3

port=8000 backlog=128

# kernel_cookies: how many the kernel itself has sent.
kernel_cookies() {
	awk '$1 == "TcpExt:" && !n { split($0, names); n = 1; next }
		$1 == "TcpExt:" { for (i in names) if (names[i] == "SyncookiesSent") print $i }' \
		"/proc/${ns_pid[$ns_server]}/net/netstat"
}

kernel_answers() {
	(($(kernel_cookies) > 100))
}

ktap_print_header
ktap_set_plan 8
mk_topology
load_module
server python3 "$lib_dir/peer.py" serve "$port" "$backlog" &
await 60 listening "$ns_server" "$port"
expect_match "it says so" "$(dmesg | tail -n 20)" 'synward: .*timestamp offset'
for address in "$server_ip4" "$server_ip6"; do
	expect_match "good clients of $address, no attack" \
		"$(client python3 "$lib_dir/peer.py" good "$address" "$port" 20 4 20)" 'ok=20 failed=0'
done
attacker hping3 -q -S -p "$port" --rand-source -i u500 "$server_attack_ip4" > /dev/null 2>&1 &
flood=$!
expect_ok "the kernel's own cookies answer" await 30 kernel_answers
expect_match "good clients under attack" \
	"$(client python3 "$lib_dir/peer.py" good "$server_ip4" "$port" 100 4 20)" 'ok=100 failed=0'
kill "$flood"
expect_eq "none of ours was sent" "$(stat_of "$ns_server" cookie_sent)" 0
expect_eq "no ACK was dropped" "$(stat_of "$ns_server" ack_dropped)" 0
expect_adds_up "in the end" "$ns_server"

ktap_finished
