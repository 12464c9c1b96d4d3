#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Whom a host's NAT rules send elsewhere gets there, a listener on the port itself or not, and cookies are given only
# where the connection ends.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=firewall.sh
. "$lib_dir/firewall.sh"

need_module
need_commands python3 nft conntrack iptables-legacy

ktap_print_header
ktap_set_plan 76

# Ports 8000 to 8002 have a listener here, 8080 and 8081 have none. A strict set of filter rules around, or none.
nat_rules() {
	rules <<- EOT
		table inet f {
			counter new { }
			chain pre {
				type nat hook prerouting priority dstnat;
				ip saddr @3 tcp dport 8000 redirect to :8001
				tcp dport { 8002, 8080 } redirect to :8000
				meta nfproto ipv4 tcp dport { 8001, 8081 } dnat ip to @box:$port
			}
			chain post {
				type nat hook postrouting priority srcnat;
				$1
			}
			$2
		}
	EOT
}

strict='chain input {
		type filter hook input priority filter; policy drop;
		ip saddr @2 tcp flags & (syn | ack) == syn drop
		meta l4proto ipv6-icmp accept
		ct state invalid drop
		tcp flags & (syn | ack) == syn ct state new accept
		ct state established accept
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		ip saddr @2 tcp flags & (syn | ack) == syn drop
		meta l4proto ipv6-icmp accept
		ct state invalid drop
		tcp flags & (syn | ack) == syn ct state new accept
		ct state established accept
	}
	chain output {
		type filter hook output priority filter; policy drop;
		meta l4proto ipv6-icmp accept
		ct state established accept
	}'

# check_nat BOX JOB...: with what the container says, and in the strict case those who get nowhere.
check_nat() {
	local box=$1

	shift
	bytes=200000 connect direct@0 "$@"
	port=8080 want=host:8000 connect redirected@0 "$@"
	port=8081 want=$box connect container@0 "$@"
	# What listens here has no say.
	port=8002 want=host:8000 connect redirected-from-listener@0 "$@"
	port=8002 want=host:8000 connect redirected-from-listener-again@1
	# Others are redirected to port 8001, so SYNs do reach its listener: it costs a first attempt.
	port=8001 first_attempt container-from-listener@1
	port=8001 want=$box connect container-from-listener@0 "$@"
	port=8001 want=$box connect container-from-listener-again@1
	# Others' redirections do not concern the good client. Nobody could know of this one: it costs a first attempt.
	first_attempt redirected-by-source@3
	want=host:8001 connect redirected-by-source@3
	connect direct-again@0
}

nat_plain() {
	name=DNAT
	server sysctl -qw net.netfilter.nf_conntrack_tcp_loose=1
	nat_rules '' ''
	check_nat box:8000
}

nat_strict() {
	name='DNAT, masquerade, strict'
	server sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0
	nat_rules 'oifname attack0 masquerade' "$strict"
	check_nat 'box:8000/[0-9a-f.:]+' -syn@2
	server sysctl -qw net.netfilter.nf_conntrack_tcp_loose=1
}

# The listener sees another source than the client's.
nat_input() {
	name='SNAT of what comes in'
	rules <<- EOT
		table inet f {
			chain post {
				type nat hook postrouting priority srcnat;
				masquerade
			}
			chain input {
				type nat hook input priority 100;
				ip saddr @1 snat ip to @other
			}
		}
	EOT
	connect good@0
	port=8001 first_attempt translated@1
	port=8001 want='host:8001/.*' connect translated@1
}

nat_iptables() {
	name='iptables REDIRECT'
	server nft flush ruleset
	xtables legacy <<- EOT
		*nat
		-A PREROUTING -p tcp --dport 8080 -j REDIRECT --to-ports 8000
		-A PREROUTING -p tcp --dport 8002 -j REDIRECT --to-ports 8001
		-A POSTROUTING -j MASQUERADE
		COMMIT
	EOT
	connect direct@0
	port=8080 want=host:8000 connect redirected@0
	port=8002 want=host:8001 connect redirected-from-listener@0
	port=8002 want=host:8001 connect redirected-from-listener-again@1
	xtables legacy <<< $'*nat\nCOMMIT'
}

# What listens on the port itself has no say here either, and its queue is not what fills.
nat_tproxy() {
	name=TPROXY
	rules <<- EOT
		table inet f {
			chain pre {
				type filter hook prerouting priority mangle;
				tcp dport 8004 tproxy to :8003 accept
				ip saddr @3 tcp dport 8000 tproxy ip to :8003 accept
			}
		}
	EOT
	bytes=200000 connect direct@0
	port=8004 want=proxy:8004 connect proxied@0
	port=8004 want=proxy:8004 connect proxied-again@1 proxied-too@2
	# As with a redirection by source: it costs a first attempt.
	first_attempt proxied-by-source@3
	want=proxy:8000 connect proxied-by-source@3
}

# The container defends itself, and has rules of its own.
container_rules() {
	name='container with cookies of its own'
	nat_rules '' ''
	attacker sysctl -qw net.synward.mode="$mode"
	attacker nft -f - <<- EOT
		flush ruleset
		table inet f {
			chain input {
				type filter hook input priority filter;
				ip saddr $(source4 2) $syn drop
				ip6 saddr $(source6 2) $syn drop
			}
		}
	EOT
	port=8081 want=box:8000 bytes=200000 connect container@0 -syn@2
	to4=$attacker_ip4 to6=$attacker_ip6 want=box:8000 connect routed@0 -routed-syn@2
	attacker sysctl -qw net.synward.mode=0
	attacker nft flush ruleset
}

mk_firewall
mk_container
server python3 "$lib_dir/firewall.py" serve host 8004 &
server python3 "$lib_dir/firewall.py" serve proxy 8003 &
for one in 8003 8004; do
	await 60 listening "$ns_server" "$one" || ktap_exit_fail_msg "no proxy"
done
modprobe -q nf_conntrack
for mode in 0 3; do
	set_mode "$mode"
	nat_plain
	nat_strict
	nat_input
	nat_iptables
	nat_tproxy
	container_rules
done

ktap_finished
