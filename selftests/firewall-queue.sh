#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A program that looks at packets (NFQUEUE) and gives them back: they go on in its context, not in that of the network.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=firewall.sh
. "$lib_dir/firewall.sh"

need_module
need_commands python3 nft

ktap_print_header
ktap_set_plan 23

# rules_of HOOK PRIORITY MATCH: the packets that match are looked at.
rules_of() {
	rules <<- EOT
		table inet f {
			counter queued { }
			chain one {
				type filter hook $1 priority $2;
				tcp $3 $port counter name queued queue num 5
			}
		}
	EOT
}

# queue NAME HOOK PRIORITY MATCH: a connection of each family.
queue() {
	name="queue in $1"
	rules_of "$2" "$3" "$4"
	count_begin
	bytes=200000 connect good@0
	await 60 all_completed 2
	expect_eq "mode $mode, $name: handshakes" $(($(stat_of "$ns_server" handshake_completed) - completed)) 2
	expect_ge "mode $mode, $name: packets" "$(packets queued)" 10
}

forwarded() {
	to4=$attacker_ip4 to6=$attacker_ip6 want="box:$port" queue forward forward filter dport
}

bound() {
	server grep -q '^ *5 ' /proc/net/netfilter/nfnetlink_queue 2> /dev/null
}

cookies() {
	echo "$(stat_of "$ns_server" cookie_sent) $(stat_of "$ns_server" cookie_valid)"
}

mk_firewall
mk_container
server python3 "$lib_dir/nfqueue.py" 5 &
await 60 bound || ktap_exit_fail_msg "no program behind the queue"

set_mode 0
queue raw prerouting raw dport
queue input input filter dport
queue output output filter sport
forwarded

set_mode 3
queue raw prerouting raw dport
if has_cookies4; then sent='2 2'; else sent='1 1'; fi
expect_eq "mode 3: cookies sent, back" "$(cookies)" "$sent"
forwarded

# A queue that the replay of a handshake would have to wait for ends cookies for that listener. It has some only after a
# SYN has reached it.
for port in 8001 8002; do
	if ((port == 8001)); then
		name='queue in input'
		rules_of input filter dport
	else
		name='queue in output'
		rules_of output filter sport
	fi
	first_attempt reaches@0
	first_attempt lost@1
	sent=$(cookies)
	bytes=200000 connect good@0
	expect_eq "mode $mode, $name: cookies sent, back" "$(cookies)" "$sent"
done

ktap_finished
