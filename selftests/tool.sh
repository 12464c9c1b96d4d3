#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tool against the module: what it prints is what the connections are.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 setpriv nft
tool=${SYNWARD_TOOL:-$(command -v synward)}
[[ -x $tool ]] || skip_all "needs the tool (SYNWARD_TOOL=FILE, or installed)"

ktap_print_header
ktap_set_plan 38

# ask NAMESPACE ARGUMENT...: the tool there.
ask() {
	local namespace=$1

	shift
	ip netns exec "$namespace" "$tool" "$@" 2>&1
}

# pick EXPRESSION: a value of the JSON document on standard input.
pick() {
	python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"
}

status_of() {
	"$@" > /dev/null 2>&1
	echo $?
}

flow_states() {
	ask "$1" flows --json --port 8000 |
		pick '" ".join(sorted(f["client_state"] + "/" + f["server_state"] for f in d["flows"]))'
}

states_are() {
	[[ $(flow_states "$1") == "$2" ]]
}

# become NAMESPACE STATES: within a minute; otherwise the log has what there is.
become() {
	await 60 states_are "$@" && return
	{ ask "$1" flows; ip netns exec "$1" ss -tanio; ps -e -o pid,stat,wchan:20,args; } | sed 's/^/# /' >&2
	return 1
}

# A connection for the one who watches, until it was seen.
is_watched() {
	client python3 "$lib_dir/peer.py" good "$server_ip6" 8000 1 1 10 > /dev/null
	[[ -s $work/watched ]]
}

has_recorded() {
	grep -q '"cookie_sent":' "$work/recording"
}

# top_shows TEXT: on a terminal of its own, ended by its key.
top_shows() {
	TERM=xterm timeout 120 ip netns exec "$ns_server" python3 - "$tool" "$1" <<- 'EOT'
	import os, pty, sys
	seen = b""
	pid, fd = pty.fork()
	if not pid:
	    os.execv(sys.argv[1], [sys.argv[1], "top"])
	while sys.argv[2].encode() not in seen:
	    seen += os.read(fd, 4096)
	os.write(fd, b"q")
	try:
	    while os.read(fd, 4096):
	        pass
	except OSError:
	    pass
	sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	EOT
}

work=$(mktemp -d)
mk_topology
expect_eq "exit code without the module" "$(status_of ask "$ns_server" show)" 3
expect_eq "doctor without the module" "$(status_of ask "$ns_server" doctor)" 3
load_module
server python3 "$lib_dir/peer.py" serve 8000 64 &
await 60 listening "$ns_server" 8000

coproc held { exec ip netns exec "$ns_client" python3 "$lib_dir/peer.py" hold "$server_ip6" 8000; }
read -r -t 120 -u "${held[0]}" said
expect_eq "a connection is up" "$said" connected
expect_ok "flows, on the server" become "$ns_server" ESTABLISHED/ESTABLISHED
expect_ok "flows, on the client" become "$ns_client" ESTABLISHED/ESTABLISHED
expect_match "flows for people" "$(ask "$ns_server" flows)" 'ESTABLISHED'
expect_match "flows by client" "$(ask "$ns_server" flows --client "$client_ip6")" 'ESTABLISHED'
expect_eq "flows of nobody" "$(ask "$ns_server" flows -H --client 203.0.113.1)" ""
expect_eq "flows, family" "$(ask "$ns_server" flows --json | pick 'd["flows"][0]["family"]')" ipv6

input=${held[1]}
exec {input}>&-
expect_ok "flows after the close, on the server" become "$ns_server" TIME-WAIT/CLOSED
expect_ok "flows after the close, on the client" become "$ns_client" TIME-WAIT/CLOSED

expect_eq "listeners" "$(ask "$ns_server" listeners --json | pick 'd["listeners"][0]["port"], d["listeners"][0]["mode"]')" \
	"(8000, 'normal')"
