# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # what lib.sh has set
#
# Library of the tests whose segments are written by hand, sourced after lib.sh. Their cases are in wire/TOPIC.py.

# The client and the attacker are raw hosts: their kernels say nothing. The server forwards between them and
# gives as many challenge ACKs as are due. Small tables are quickly read.
mk_wire() {
	mk_topology
	be_patient
	be_slow || ktap_exit_fail_msg "cannot change the routes"
	drop_all_input "$ns_client" || ktap_exit_fail_msg "cannot silence the client"
	server sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.tcp_invalid_ratelimit=0
	load_module halfopen_max=1024 established_max=1024 || ktap_exit_fail_msg "cannot load the module"
	# What is over is looked at, however late.
	server sysctl -qw net.synward.timeout_closed=60
}

# run_cases TOPIC [PART-OF-A-NAME]: one result a case. A topic that dies on the way leaves the plan unfulfilled.
run_cases() {
	local word rest no_cookies4=''

	has_cookies4 || no_cookies4=y
	while read -r word rest; do
		case $word in
		plan) ktap_set_plan "$rest" ;;
		pass) ktap_test_pass "$rest" ;;
		fail) ktap_test_fail "$rest" ;;
		skip) ktap_test_skip "$rest" ;;
		*) echo "$word $rest" ;;
		esac
	done < <(SYNWARD_NO_COOKIES4=$no_cookies4 python3 "$lib_dir/wire/$1.py" "${ns_pid[$ns_server]}" "${ns_pid[$ns_client]}" \
		"${ns_pid[$ns_attacker]}" "${@:2}")
	((KSFT_NUM_TESTS > 0)) || ktap_exit_fail_msg "no cases"
}
