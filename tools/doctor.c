// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "doctor.h"
#include "document.h"
#include "draw.h"
#include "fields.h"
#include "finding.h"
#include "host.h"
#include "listeners.h"
#include "number.h"
#include "proc.h"
#include "room.h"
#include "rules.h"
#include "stats.h"

#define SYSCTL		"/proc/sys/net/"
#define QUEUE_SMALL	128	/* connections; the default of kernels before 5.4 */
#define NAMED_MAX	3	/* listeners; the others as a number */
#define VERSION_MAX	64

#define NOT_KEPT	"What sysctl -w sets lasts until the next boot: /etc/sysctl.d keeps it."
#define OFFSET_MISSING	"this kernel does not export its IPv4 timestamp offset: " \
			"it answers SYN floods with its own cookies"
#define TAKEN		"a queue (NFQUEUE), NAT or SYN proxy takes SYNs: " \
			"such listeners are left to the kernel"

/* Listeners with one trouble. */
struct named {
	char	text[NAMED_MAX * (ADDRESS_ENDPOINT_MAX + 16)];
	size_t	count;
};

struct doctor {
	const struct options	*options;
	unsigned int		has;		/* bits of enum need */
	struct host		host;
	struct stats		stats;
	struct named		full;		/* accept queues */
	struct named		predictable;	/* sequence numbers */
	struct findings		findings;
};

enum need {
	NEED_NOTHING	= 0,
	NEED_MODULE	= 1 << 0,
	NEED_HOST	= 1 << 1,
};

struct check {
	const char	*name;
	unsigned int	needs;
	void		(*run)(struct doctor *doctor, const char *name);
};

static void good(struct doctor *doctor, const char *name, const char *message)
{
	findings_add(&doctor->findings, name, FINDING_OK, NULL, "%s", message);
}

/* What cannot be read is no failure, but nobody shall take it for good. */
static void untold(struct doctor *doctor, const char *name, const char *file, const char *wrong)
{
	char path[HOST_PATH_MAX];

	findings_add(&doctor->findings, name, FINDING_WARN, NULL, "not checked: %s: %s",
		     host_path(&doctor->host, file, path), wrong);
}

static bool read_sysctl(struct doctor *doctor, const char *name, const char *file,
			unsigned long long *value)
{
	const char *wrong = host_read_number(&doctor->host, file, value);

	if (wrong)
		untold(doctor, name, file, wrong);
	return !wrong;
}

/* -- the module -- */

static void check_module(struct doctor *doctor, const char *name)
{
	if (doctor->has & NEED_MODULE)
		good(doctor, name, "the module is loaded");
	else
		findings_add(&doctor->findings, name, FINDING_FAIL, "modprobe synward",
			     "the module is not loaded (no directory %s)", doctor->options->proc);
}

static void check_version(struct doctor *doctor, const char *name)
{
	static const char file[] = "/sys/module/synward/version";
	char version[VERSION_MAX];
	const char *wrong = host_read(&doctor->host, file, version, sizeof(version));

	if (wrong)
		untold(doctor, name, file, wrong);
	else if (!strcmp(version, SYNWARD_VERSION))
		good(doctor, name, "module and tool are both of synward " SYNWARD_VERSION);
	else
		findings_add(&doctor->findings, name, FINDING_WARN,
			     "install both of one version, and load the module again",
			     "the module is of synward %s, this tool of synward "
			     SYNWARD_VERSION, version);
}

static void check_mode(struct doctor *doctor, const char *name)
{
	static const char *const word[] = { "track only", "monitor", "adaptive", "always" };
	unsigned long long mode;

	/* an older module has it only in its sysctl */
	if (!stats_find(&doctor->stats, "mode", &mode) &&
	    (!(doctor->has & NEED_HOST) ||
	     !read_sysctl(doctor, name, PROC_MODE_SYSCTL, &mode)))
		return;
	if (mode < 2)
		findings_add(&doctor->findings, name, FINDING_WARN, "sysctl -w net.synward.mode=2",
			     "net.synward.mode is %llu, %s: nothing is protected", mode,
			     word[mode]);
	else
		findings_add(&doctor->findings, name, FINDING_OK, NULL,
			     "net.synward.mode is %llu, %s", mode,
			     mode < ARRAY_SIZE(word) ? word[mode] : "unknown to this tool");
}

/* -- the kernel -- */

static void check_syncookies(struct doctor *doctor, const char *name)
{
	unsigned long long value;

	if (!read_sysctl(doctor, name, SYSCTL "ipv4/tcp_syncookies", &value))
		return;
	if (value)
		findings_add(&doctor->findings, name, FINDING_OK, NULL,
			     "net.ipv4.tcp_syncookies is %llu", value);
	else
		findings_add(&doctor->findings, name, FINDING_FAIL,
			     "sysctl -w net.ipv4.tcp_syncookies=1",
			     "net.ipv4.tcp_syncookies is 0: no cookie can be answered");
}

