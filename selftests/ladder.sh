#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# synward flow: the ladder of one connection, from the tracepoint while it lives and from its entry afterwards.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 setpriv
tool=${SYNWARD_TOOL:-$(command -v synward)}
[[ -x $tool ]] || skip_all "needs the tool (SYNWARD_TOOL=FILE, or installed)"
tracefs=/sys/kernel/tracing
[[ -d $tracefs/instances ]] || skip_all "needs tracefs"

ktap_print_header
ktap_set_plan 42
work=$(mktemp -d)
trap 'rm -rf "$work"; clean_up' EXIT

# The tool's words go to $work/out and $work/err.
follow() {
	local namespace=$1

	shift
	ip netns exec "$namespace" "$tool" flow "$@" --follow > "$work/out" 2> "$work/err" &
	follower=$!
	await 60 tracing "$follower"
}

# tracing PID: its instance is running.
tracing() {
	[[ $(cat "$tracefs/instances/synward-$1/events/synward/flow_state/enable" 2> /dev/null) == 1* ]]
}

gone() {
	! kill -0 "$1" 2> /dev/null
}

# Sets $code to the exit code of the tool, which must not take long.
finish() {
	await 60 gone "$follower" || kill -KILL "$follower"
	wait "$follower" 2> /dev/null
	code=$?
}

# Nothing of ours may remain, whoever made it.
instances() {
	find "$tracefs/instances" -maxdepth 1 -name 'synward-*' -printf '%f '
}

# The next connection of the client leaves from this port.
next_port() {
	client sysctl -q -w net.ipv4.ip_local_port_range="$1 $1"
}

talk() {
	client timeout 120 python3 "$lib_dir/peer.py" talk "$1" 8000 3000 | cut -d ' ' -f 1
}

# pick EXPRESSION...: of the lines of JSON, all in d and the segments in s; one line each.
pick() {
	python3 -c '
import json, sys
d = [json.loads(line) for line in open(sys.argv[1])]
s = [x for x in d if x["type"] == "segment"]
def which(segment):
    return segment["from"][0] + ":" + "+".join(segment["flags"])
def states(segment):
    return segment["client_state"] + "/" + segment["server_state"]
def sent(side):
    return sum(x["len"] for x in s if x["from"] == side)
fins = [x for x in s if "FIN" in x["flags"]]
for expression in sys.argv[2:]:
    print(eval(expression))' "$work/out" "$@" 2>&1
}

# check_ladder NAME: a handshake, data and an orderly close, in this order.
check_ladder() {
	local seen

	mapfile -t seen < <(pick '" ".join(map(which, s[:3]))' '" ".join(map(states, s[:3]))' \
		's[2]["relative_seq"], s[2]["relative_ack"]' 'sent("client"), sent("server")' \
		'[x["from"] for x in fins]' 's.index(fins[0]) > max(s.index(x) for x in s if x["len"])' \
		'all(a["time_us"] <= b["time_us"] for a, b in zip(s, s[1:]))' 'states(s[-1])' \
		'd[-1]["type"], d[-1]["reason"]')
	expect_eq "$1: the handshake" "${seen[0]-}" "c:SYN s:SYN+ACK c:ACK"
	expect_eq "$1: its states" "${seen[1]-}" \
		"SYN-SENT/LISTEN SYN-SENT/SYN-RECEIVED ESTABLISHED/ESTABLISHED"
	expect_eq "$1: relative numbers of the third segment" "${seen[2]-}" "(1, 1)"
	expect_eq "$1: data each way" "${seen[3]-}" "(3000, 3000)"
	expect_eq "$1: the FINs" "${seen[4]-}" "['client', 'server']"
	expect_eq "$1: the FINs come after the data" "${seen[5]-}" True
	expect_eq "$1: times never fall" "${seen[6]-}" True
	expect_eq "$1: states at the end" "${seen[7]-}" TIME-WAIT/CLOSED
	expect_eq "$1: why it ended" "${seen[8]-}" "('end', 'closed')"
}

mk_topology
be_patient
be_slow
expect_eq "exit code without the module" \
	"$(server "$tool" flow "$client_ip4:40000" "$server_ip4:8000" --follow > "$work/out" 2>&1; echo $?)" 3
# Where each access is watched a large table takes longer to read than the connection lasts.
load_module halfopen_max=16384 established_max=16384
server python3 "$lib_dir/peer.py" serve 8000 64 &
await 60 listening "$ns_server" 8000

# From the server, before the connection is there; ends the other way round.
next_port 40000
follow "$ns_server" "$server_ip4:8000" "$client_ip4:40000" --json --timeout 300
expect_match "the kernel filters by namespace and ports" \
	"$(cat "$tracefs/instances/synward-$follower/events/synward/flow_state/filter")" \
	'^netns == [0-9]+ && \(\(client_port == 8000 && server_port == 40000\) \|\| \(client_port == 40000 && server_port == 8000\)\)$'
