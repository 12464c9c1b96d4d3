// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "message.h"
#include "number.h"
#include "tracing.h"
#include "util.h"

#define TRACEFS		"/sys/kernel/tracing"
#define TRACEFS_OLD	"/sys/kernel/debug/tracing"
#define TRACEFS_TYPE	0x74726163	/* statfs.f_type */
#define INSTANCE	"synward-"	/* and the process that made it */
#define EVENTS		"events/synward"
#define PATH_ROOM	(TRACING_PATH_MAX + 64)
#define FILTER_ROOM	(TRACING_FILTER_MAX + 64)

static enum exit_code complain(const char *what, int error)
{
	if (error == EACCES || error == EPERM)
		return message_error("cannot follow: tracing needs root (try sudo)");
	return message_error("cannot follow: %s: %s", what, strerror(error));
}

/* -- where -- */

static bool is_tracefs(const char *dir)
{
	struct statfs fs;

	return statfs(dir, &fs) == 0 && fs.f_type == TRACEFS_TYPE;
}

static enum exit_code mount_privately(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return complain("no mount namespace", errno);
	if (mount("tracefs", TRACEFS, "tracefs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		return complain("no tracefs at " TRACEFS, errno);
	return EXIT_OK;
}

static enum exit_code find_tracefs(const char **dir)
{
	*dir = TRACEFS;
	if (is_tracefs(TRACEFS))
		return EXIT_OK;
	if (!is_tracefs(TRACEFS_OLD))
		return mount_privately();
	*dir = TRACEFS_OLD;
	return EXIT_OK;
}

/* -- files -- */

/* Return: 0 or the error. */
static int put(const struct tracing *tracing, const char *name, const char *text)
{
	char path[PATH_ROOM];
	int fd, error = 0;

	snprintf(path, sizeof(path), "%s/%s", tracing->dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return error;
}

/* An instance begins with the settings of the whole system; what fails here is not there. */
static void set_form(const struct tracing *tracing)
{
	static const char *const option[] = {
		"context-info", "nolatency-format", "nobin", "nohex", "noraw", "nofields",
	};

	for (size_t i = 0; i < ARRAY_SIZE(option); i++)
		put(tracing, "trace_options", option[i]);
	put(tracing, "trace_clock", "mono");
	put(tracing, "tracing_on", "1");
}

static const char *const event_name[TRACING_EVENTS] = {
	[TRACING_FLOW_STATE]	= "flow_state",
	[TRACING_FLOW_END]	= "flow_end",
	[TRACING_MITIGATION]	= "mitigation",
};

bool tracing_read_events(const char *text, unsigned int *events)
{
	static const char *const word[TRACING_EVENTS] = {
		[TRACING_FLOW_STATE]	= "state",
		[TRACING_FLOW_END]	= "end",
		[TRACING_MITIGATION]	= "mitigation",
	};
	size_t commas = 0, found = 0;

	*events = 0;
	for (const char *comma = text; (comma = strchr(comma, ',')); comma++)
		commas++;
	for (unsigned int event = 0; event < TRACING_EVENTS; event++) {
		if (!util_list_has(text, word[event]))
			continue;
		*events |= 1U << event;
		found++;
	}
	return found && found == commas + 1;
}

/* Return: 0 or the error. */
static int put_event(const struct tracing *tracing, unsigned int event, const char *file,
		     const char *text)
{
	char name[PATH_ROOM];

	snprintf(name, sizeof(name), EVENTS "/%s/%s", event_name[event], file);
	return put(tracing, name, text);
}

static void set_filter(const struct tracing *tracing, const struct tracing_scope *scope,
		       unsigned int event)
{
	const char *filter = scope->filter[event];
	char text[FILTER_ROOM];

	if (scope->netns && *filter)
		snprintf(text, sizeof(text), "netns == %llu && (%s)", scope->netns, filter);
	else if (scope->netns)
		snprintf(text, sizeof(text), "netns == %llu", scope->netns);
	else
		snprintf(text, sizeof(text), "%s", filter);
	if (*text)
		put_event(tracing, event, "filter", text);
}

/* One that an older module does not have is missed only if there is no other. */
static enum exit_code enable(struct tracing *tracing, const struct tracing_scope *scope)
{
	int error = 0, one;
	bool any = false;

	for (unsigned int event = 0; event < TRACING_EVENTS; event++) {
		if (!(scope->events & 1U << event))
			continue;
		set_filter(tracing, scope, event);
		one = put_event(tracing, event, "enable", "1");
		any |= !one;
		error = one ? one : error;
	}
	return any ? EXIT_OK : complain("this module has no such tracepoint", error);
}

static enum exit_code switch_on(struct tracing *tracing, const struct tracing_scope *scope)
{
	set_form(tracing);
	tracing->fd = open(tracing->pipe, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (tracing->fd < 0)
		return complain(tracing->pipe, errno);
	return enable(tracing, scope);
}

/* -- instances -- */

/* The process that made it was killed before it could remove it. */
static bool is_stale(const char *name)
{
	unsigned long long pid;

	if (strncmp(name, INSTANCE, strlen(INSTANCE)) != 0 ||
	    !number_read(name + strlen(INSTANCE), &pid))
		return false;
	return (pid_t)pid == getpid() || (kill((pid_t)pid, 0) && errno == ESRCH);
}

/* The kernel keeps those that are in use, for example from another PID namespace. */
static void remove_stale(const char *instances)
{
	DIR *dir = opendir(instances);
	struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (is_stale(entry->d_name))
			unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
	closedir(dir);
}

static enum exit_code make_instance(struct tracing *tracing)
{
	char instances[PATH_ROOM];
	enum exit_code code;
	const char *tracefs;

	code = find_tracefs(&tracefs);
	if (code)
		return code;
	snprintf(instances, sizeof(instances), "%s/instances", tracefs);
	remove_stale(instances);
	snprintf(tracing->dir, sizeof(tracing->dir), "%s/instances/" INSTANCE "%d", tracefs,
		 (int)getpid());
	snprintf(tracing->pipe, sizeof(tracing->pipe), "%s/instances/" INSTANCE "%d/trace_pipe",
		 tracefs, (int)getpid());
	if (mkdir(tracing->dir, 0700))
		return complain("no tracing instance", errno);
	return EXIT_OK;
}

enum exit_code tracing_start(struct tracing *tracing, const struct tracing_scope *scope)
{
	enum exit_code code;

	tracing->fd = -1;
	code = make_instance(tracing);
	if (code)
		return code;
	code = switch_on(tracing, scope);
	if (code)
		tracing_stop(tracing);
	return code;
}

enum exit_code tracing_check(const struct tracing *tracing)
{
	char path[PATH_ROOM];

	snprintf(path, sizeof(path), "%s/" EVENTS, tracing->dir);
	if (!access(path, F_OK))
		return EXIT_OK;
	message_error("module not loaded any more");
	return EXIT_NOT_LOADED;
}

void tracing_stop(struct tracing *tracing)
{
	put(tracing, EVENTS "/enable", "0");
	if (tracing->fd >= 0)
		close(tracing->fd);
	if (rmdir(tracing->dir))
		message_error("cannot remove %s: %s", tracing->dir, strerror(errno));
}

/* /proc/PID/net/synward, and the link /proc/net that leads to it. */
unsigned long long tracing_netns(const char *proc)
{
	char path[PATH_ROOM + TRACING_PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%.200s/../../ns/net", proc);
	if (stat(path, &st) && stat("/proc/self/ns/net", &st))
		return 0;
	return st.st_ino;
}