static void check_timestamps(struct doctor *doctor, const char *name)
{
	unsigned long long value;

	if (!read_sysctl(doctor, name, SYSCTL "ipv4/tcp_timestamps", &value))
		return;
	if (value)
		findings_add(&doctor->findings, name, FINDING_OK, NULL,
			     "net.ipv4.tcp_timestamps is %llu", value);
	else
		findings_add(&doctor->findings, name, FINDING_WARN,
			     "sysctl -w net.ipv4.tcp_timestamps=1",
			     "net.ipv4.tcp_timestamps is 0: cookies carry no window scale and no SACK");
}

static void check_offset(struct doctor *doctor, const char *name)
{
	switch (host_offset(&doctor->host)) {
	case HOST_OFFSET_EXPORTED:
		good(doctor, name, "this kernel exports its IPv4 timestamp offset");
		break;
	case HOST_OFFSET_MISSING:
		findings_add(&doctor->findings, name, FINDING_WARN,
			     "boot a kernel that does: 6.1.191, 6.12.94 or a later one of these series",
			     OFFSET_MISSING);
		break;
	case HOST_OFFSET_UNTOLD:
		findings_add(&doctor->findings, name, FINDING_WARN,
			     "what the module said at load: dmesg | grep synward",
			     "not checked: /proc/kallsyms tells no symbols");
		break;
	}
}

static void check_queue(struct doctor *doctor, const char *name, const char *file,
			const char *sysctl, const char *meaning, const char *remedy)
{
	unsigned long long value;

	if (!read_sysctl(doctor, name, file, &value))
		return;
	if (value > QUEUE_SMALL)
		findings_add(&doctor->findings, name, FINDING_OK, NULL, "%s is %llu", sysctl,
			     value);
	else
		findings_add(&doctor->findings, name, FINDING_WARN, remedy, "%s is %llu: %s",
			     sysctl, value, meaning);
}

static void check_somaxconn(struct doctor *doctor, const char *name)
{
	check_queue(doctor, name, SYSCTL "core/somaxconn", "net.core.somaxconn",
		    "the queues of a listener are no longer than that",
		    "sysctl -w net.core.somaxconn=4096, then restart the services");
}

static void check_backlog(struct doctor *doctor, const char *name)
{
	check_queue(doctor, name, SYSCTL "ipv4/tcp_max_syn_backlog", "net.ipv4.tcp_max_syn_backlog",
		    "few half-open connections where no cookies are answered",
		    "sysctl -w net.ipv4.tcp_max_syn_backlog=4096");
}

/* They would be in the way of connections whose SYN the firewall has not seen. */
static const char *strict_rules(const struct rules *rules)
{
	if (rules->invalid && rules->no_syn)
		return "; rules drop what is INVALID, or NEW without SYN";
	if (rules->invalid)
		return "; rules drop what is INVALID";
	return rules->no_syn ? "; rules drop what is NEW without SYN" : "";
}

static void check_conntrack(struct doctor *doctor, const char *name)
{
	static const char file[] = SYSCTL "netfilter/nf_conntrack_tcp_loose";
	unsigned long long loose;
	struct rules rules;
	const char *strict;

	if (!host_has(&doctor->host, file)) {
		good(doctor, name, "no connection tracking by the firewall");
		return;
	}
	if (!read_sysctl(doctor, name, file, &loose))
		return;
	rules_read(&rules, &doctor->host);
	if (rules.untold) {
		findings_add(&doctor->findings, name, FINDING_WARN, "run this check as root",
			     "not checked: the firewall's rules: need root");
		return;
	}
	strict = strict_rules(&rules);
	findings_add(&doctor->findings, name, FINDING_OK, NULL,
		     "connection tracking by the firewall, %s%s%s", loose ? "loose" : "strict",
		     strict, loose && !*strict ? "" : ": handshakes are replayed for it");
}

/* -- the tables -- */

static void check_room(struct doctor *doctor, const char *name)
{
	room_check(&doctor->findings, &doctor->stats, name);
}

/* -- the listeners -- */

static void name_one(struct named *named, const char *endpoint, const char *trouble)
{
	size_t length = strlen(named->text);

	if (named->count++ < NAMED_MAX)
		snprintf(named->text + length, sizeof(named->text) - length, "%s%s%s",
			 length ? ", " : "", endpoint, trouble);
}

static void look_at_listener(void *context, const struct fields *fields)
{
	struct doctor *doctor = context;
	const char *isn = fields_text(fields, "isn", "");
	/* as the kernel counts: one more than its limit has a place */
	bool full = fields_number(fields, "acceptq_len") > fields_number(fields, "acceptq_max");
	char text[ADDRESS_ENDPOINT_MAX];
	const char *endpoint;

	endpoint = listeners_endpoint(text, fields, doctor->options->numeric);
	if (full || fields_number(fields, "acceptq_overflow"))
		name_one(&doctor->full, endpoint, full ? " (now)" : "");
	if (!strcmp(isn, "fixed"))
		name_one(&doctor->predictable, endpoint, " (fixed)");
	else if (!strcmp(isn, "linear"))
		name_one(&doctor->predictable, endpoint, " (linear)");
}

