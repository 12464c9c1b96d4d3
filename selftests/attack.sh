#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Listeners under attack: good clients are served, nothing that is made up is believed, what the kernel does by itself it
# goes on to do; then the settings and the tracepoint.

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
run_cases attack

ktap_finished
