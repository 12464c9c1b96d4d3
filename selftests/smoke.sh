#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module loads, sees a connection, and leaves.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

need_module
need_commands busybox ss

ktap_print_header
ktap_set_plan 11

mk_topology
expect_ok "module loads" load_module
expect_eq "first line of stats" "$(server head -n 1 /proc/net/synward/stats)" "version 1"
expect_eq "mode by default" "$(server sysctl -n net.synward.mode)" 2

http_server "$ns_server" 80
expect_match "IPv4 request" "$(http_get "$ns_client" "$server_ip4" 80)" "200 OK"
expect_match "IPv6 request" "$(http_get "$ns_client" "$server_ip6" 80)" "200 OK"
expect_ge "SYNs counted" "$(stat_of "$ns_server" syn_received)" 2
expect_ge "handshakes counted" "$(stat_of "$ns_server" handshake_completed)" 2

expect_ok "module leaves" unload_module
expect_fail "no /proc/net/synward any more" server test -e /proc/net/synward
# A hook that had stayed would be the machine's end.
expect_match "IPv4 request without it" "$(http_get "$ns_client" "$server_ip4" 80)" "200 OK"
expect_match "IPv6 request without it" "$(http_get "$ns_client" "$server_ip6" 80)" "200 OK"

ktap_finished
