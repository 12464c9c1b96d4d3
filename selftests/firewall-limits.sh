#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Rules that count and limit new connections see every real client once, and SYNs that nobody has proven never: those
# cost conntrack nothing.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=firewall.sh
. "$lib_dir/firewall.sh"

need_module
need_commands python3 nft conntrack iptables-legacy

ktap_print_header
ktap_set_plan 80

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

spoof() {
	attacker python3 "$lib_dir/firewall.py" flood eth0 1000 "$server_attack_ip4" "$port" &&
		attacker python3 "$lib_dir/firewall.py" flood eth0 1000 "$server_attack_ip6" "$port"
}

# What is only claimed comes to no rule and makes no entry, but for what the kernel itself answers; the rules of the tests
# above do not matter here.
flooded() {
	local through=0

	has_cookies4 || through=1000
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
		expect_eq "mode $mode, $name: SYNs that the rules saw" "$(packets syn)" $((through + 2))
		expect_le "mode $mode, $name: flows" "$(server conntrack -C)" $((through + 10))
	else
		expect_ge "mode $mode, $name: SYNs that the rules saw" "$(packets syn)" 2002
		expect_ge "mode $mode, $name: flows" "$(server conntrack -C)" 1900
	fi
}

mk_firewall
for mode in 0 3; do
	set_mode "$mode"
	limits_nft
	limits_iptables
done
# What the flood leaves in the kernel's queue would be in the way of the others.
for mode in 3 0; do
	set_mode "$mode"
	flooded
done

ktap_finished
