#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Floods of segments that belong to no connection make no entries and change none.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=wire.sh
. "$lib_dir/wire.sh"

need_module
need_commands python3

ktap_print_header
mk_wire
run_cases floods

ktap_finished