expect_eq "IPv4: the connection" "$(talk "$server_ip4")" data=intact
finish
expect_eq "IPv4: exit code" "$code" 0
# While it lasts: TIME-WAIT ends.
expect_match "IPv4: the ladder of the entry" \
	"$(server env COLUMNS=60 "$tool" flow "$client_ip4:40000" "$server_ip4:8000" | tr -s '\n ' ' ')" \
	'SYN-SENT - SYN -+> LISTEN .* SYN-SENT < SYN,ACK -+ SYN-RECEIVED .* ESTABLISHED - ACK -+> ESTABLISHED .* - 2\.93 KiB .* < 2\.93 KiB .* - FIN first to close .* TIME-WAIT age .* CLOSED'
check_ladder IPv4
expect_eq "the instance is gone" "$(instances)" ""

# From the client, IPv6. What was killed without mercy is cleaned up by the next.
follow "$ns_client" "[$client_ip6]:1" "[$server_ip6]:2"
kill -KILL "$follower"
wait "$follower" 2> /dev/null
expect_match "a killed one leaves its instance" "$(instances)" "synward-$follower"
next_port 40001
follow "$ns_client" "[$client_ip6]:40001" "[$server_ip6]:8000" --json --timeout 300
expect_eq "IPv6: the connection" "$(talk "$server_ip6")" data=intact
finish
expect_eq "IPv6: exit code" "$code" 0
check_ladder IPv6
expect_eq "both instances are gone" "$(instances)" ""

# One that falls silent: its entry is gone, and only the event tells why.
server sysctl -q -w net.synward.timeout_established=1
follow "$ns_server" "$client_ip4:40002" "$server_ip4:8000" --json --timeout 300
next_port 40002
coproc silent { exec ip netns exec "$ns_client" python3 "$lib_dir/peer.py" hold "$server_ip4" 8000; }
read -r -t 120 -u "${silent[0]}" said
expect_eq "a silent connection" "$said" connected
finish
mapfile -t seen < <(pick '[x["how"] for x in d if x["type"] == "gone"]' 'd[-1]["reason"], d[-1]["segments"]' \
	'[(x["client_packets"], x["server_packets"], x["closed_by"]) for x in d if x["type"] == "gone"]')
expect_eq "how it ended" "${seen[0]-}" "['timeout']"
expect_eq "the ladder ends with it" "${seen[1]-}" "('gone', 3)"
expect_eq "what it had carried" "${seen[2]-}" "[(2, 1, 'none')]"
expect_eq "its entry is gone" \
	"$(server "$tool" flow "$client_ip4:40002" "$server_ip4:8000" > /dev/null 2>&1; echo $?)" 1
input=${silent[1]}
exec {input}>&-

# Nobody is there to answer.
client sysctl -q -w net.synward.timeout_syn_sent=1
nobody=${server_ip4%.*}.99
follow "$ns_client" "$client_ip4:40003" "$nobody:8000" --json --timeout 300
next_port 40003
client timeout 60 bash -c ": < /dev/tcp/$nobody/8000" 2> /dev/null
finish
mapfile -t seen < <(pick '[(x["how"], x["client_state"], x["server_state"]) for x in d if x["type"] == "gone"]' \
	'd[-1]["reason"]' '[(x["client_packets"] > 0, x["server_packets"]) for x in d if x["type"] == "gone"]')
expect_eq "one that nobody answers: how it ended" "${seen[0]-}" "[('timeout', 'SYN-SENT', 'LISTEN')]"
expect_eq "one that nobody answers: the ladder ends" "${seen[1]-}" gone
expect_eq "one that nobody answers: what it had carried" "${seen[2]-}" "[(True, 0)]"

expect_eq "a connection that is none" \
	"$(server "$tool" flow "$client_ip4:1" "$server_ip4:2" > /dev/null 2>&1; echo $?)" 1
expect_eq "one that does not come" \
	"$(server "$tool" flow "$client_ip4:1" "$server_ip4:2" --follow --timeout 0.5 > /dev/null 2>&1; echo $?)" 1

for signal in INT TERM; do
	follow "$ns_server" "$client_ip4:1" "$server_ip4:2"
	kill -s "$signal" "$follower"
	finish
	expect_eq "SIG$signal ends it, with nothing left" "$code $(instances)" "0 "
done

follow "$ns_server" "$client_ip4:1" "$server_ip4:2"
unload_module
finish
expect_eq "so does the end of the module" \
	"$code $(instances)$(grep -v -e 'not loaded' -e '^Load it: ' "$work/err")" "3 "
load_module
expect_match "without root" \
	"$(ip netns exec "$ns_server" setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$tool" flow "$client_ip4:1" "$server_ip4:2" --follow 2>&1)" 'needs root'

ktap_finished
