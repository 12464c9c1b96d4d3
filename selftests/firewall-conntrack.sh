#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Connections that began with a cookie are regular ones to conntrack, strict rules included; rules that count, limit or
# block new connections see every real client once; SYNs that nobody has proven cost conntrack nothing.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=firewall.sh
. "$lib_dir/firewall.sh"

need_module
need_commands python3 nft conntrack iptables-legacy

ktap_print_header
ktap_set_plan 130

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

# The first three of a client, and no more.
limits_nft() {
	name='nft limits'
	server conntrack -F 2> /dev/null
	rules <<- EOT
		table inet f {
			set open_4 { type ipv4_addr; size 100; flags dynamic; }
			set rate_4 { type ipv4_addr; size 100; flags dynamic; }
			counter syn { }
			chain input {
				type filter hook input priority filter;
				ip saddr @0 $syn counter name syn
				ip saddr @1 $syn add @open_4 { ip saddr ct count over 3 } reject with tcp reset
				ip saddr @2 $syn limit rate over 1/hour burst 3 packets drop
				ip saddr @3 $syn update @rate_4 { ip saddr limit rate over 1/hour burst 3 packets } drop
			}
		}
	EOT
	connect good@0 +count@1 +limit@2 +meter@3 +count-2@1 +limit-2@2 +meter-2@3
	connect good@0 +count-3@1 +limit-3@2 +meter-3@3
	connect good@0 -count-4@1 -limit-4@2 -meter-4@3
	expect_eq "mode $mode, $name: SYNs of the good client" "$(packets syn)" 6
	close_all
	connect again@1
}

limits_iptables() {
	name='iptables limits'
	server nft flush ruleset
	server conntrack -F 2> /dev/null
	xtables legacy <<- EOT
		*filter
		-A INPUT -s @1 -p tcp --syn -m connlimit --connlimit-above 3 --connlimit-mask 32 -j REJECT --reject-with tcp-reset
		-A INPUT -s @2 -p tcp --syn -m hashlimit --hashlimit-above 1/hour --hashlimit-burst 3 --hashlimit-mode srcip --hashlimit-name h$mode -j DROP
		-A INPUT -s @3 -p tcp --syn -m recent --name r$mode --set
		-A INPUT -s @3 -p tcp --syn -m recent --name r$mode --update --seconds 600 --hitcount 4 -j DROP
		-A INPUT -s @4 -p tcp --syn -m limit --limit 1/hour --limit-burst 3 -j ACCEPT
		-A INPUT -s @4 -p tcp --syn -j DROP
		COMMIT
	EOT
	connect good@0 +connlimit@1 +hashlimit@2 +recent@3 +limit@4 +connlimit-2@1 +hashlimit-2@2 +recent-2@3 +limit-2@4
	connect good@0 +connlimit-3@1 +hashlimit-3@2 +recent-3@3 +limit-3@4
	connect good@0 -connlimit-4@1 -hashlimit-4@2 -recent-4@3 -limit-4@4
	close_all
	connect again@1
	xtables legacy <<< $'*filter\nCOMMIT'
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

spoof() {
	attacker python3 "$lib_dir/firewall.py" flood eth0 1000 "$server_attack_ip4" "$port" &&
		attacker python3 "$lib_dir/firewall.py" flood eth0 1000 "$server_attack_ip6" "$port"
}

# What is only claimed comes to no rule and makes no entry; the rules of the tests above do not matter here.
flooded() {
	name=flood
	rules <<- EOT
		table inet f {
			counter syn { }
			chain input {
				type filter hook input priority filter;
				$syn ct state new counter name syn
			}
		}
	EOT
	server conntrack -F 2> /dev/null
	spoof
	connect good@0
	if ((mode == 3)); then
		expect_eq "mode $mode, $name: SYNs that the rules saw" "$(packets syn)" 2
		expect_le "mode $mode, $name: flows" "$(server conntrack -C)" 10
	else
		expect_eq "mode $mode, $name: SYNs that the rules saw" "$(packets syn)" 2002
		expect_ge "mode $mode, $name: flows" "$(server conntrack -C)" 1900
	fi
}

mk_firewall
for mode in 0 3; do
	set_mode "$mode"
	# The sysctls are there when conntrack is.
	strict_rules ''
	strict
	new_not_syn
	limits_nft
	limits_iptables
	notrack
done
# What the flood leaves in the kernel's queue would be in the way of the others.
for mode in 3 0; do
	set_mode "$mode"
	flooded
done

ktap_finished
