#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Cookies and the replay of handshakes beside what else has hooks or its own ways in a host: SYNPROXY, flowtable, policy
# routing, reverse path filters, a bridge with br_netfilter.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=firewall.sh
. "$lib_dir/firewall.sh"

need_module
need_commands python3 nft

ktap_print_header
ktap_set_plan 50

# A second way from the server to the client.
mk_second_link() {
	ip -n "$ns_server" link add client1 address 02:00:00:00:03:01 type veth \
		peer name eth1 address 02:00:00:00:03:02 netns "$ns_client"
	set_up_end "$ns_server" client1 203.0.113.1 fd00:3::1 203.0.113.2 fd00:3::2 02:00:00:00:03:02
	set_up_end "$ns_client" eth1 203.0.113.2 fd00:3::2 203.0.113.1 fd00:3::1 02:00:00:00:03:01
}

synproxy() {
	name='SYNPROXY beside'
	server sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0
	rules <<- EOT
		table inet f {
			chain raw {
				type filter hook prerouting priority raw;
				tcp dport 8002 $syn notrack
			}
			chain input {
				type filter hook input priority filter;
				ip saddr @1 $syn drop
				tcp dport 8002 ct state { invalid, untracked } synproxy mss 1460 wscale 7 timestamp sack-perm
				ct state invalid drop
			}
		}
	EOT
	bytes=200000 connect good@0 -syn@1
	port=8002 bytes=200000 connect its-own@0 -its-own-syn@1
	server sysctl -qw net.netfilter.nf_conntrack_tcp_loose=1
}

flowtable() {
	name=flowtable
	rules <<- EOT
		table inet f {
			flowtable fast {
				hook ingress priority 0
				devices = { client0, attack0 }
			}
			chain forward {
				type filter hook forward priority filter;
				ip saddr @1 $syn drop
				ct state established flow add @fast
			}
			chain input {
				type filter hook input priority filter;
				ip saddr @1 $syn drop
			}
		}
	EOT
	bytes=200000 connect good@0 -syn@1
	to4=$attacker_ip4 to6=$attacker_ip6 want=box:8000 bytes=200000 connect forwarded@0 -forwarded-syn@1
}

rules_to_other_link() {
	local n

	for n in 5 6 7; do
		ip -n "$ns_server" rule "$1" to "$(source4 "$n")" lookup 100
		ip -n "$ns_server" -6 rule "$1" to "$(source6 "$n")" lookup 100
	done
}

# Answers leave by the other link, and rules that name it are asked.
policy_routing() {
	name='policy routing'
	rules_to_other_link add
	ip -n "$ns_server" route replace default via 203.0.113.2 table 100
	ip -n "$ns_server" route replace default via fd00:3::2 table 100
	rules <<- EOT
		table inet f {
			chain output {
				type filter hook output priority filter;
				oifname client0 ip daddr @5 $synack drop
				oifname client1 ip daddr @6 $synack drop
			}
			chain post {
				type filter hook postrouting priority 0;
				oifname client0 ip daddr @5 $synack drop
				oifname client1 ip daddr @7 $synack drop
			}
		}
	EOT
	bytes=200000 connect good@0 other-link@5 -output@6 -postrouting@7
	rules_to_other_link delete
}

# The way to @8 is the other link: from there it must not come. Nothing is sent to whom the host does not believe.
reverse_path() {
	name='reverse path'
	ip -n "$ns_server" route replace "$(source4 8)" via 203.0.113.2
	ip -n "$ns_server" route replace "$(source6 8)" via fd00:3::2
	server sysctl -qw net.ipv4.conf.client0.rp_filter=1
	rules <<- EOT
		table ip6 f {
			chain pre {
				type filter hook prerouting priority raw;
				fib saddr . iif oif missing drop
			}
		}
	EOT
	blocked=none connect good@0 -elsewhere@8
	server sysctl -qw net.ipv4.conf.client0.rp_filter=0
	ip -n "$ns_server" route delete "$(source4 8)"
	ip -n "$ns_server" route delete "$(source6 8)"
}

mk_bridge() {
	ip -n "$ns_server" link add br0 address 02:00:00:00:01:01 type bridge
	server sysctl -qw net.ipv6.conf.br0.accept_dad=0
	ip -n "$ns_server" address flush dev client0
	ip -n "$ns_server" address flush dev attack0
	ip -n "$ns_server" -batch - <<- EOT
		link set client0 master br0
		link set attack0 master br0
		address add $server_ip4/24 dev br0
		address add $server_ip6/64 dev br0 nodad
		link set br0 up
	EOT
	ip -n "$ns_attacker" address add 192.0.2.3/24 dev eth0
	ip -n "$ns_attacker" address add fd00:1::3/64 dev eth0 nodad
}

# What crosses the bridge comes to iptables' chains too.
bridge() {
	name='bridge with br_netfilter'
	server sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1
	rules <<- EOT
		table inet f {
			chain pre {
				type filter hook prerouting priority mangle;
				ip saddr @1 $syn drop
			}
			chain input {
				type filter hook input priority filter;
				ip saddr @2 $syn drop
				ct state invalid drop
			}
			chain forward {
				type filter hook forward priority filter;
				ip saddr @3 $syn drop
				ct state invalid drop
			}
		}
	EOT
	bytes=200000 connect good@0 -pre@1 -input@2
	to4=192.0.2.3 to6=fd00:1::3 want=box:8000 bytes=200000 connect across@0 -across-pre@1 -forward@3
	name='bridge without'
	server sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0
	connect good@0 -pre@1 -input@2
	to4=192.0.2.3 to6=fd00:1::3 want=box:8000 connect across@0 across-pre@1
}

mk_firewall
mk_container
mk_second_link
modprobe -q -a nf_conntrack br_netfilter
for mode in 0 3; do
	set_mode "$mode"
	synproxy
	flowtable
	policy_routing
	reverse_path
done
# The links stay changed.
server nft flush ruleset
mk_bridge
for mode in 0 3; do
	set_mode "$mode"
	bridge
done

ktap_finished