expect_eq "stats" "$(ask "$ns_server" stats --json | pick 'd["stats"]["handshake_completed"]')" 1
expect_eq "latency counts the handshake" \
	"$(ask "$ns_server" latency --json | pick 'sum(b["count"] for b in d["latency"]["synack_to_ack"])')" 1
expect_ok "doctor: nothing fails" ask "$ns_server" doctor
for_cookies "$server_ip4" expect_match "doctor: the offset of timestamps" "$(ask "$ns_server" doctor)" 'ok +this kernel exports its IPv4 timestamp offset'
server nft -f - <<- EOT
	table inet strict {
		chain input {
			type filter hook input priority 0;
			ct state invalid drop
			tcp flags & (fin | syn | rst | ack) != syn ct state new drop
		}
	}
EOT
expect_match "doctor: strict rules" "$(ask "$ns_server" doctor)" 'rules drop what is INVALID, or NEW without SYN'
expect_match "doctor: rules are for root to see" \
	"$(server setpriv --reuid 65534 --regid 65534 --clear-groups "$tool" doctor 2>&1)" 'warn +not checked: the firewall.s rules: need root'
server nft delete table inet strict
server sysctl -qw net.ipv4.tcp_syncookies=0
expect_eq "doctor: without cookies" "$(status_of ask "$ns_server" doctor)" 1
expect_eq "doctor: says why" "$(ask "$ns_server" doctor --json |
	pick '[c["name"] for c in d["checks"] if c["status"] == "fail"]')" "['syncookies']"
server sysctl -qw net.ipv4.tcp_syncookies=1
expect_match "show" "$(ask "$ns_server" show)" 'adaptive'
expect_match "show, the listener" "$(ask "$ns_server" listeners)" '8000'

# --- for monitoring, and for afterwards

expect_match "stats for Prometheus" "$(ask "$ns_server" stats --prometheus)" 'synward_handshake_completed_total 1'
expect_match "listeners for Prometheus" "$(ask "$ns_server" stats --prometheus)" \
	'synward_listener_completed_total\{address="::",port="8000"\} 1'
expect_eq "check: all is well" "$(status_of ask "$ns_server" check)" 0
server sysctl -qw net.synward.mode=1
expect_match "check: monitor mode protects nothing" "$(ask "$ns_server" check)" '^SYNWARD WARNING - net.synward.mode is 1'
server sysctl -qw net.synward.mode=3
ip netns exec "$ns_server" "$tool" watch --json --reason cookie_sent --count 1 --timeout 60 > "$work/watched" &
ip netns exec "$ns_server" "$tool" record "$work/recording" --interval 0.1 --count 600 > "$work/recorded" 2>&1 &
recorder=$!
expect_ok "a cookie is watched" await 60 is_watched
expect_eq "watch: what it was" "$(pick 'd["type"], d["verdict"], d["server_port"]' < "$work/watched")" \
	"('mitigation', 'answered', 8000)"
expect_eq "watch: its trace is removed" "$(find /sys/kernel/tracing/instances -name 'synward-*')" ""
expect_ok "a recording has the cookie" await 60 has_recorded
kill "$recorder"
wait "$recorder"
expect_eq "record: ends well" $? 0
expect_match "report: its page" "$(ask "$ns_server" report "$work/recording")" 'cookies\. Shaded'
expect_match "report: the listener" "$(ask "$ns_server" report "$work/recording")" '<td>\[::\]:8000</td>'
server sysctl -qw net.synward.mode=2
expect_ok "top: the listener" top_shows '[::]:8000'

expect_eq "flows are for root" "$(status_of ip netns exec "$ns_server" setpriv --reuid=65534 --regid=65534 --clear-groups "$tool" flows)" 1
expect_eq "totals are for everybody" \
	"$(status_of ip netns exec "$ns_server" setpriv --reuid=65534 --regid=65534 --clear-groups "$tool" stats)" 0
expect_eq "a wrong argument" "$(status_of ask "$ns_server" flows --port 99999)" 2
expect_match "and what is wrong with it" "$(ask "$ns_server" flows --port 99999)" '99999'

ktap_finished
