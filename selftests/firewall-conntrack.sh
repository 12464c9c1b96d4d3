#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Connections that began with a cookie are regular ones to conntrack, strict rules included.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=firewall.sh
. "$lib_dir/firewall.sh"

need_module
need_commands python3 nft conntrack

ktap_print_header
ktap_set_plan 50

# flows SOURCE [ARGUMENT...]: conntrack's entries of that client, state and mark only.
flows() {
	local source=$1

	shift
	server conntrack -L -p tcp -s "$source" "$@" 2> /dev/null |
		sed -E 's/^tcp +6 +[0-9]+ +([A-Z_]+) .*(\[[A-Z]+\]).*/\1 \2/; t; s/^tcp +6 +[0-9]+ +([A-Z_]+) .*/\1/'
}

# expect_flows [ARGUMENT...]: the good client, which is still connected, has one regular flow in each family.
expect_flows() {
	local seen4 seen6

	seen4=$(flows "$(source4 0)" "$@") seen6=$(flows "$(source6 0)" -f ipv6 "$@")
	expect_eq "mode $mode, $name: flows" "$seen4, $seen6" 'ESTABLISHED [ASSURED], ESTABLISHED [ASSURED]'
}

# One connection with so much data that the window must be scaled, and what conntrack thinks of it meanwhile and after.
check_strict() {
	server conntrack -F 2> /dev/null
	bytes=2000000 connect +good@0 -new@1 -syn@2
	expect_flows "$@"
	close_all
	expect_eq "mode $mode, $name: invalid packets" "$(packets invalid)" 0
	expect_eq "mode $mode, $name: new connections" "$(packets new)" 2
}

# strict_rules LINE...: what is special about the scenario, at the top of the chain of input.
strict_rules() {
	local zone=$1

	shift
	rules <<- EOT
		table inet f {
			counter invalid { }
			counter new { }
			chain raw {
				type filter hook prerouting priority raw;
				$zone
			}
			chain rawout {
				type filter hook output priority raw;
				$zone
			}
			chain input {
				type filter hook input priority filter; policy drop;
				ip saddr @1 ct state new drop
				ip saddr @2 $syn drop
				meta l4proto ipv6-icmp accept
				ip saddr @0 ct state invalid counter name invalid
				ct state invalid drop
				$syn ct state new counter name new accept
				ct state established accept
			}
			chain output {
				type filter hook output priority filter; policy drop;
				ip daddr @0 ct state invalid counter name invalid
				ct state invalid drop
				ct state established accept
				meta l4proto ipv6-icmp accept
			}
		}
	EOT
}

strict() {
	local loose

	for loose in 0 1; do
		name="strict, tcp_loose=$loose"
		server sysctl -qw net.netfilter.nf_conntrack_tcp_loose="$loose"
		strict_rules ''
		check_strict
	done
	name='strict, in a zone'
	server sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0
	strict_rules 'ct zone set 5'
	check_strict -w 5
	server sysctl -qw net.netfilter.nf_conntrack_tcp_loose=1
}

# The usual rule against what is new and yet no SYN.
new_not_syn() {
	name='new, not SYN'
	server conntrack -F 2> /dev/null
	rules <<- EOT
		table inet f {
			counter notsyn { }
			chain input {
				type filter hook input priority filter;
				tcp flags & (fin | syn | rst | ack) != syn ct state new counter name notsyn drop
				ip saddr @1 ct state new drop
			}
		}
	EOT
	bytes=200000 connect +good@0 -new@1
	expect_flows
	expect_eq "mode $mode, $name: dropped packets" "$(packets notsyn)" 0
	close_all
}

# A host that wants no conntrack for its service.
notrack() {
	name=notrack
	rules <<- EOT
		table inet f {
			chain raw {
				type filter hook prerouting priority raw;
				tcp dport $port notrack
			}
			chain rawout {
				type filter hook output priority raw;
				tcp sport $port notrack
			}
			chain input {
				type filter hook input priority filter; policy drop;
				ip saddr @1 $syn drop
				ct state untracked accept
				meta l4proto ipv6-icmp accept
			}
		}
	EOT
	server conntrack -F 2> /dev/null
	bytes=200000 connect good@0 -syn@1
	expect_eq "mode $mode, $name: flows" "$(server conntrack -C)" 0
}

mk_firewall
for mode in 0 3; do
	set_mode "$mode"
	# The sysctls are there when conntrack is.
	strict_rules ''
	strict
	new_not_syn
	notrack
done

ktap_finished
