#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How connections end by FIN in every order, TIME-WAIT, and new connections on the ports of old ones.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=wire.sh
. "$lib_dir/wire.sh"

need_module
need_commands python3

ktap_print_header
mk_wire
run_cases close

ktap_finished
