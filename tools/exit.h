/* SPDX-License-Identifier: GPL-2.0 */
/* The exit codes of the tool; every function that can fail returns one. */
#ifndef SYNWARD_TOOL_EXIT_H
#define SYNWARD_TOOL_EXIT_H

enum exit_code {
	EXIT_OK		= 0,
	EXIT_ERROR	= 1,
	EXIT_USAGE	= 2,
	EXIT_NOT_LOADED	= 3,
};

#endif