static void tell_named(struct doctor *doctor, const char *name, enum finding_status status,
		       const struct named *named, const char *what, const char *remedy)
{
	char more[NUMBER_TEXT_MAX + 16] = "";

	if (named->count > NAMED_MAX)
		snprintf(more, sizeof(more), " and %zu more", named->count - NAMED_MAX);
	findings_add(&doctor->findings, name, status, remedy, "%s: %s%s", what, named->text, more);
}

static void check_accept_queue(struct doctor *doctor, const char *name)
{
	if (doctor->full.count)
		tell_named(doctor, name, FINDING_WARN, &doctor->full, "accept queue was full",
			   "let the service accept faster, or raise its backlog and net.core.somaxconn");
	else
		good(doctor, name, "no accept queue was full");
}

static void check_isn(struct doctor *doctor, const char *name)
{
	if (doctor->predictable.count)
		tell_named(doctor, name, FINDING_FAIL, &doctor->predictable,
			   "initial sequence numbers can be predicted",
			   "another TCP stack or proxy there, with random ones (RFC 6528)");
	else
		good(doctor, name, "no initial sequence numbers that can be predicted");
}

/* -- the firewall -- */

static void check_firewall(struct doctor *doctor, const char *name)
{
	unsigned long long kept = stats_get(&doctor->stats, "replay_kept");
	unsigned long long elsewhere = stats_get(&doctor->stats, "syn_passed_elsewhere");

	if (!kept && !elsewhere)
		good(doctor, name, "the firewall leaves SYNs to the listeners");
	else
		findings_add(&doctor->findings, name, FINDING_WARN,
			     "nothing where that is meant; else take these ports out of the rule",
			     TAKEN " (replay_kept %llu, syn_passed_elsewhere %llu)",
			     kept, elsewhere);
}

/* -- all of them -- */

static const struct check checks[] = {
	{ "module", NEED_NOTHING, check_module },
	{ "version", NEED_MODULE | NEED_HOST, check_version },
	{ "syncookies", NEED_HOST, check_syncookies },
	{ "timestamps", NEED_HOST, check_timestamps },
	{ "mode", NEED_MODULE, check_mode },
	{ "timestamp_offset", NEED_HOST, check_offset },
	{ "halfopen", NEED_MODULE, check_room },
	{ "established", NEED_MODULE, check_room },
	{ "limit", NEED_MODULE, check_room },
	{ "listeners", NEED_MODULE, check_room },
	{ "somaxconn", NEED_HOST, check_somaxconn },
	{ "max_syn_backlog", NEED_HOST, check_backlog },
	{ "accept_queue", NEED_MODULE, check_accept_queue },
	{ "isn", NEED_MODULE, check_isn },
	{ "conntrack", NEED_HOST, check_conntrack },
	{ "firewall", NEED_MODULE, check_firewall },
};

static enum exit_code read_all(struct doctor *doctor)
{
	const char *dir = doctor->options->proc;
	enum exit_code code;

	if (host_find(&doctor->host, dir))
		doctor->has |= NEED_HOST;
	if (!proc_is_directory(dir))
		return EXIT_OK;
	doctor->has |= NEED_MODULE;
	code = stats_read(&doctor->stats, dir);
	return code ? code : listeners_visit(dir, doctor, look_at_listener);
}

static void check_all(struct doctor *doctor)
{
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		if ((checks[i].needs & doctor->has) == checks[i].needs)
			checks[i].run(doctor, checks[i].name);
}

/* A remedy that is gone after the next boot is half a remedy. */
static void tell_how_to_keep(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const char *remedy = findings->item[i].remedy;

		if (!remedy || strncmp(remedy, "sysctl -w ", strlen("sysctl -w ")) != 0)
			continue;
		draw_text(DRAW_PLAIN, "%s", NOT_KEPT);
		draw_newline();
		return;
	}
}

static void tell(const struct doctor *doctor)
{
	json_t *document;

	if (!doctor->options->json) {
		findings_draw(&doctor->findings);
		tell_how_to_keep(&doctor->findings);
		return;
	}
	document = document_new();
	json_object_set_new(document, "checks", findings_to_json(&doctor->findings));
	document_write_line(document);
}

static enum exit_code examine(struct doctor *doctor)
{
	enum exit_code code = read_all(doctor);

	if (code)
		return code;
	check_all(doctor);
	tell(doctor);
	if (!(doctor->has & NEED_MODULE))
		return EXIT_NOT_LOADED;
	return findings_failed(&doctor->findings) ? EXIT_ERROR : EXIT_OK;
}

enum exit_code doctor_run(const struct options *options)
{
	struct doctor *doctor = util_new(sizeof(*doctor));
	enum exit_code code;

	doctor->options = options;
	code = examine(doctor);
	findings_free(&doctor->findings);
	free(doctor);
	return code;
}
