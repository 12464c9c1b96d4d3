#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The files of the module, however they are read and by whom: by bytes, at any place, by many at once, full and under
# attack, by somebody without rights, by the root of a user namespace; and what nobody may find in them.
# SYNWARD_TEST_ENTRIES says how many half-open connections there are (4096; a long run: 1048576), SYNWARD_TEST_READERS by
# how many these are read at once (64; of a million entries 64 read for an hour).

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands python3 hping3 setpriv unshare

entries=${SYNWARD_TEST_ENTRIES:-4096}
many=${SYNWARD_TEST_READERS:-64}
totals=(stats listeners latency)
flows=(halfopen established)

ktap_print_header
ktap_set_plan 34

readers() {
	local command=$1 file=$2

	shift 2
	python3 "$lib_dir/readers.py" "$command" "$(proc_of "$ns_server" "$file")" "$@" 2>&1
}

# --- tables at rest

lines_of() {
	grep -c '^family=' "$(proc_of "$ns_server" "$1")"
}

# SYNs from everywhere to a port whose queue is full.
begin_flood() {
	ip netns exec "$ns_attacker" hping3 -q -S -p 8001 --rand-source --flood "$server_attack_ip4" > /dev/null 2>&1 &
	flooder=$!
}

end_flood() {
	kill "$flooder"
	wait "$flooder" 2> /dev/null
}

# All namespaces share the table, and who sends the SYNs has an entry for each as well.
full() {
	(($(stat_of "$ns_server" halfopen) + $(stat_of "$ns_attacker" halfopen) >= entries * 98 / 100))
}

at_rest() {
	local before

	before=$(stat_of "$ns_server" syn_received)
	sleep 0.5
	(($(stat_of "$ns_server" syn_received) == before))
}

all_connected() {
	(($(stat_of "$ns_server" established) >= 150))
}

# Nothing is forgotten, nothing comes again.
fill_tables() {
	attacker sysctl -qw net.synward.timeout_syn_sent=3600
	server sysctl -qw net.synward.mode=0 net.ipv4.tcp_syncookies=0 net.ipv4.tcp_synack_retries=0 \
		net.synward.timeout_syn_sent=3600 net.synward.timeout_syn_received=3600
	server python3 "$lib_dir/peer.py" serve 8001 1 &
	await 60 listening "$ns_server" 8001
	client python3 "$lib_dir/peer.py" many "$server_ip4" 8000 100 &
	client python3 "$lib_dir/peer.py" many "$server_ip6" 8000 50 &
	await 60 all_connected || return
	begin_flood
	await 600 full
	end_flood
	await 60 at_rest
	echo "# $(stat_of "$ns_server" halfopen) half-open, $(stat_of "$ns_server" established) established"
}

# Of each connection the client's port, as the kernel and as the module says.
ports_by_kernel() {
	server ss -Htn state established 'sport = :8000' | awk '{ sub(/.*:/, "", $4); print $4 }' | sort
}

ports_in_table() {
	grep -o ' client_port=[0-9]*' "$(proc_of "$ns_server" established)" | cut -d = -f 2 | sort
}

check_reading() {
	local file

	for file in "${totals[@]}" established; do
		expect_eq "$file by bytes" "$(readers bytewise "$file")" ''
		expect_eq "$file at any place" "$(readers anywhere "$file" 60)" ''
		expect_eq "$file by 64 readers" "$(readers together "$file" 64)" ''
	done
	expect_eq "established: the connections that the kernel has" "$(ports_in_table)" "$(ports_by_kernel)"
	expect_eq "half-open by $many readers, no entry twice" "$(readers together halfopen "$many")" ''
	expect_eq "half-open: no entry is missing" "$(lines_of halfopen)" "$(stat_of "$ns_server" halfopen)"
}

# --- under attack

check_attacked() {
	local before i start=${EPOCHREALTIME/[.,]/} wrong=''

	begin_flood
	before=$(stat_of "$ns_server" evicted_halfopen)
	for ((i = 0; i < 5; i++)); do
		wrong+=$(readers changing halfopen "$(stat_of "$ns_server" halfopen_max)")
	done
	echo "# $i readings: $(((${EPOCHREALTIME/[.,]/} - start) / 1000)) ms"
	expect_eq "half-open under attack: whole lines, no more than there is room for" "$wrong" ''
	expect_ge "half-open under attack: entries came meanwhile" \
		$(($(stat_of "$ns_server" evicted_halfopen) - before)) 1
	end_flood
}

