#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A cookie that is kept for more than two minutes is worth nothing. It takes that long, so it is not run by default.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=wire.sh
. "$lib_dir/wire.sh"

need_module
need_commands python3

ktap_print_header
mk_topology
load_module || ktap_exit_fail_msg "cannot load the module"
run_cases cookie_life

ktap_finished
