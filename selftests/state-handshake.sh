#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How connections begin: retransmission, simultaneous open and split handshake, stale and wrong segments, data and FIN
# in the handshake. Each case says what both endpoints' states and the counters must be.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=wire.sh
. "$lib_dir/wire.sh"

need_module
need_commands python3

ktap_print_header
mk_wire
run_cases handshake

ktap_finished
