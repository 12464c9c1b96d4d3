#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A connection that went through a cookie is the one that the listener itself would have made, for every kind of
# listening socket, address and route.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=wire.sh
. "$lib_dir/wire.sh"

need_module
need_commands python3

ktap_print_header
mk_topology
be_patient
load_module || ktap_exit_fail_msg "cannot load the module"
run_cases sockets

ktap_finished
