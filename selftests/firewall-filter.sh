#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Cookies do not go round the firewall: a source whose SYNs are blocked, in whatever table, gets no connection, and
# others do.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=firewall.sh
. "$lib_dir/firewall.sh"

need_module
need_commands python3 nft iptables-legacy iptables-nft ipset

ktap_print_header
ktap_set_plan 114

# Nobody else has a hook here: nobody needs to be asked.
no_rules() {
	name='no rules'
	count_begin
	connect good@0
	await 60 all_completed 2
	expect_eq "mode $mode, $name: replays" "$(stat_of "$ns_server" replay_accepted)" 0
}

nft_filter() {
	name=nft
	rules <<- EOT
		table inet f {
			set blocked_4 { type ipv4_addr; elements = { @3 }; }
			counter raw { }
			counter good { }
			counter answered { }
			chain raw {
				type filter hook prerouting priority raw;
				ip saddr @1 $syn drop
				ip saddr @0 $syn counter name raw
			}
			chain mangle {
				type filter hook prerouting priority mangle;
				ip saddr @2 $syn drop
			}
			chain input {
				type filter hook input priority filter;
				ip saddr @blocked_4 $syn drop
				ip saddr @4/31 $syn drop
				ip saddr @0 $syn counter name good
			}
			chain late {
				type filter hook input priority 300;
				ip saddr @6 $syn drop
			}
			chain output {
				type filter hook output priority filter;
				ip daddr @7 $synack drop
				ip daddr @0 $synack counter name answered
			}
			chain post {
				type filter hook postrouting priority 300;
				ip daddr @8 $synack drop
			}
		}
	EOT
	count_begin
	bytes=200000 connect good@0 -raw@1 -mangle@2 -set@3 -prefix@5 -late@6 -output@7 -postrouting@8
	count_end 2 12
	expect_eq "mode $mode, $name: SYNs of the good client, raw" "$(packets raw)" 2
	expect_eq "mode $mode, $name: SYNs of the good client" "$(packets good)" 2
	expect_eq "mode $mode, $name: SYN-ACKs to the good client" "$(packets answered)" 2
}

# What else a rule can do with a SYN. Nobody listens to the queues; "bypass" then ends the chain as accept does.
nft_verdicts() {
	name='nft verdicts'
	rules <<- EOT
		table inet f {
			counter accepted { }
			chain pre {
				type filter hook prerouting priority mangle;
				ip saddr @1 $syn reject with tcp reset
			}
			chain input {
				type filter hook input priority filter; policy drop;
				ip saddr @2 $syn reject with tcp reset
				ip saddr @3 $syn queue num 77
				ip saddr @4 $syn queue num 77 bypass
				ip saddr @5 $syn meta mark set 7
				ip saddr @6 $syn goto blocked
				ip saddr @7 $syn tcp option maxseg size 1460 drop
				ip saddr @8 $syn tcp dport $port tcp option sack-perm exists drop
				ip saddr @9 $syn iifname client0 ether saddr 02:00:00:00:01:02 drop
				tcp flags & syn == 0 accept
				ip saddr @0 $syn counter name accepted accept
				meta mark 7 accept
			}
			chain blocked {
				reject
			}
		}
	EOT
	connect good@0 -reject-early@1 -reject@2 -queue@3 bypass@4 mark@5 -goto@6 -mss@7 -sack@8 -mac@9
	expect_eq "mode $mode, $name: SYNs that were accepted" "$(packets accepted)" 2
}

iptables_rules() {
	local flavour=$1

	name=iptables-$flavour
	server nft flush ruleset
	xtables "$flavour" <<- EOT
		*raw
		-A PREROUTING -s @1 -p tcp --syn -j DROP
		COMMIT
		*mangle
		-A PREROUTING -s @2 -p tcp --syn -j DROP
		-A INPUT -s @3 -p tcp --syn -j DROP
		-A POSTROUTING -d @4 -p tcp --tcp-flags SYN,ACK SYN,ACK -j DROP
		COMMIT
		*filter
		-A INPUT -s @5 -p tcp --syn -j DROP
		-A INPUT -s @6 -p tcp --syn -j REJECT --reject-with tcp-reset
		-A INPUT -p tcp --syn -m set --match-set blocked_4 src -j DROP
		-A INPUT -s @0 -p tcp --syn -j ACCEPT
		-A OUTPUT -d @9 -p tcp --tcp-flags SYN,ACK SYN,ACK -j DROP
		COMMIT
	EOT
	count_begin
	connect good@0 -raw@1 -mangle@2 -mangle-input@3 -mangle-postrouting@4 -input@5 -reject@6 -ipset@7 -output@9
	count_end 2 14
	xtables "$flavour" <<< $'*raw\nCOMMIT\n*mangle\nCOMMIT\n*filter\nCOMMIT'
}

# A queue that takes a handshake ends cookies for that listener: it has one of its own.
iptables_queue() {
	local flavour=$1 port=8002

	name="iptables-$flavour queue"
	xtables "$flavour" <<- EOT
		*filter
		-A INPUT -s @8 -p tcp --syn -j NFQUEUE --queue-num 77
		COMMIT
	EOT
	connect good@0 -nfqueue@8
	xtables "$flavour" <<< $'*filter\nCOMMIT'
}

mk_firewall
server ipset restore <<- EOT
	create blocked_4 hash:ip
	create blocked_6 hash:ip family inet6
	add blocked_4 $(source4 7)
	add blocked_6 $(source6 7)
EOT

set_mode 3
no_rules
# To look on changes nothing.
set_mode 1
nft_filter
for mode in 0 3; do
	set_mode "$mode"
	nft_filter
	iptables_rules legacy
	iptables_queue legacy
	iptables_rules nft
	iptables_queue nft
	port=8001 nft_verdicts
done

ktap_finished