# --- rights

nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

modes() {
	local file

	for file; do
		stat -L -c '%a %u' "$(proc_of "$ns_server" "$file")"
	done | sort -u
}

# nobody_reads FILE...: each of them.
nobody_reads() {
	local file

	for file; do
		nobody cat "$(proc_of "$ns_server" "$file")" > /dev/null || return
	done
}

check_rights() {
	expect_eq "totals are for everybody" "$(modes "${totals[@]}")" '444 0'
	expect_eq "flows are for root" "$(modes "${flows[@]}")" '440 0'
	expect_ok "somebody reads totals" nobody_reads "${totals[@]}"
	expect_fail "and no established connections" nobody_reads established
	expect_fail "and no half-open ones" nobody_reads halfopen
	expect_fail "and sets nothing" nobody sh -c 'echo 0 > /proc/sys/net/synward/mode'
	expect_fail "sizes are not changed, by root neither" \
		sh -c 'echo 1024 > /sys/module/synward/parameters/halfopen_max'
}

# As root of a namespace of one's own: what works and what does not.
# shellcheck disable=SC2016 # the inner shell expands
other_root='
	try() {
		"$@" > /dev/null 2>&1 && echo yes || echo no
	}
	set_mode() {
		echo 1 > /proc/sys/net/synward/mode && [[ $(< /proc/sys/net/synward/mode) == 1 ]]
	}
	set_size() {
		echo 1024 > /sys/module/synward/parameters/halfopen_max
	}
	echo "own settings: $(try set_mode)"
	echo "own flows: $(try cat /proc/net/synward/{halfopen,established})"
	echo "seen: $(cat /proc/net/synward/{halfopen,established} | grep -c family=)"
	echo "flows of others: $(try cat "$0")"
	echo "sizes: $(try set_size)"
	echo "unloading: $(try rmmod synward)"'

check_other_root() {
	local mode said

	mode=$(server sysctl -n net.synward.mode)
	# A network belongs to the root that made it.
	said=$(nobody unshare -Ur unshare -n bash -c "$other_root" "$(proc_of "$ns_server" established)")
	expect_eq "root of a user namespace has power over its own network alone" "$said" \
		$'own settings: yes\nown flows: yes\nseen: 0\nflows of others: no\nsizes: no\nunloading: no'
	expect_eq "its settings are not the server's" "$(server sysctl -n net.synward.mode)" "$mode"
	expect_eq "nor the host's" "$(sysctl -n net.synward.mode)" 2
}

# --- what is not to be found

# All that can be read, root's sections apart: these are addresses by their nature.
all_text() {
	client find /proc/net/synward/ /proc/sys/net/synward/ -type f -exec tail -v -n +1 {} +
	nobody find /sys/module/synward/ -type f -readable -exec tail -v -n +1 {} + 2> /dev/null
}

reload() {
	unload_module
	load_module halfopen_max="$entries" established_max=4096
}

# The secret of the tables is drawn at each load: what comes from it differs from one to the next.
check_secrets() {
	local before

	reload
	before=$(all_text | od -c)
	expect_ge "there is something to be read" "$(wc -l <<< "$before")" 100
	expect_eq "no addresses in the kernel's memory" "$(all_text | grep -a -E 'ffff[0-9a-f]{8}')" ''
	reload
	expect_eq "nothing differs from load to load" "$(diff <(echo "$before") <(all_text | od -c) | head)" ''
}

engaged() {
	[[ $(stat_of "$ns_server" listeners_engaged) == 1 ]]
}

log() {
	dmesg | grep 'synward: '
}

check_log() {
	server sysctl -qw net.ipv4.tcp_syncookies=1
	echo "$server_attack_ip4 1000 203.0.113.0/24" |
		attacker python3 "$lib_dir/segments.py" syns eth0 8000
	expect_ok "a flood is noticed" await 60 engaged
	expect_match "the log says so" "$(log)" 'under SYN flood'
	expect_eq "the log names no source" "$(log | grep -e '203\.0\.113\.' -e "$client_ip4")" ''
}

mk_topology
load_module halfopen_max="$entries" established_max=4096
server python3 "$lib_dir/peer.py" serve 8000 128 &
await 60 listening "$ns_server" 8000
fill_tables
expect_ok "the tables are full" full
check_reading
check_attacked
check_rights
check_other_root
check_secrets
check_log
ktap_finished
