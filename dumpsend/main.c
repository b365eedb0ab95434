/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dumpsend - send a stream or a file to where dumps are kept */
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "digest.h"
#include "err.h"
#include "hostkey.h"
#include "name.h"
#include "num.h"
#include "opt.h"
#include "probe.h"
#include "recover.h"
#include "say.h"
#include "sha.h"
#include "send.h"
#include "stop.h"

enum {
	OPT_AS_IS = 256,
	OPT_HOST,
	OPT_TIME,
	OPT_RELEASE,
	OPT_HOST_DIR,
	OPT_WINDOW,
	OPT_RETRY_FOR,
	OPT_CONNECT_TIMEOUT,
	OPT_TIMEOUT,
	OPT_TIME_LIMIT,
	OPT_LIMIT,
	OPT_VERIFY,
	OPT_NO_SHA256,
	OPT_BESIDE,
	OPT_KNOWN_HOSTS,
	OPT_HOST_KEY,
	OPT_IDENTITY,
	OPT_SSH_PROGRAM,
	OPT_PROBE,
	OPT_RECOVER,
	OPT_FETCH,
	OPT_LIMIT_SIZE,

	CONNECT_S = 20,
	SILENCE_S = 60,
	NAP_MS = 500,
	LIMIT_SIZE = 1 << 20,
	MOST_IDENTITIES = 16,

	KEEP = 64 << 20,	/* bytes that malloc() need not give back to the kernel */
	TOP_PAD = 4 << 20,
};

static const struct opt opts[] = {
	{ 'i', "input", "FILE", "send FILE instead of standard input" },
	{ 'f', "force", NULL, "replace the file if it exists" },
	{ OPT_AS_IS, "as-is", NULL, "keep a flattened stream as it is" },
	{ OPT_HOST, "host", "NAME", "what %h stands for in a target's path" },
	{ OPT_TIME, "time", "TIME", "what %t stands for" },
	{ OPT_RELEASE, "release", "RELEASE", "what %r stands for" },
	{ OPT_HOST_DIR, "host-dir", NULL, "put the file into a folder ADDRESS-TIME, as RHEL does" },
	{ OPT_WINDOW, "window", "SIZE", "keep so many bytes to be sent again (16M)" },
	{ OPT_RETRY_FOR, "retry-for", "SECONDS", "try so long to connect again (600)" },
	{ OPT_CONNECT_TIMEOUT, "connect-timeout", "SECONDS", "for connection and login (20)" },
	{ OPT_TIMEOUT, "timeout", "SECONDS", "for any answer of the server (60)" },
	{ OPT_TIME_LIMIT, "time-limit", "SECONDS", "for all of it (none)" },
	{ OPT_LIMIT, "limit", "RATE", "send at most so many bytes a second" },
	{ OPT_VERIFY, "verify", "HOW", "compare what arrived: size, sample or full (nfs: full, "
	  "else size)" },
	{ OPT_NO_SHA256, "no-sha256", NULL, "write no NAME.sha256" },
	{ OPT_BESIDE, "beside", "FILE[:NAME]", "write the small FILE beside it, too" },
	{ OPT_KNOWN_HOSTS, "known-hosts", "FILE", "the SSH host keys to trust" },
	{ OPT_HOST_KEY, "host-key", "SHA256:...", "the SSH host key to trust" },
	{ OPT_IDENTITY, "identity", "FILE", "an SSH private key; may be given again" },
	{ OPT_SSH_PROGRAM, "ssh-program", "PROGRAM", "connect through this program (ssh) instead "
	  "of libssh2" },
	{ OPT_PROBE, "probe", NULL, "try everything but the dump, and say what works" },
	{ OPT_RECOVER, "recover", NULL, "get back what raw:DEVICE holds: operands DEVICE FILE" },
	{ OPT_FETCH, "fetch", NULL, "print the small file TARGET, or write it to FILE: operands "
	  "TARGET [FILE]" },
	{ OPT_LIMIT_SIZE, "limit-size", "SIZE", "fetch no longer file (1M)" },
	OPT_COMMON,
	{ 0 },
};

struct options {
	struct send_job job;
	bool probe, recover, fetch, has_retry;
	uint64_t limit_size;	/* bytes to fetch at most */
	const char *identities[MOST_IDENTITIES + 1];
	unsigned nidentities;
	struct beside beside[BESIDE_MOST];
};

static int seconds(const char *name, const char *text, uint64_t *ms)
{
	uint64_t v;

	if (!num_u64(text, &v) || v > INT32_MAX)
		return fail(ERR_USAGE, "--%s %s: not a number of seconds", name, text);
	*ms = v * 1000;
	return 0;
}

static int size(const char *name, const char *text, uint64_t least, uint64_t *bytes)
{
	if (!num_size(text, bytes) || *bytes < least || *bytes > SIZE_MAX / 4)
		return fail(ERR_USAGE, "--%s %s: not a size from %llu bytes on (as 512K, 16M)",
			    name, text, (unsigned long long)least);
	return 0;
}

static int parse_verify(const char *text, enum verify *how)
{
	static const char *const names[] = {
		[VERIFY_SIZE] = "size", [VERIFY_SAMPLE] = "sample", [VERIFY_FULL] = "full",
	};

	for (int i = VERIFY_SIZE; i <= VERIFY_FULL; i++)
		if (strcmp(text, names[i]) == 0) {
			*how = (enum verify)i;
			return 0;
		}
	return fail(ERR_USAGE, "--verify %s: size, sample or full", text);
}

static int add_identity(struct options *o, const char *file)
{
	if (o->nidentities == MOST_IDENTITIES)
		return fail(ERR_USAGE, "--identity: %d are enough", MOST_IDENTITIES);
	o->identities[o->nidentities++] = file;
	return 0;
}

static int add_beside(struct options *o, const char *text)
{
	struct deliver_options *d = &o->job.deliver;

	d->beside = o->beside;
	if (d->nbeside == BESIDE_MOST)
		return fail(ERR_USAGE, "--beside: %d are enough", BESIDE_MOST);
	if (beside_open(&o->beside[d->nbeside], text))
		return -1;
	d->nbeside++;
	return 0;
}

static void free_beside(struct options *o)
{
	while (o->job.deliver.nbeside > 0)
		beside_close(&o->beside[--o->job.deliver.nbeside]);
}

/* a name from the command line is cleaned as one from a dump would be */
static int set_name(char *to, const char *option, const char *text)
{
	name_clean(to, text, strlen(text));
	return to[0] ? 0 : fail(ERR_USAGE, "--%s: is empty", option);
}

static int set_host_key(struct deliver_options *d, const char *text)
{
	d->store.host_key = text;
#ifdef HAVE_ssh
	if (!hostkey_pin_valid(text))
		return fail(ERR_USAGE, "--host-key %s: not as ssh-keygen -l prints it: SHA256: and "
			    "43 characters", text);
#endif
	return 0;
}

static int parse_options(struct cmdline *cl, struct options *o)
{
	struct send_job *j = &o->job;
	struct deliver_options *d = &j->deliver;
	uint64_t v = 0;
	int key, rc = 0;

	while (rc == 0 && (key = opt_next(cl)) != 0) {
		switch (key) {
		case 'i': j->input = strcmp(cl->arg, "-") == 0 ? NULL : cl->arg; break;
		case 'f': d->force = true; break;
		case OPT_AS_IS: j->as_is = true; break;
		case OPT_HOST: rc = set_name(j->names.host, "host", cl->arg); break;
		case OPT_TIME: rc = set_name(j->names.time, "time", cl->arg); break;
		case OPT_RELEASE: rc = set_name(j->names.release, "release", cl->arg); break;
		case OPT_HOST_DIR: j->host_dir = true; break;
		case OPT_WINDOW: rc = size("window", cl->arg, WINDOW_MIN, &j->window); break;
		case OPT_RETRY_FOR:
			rc = seconds("retry-for", cl->arg, &d->retry_ms);
			o->has_retry = true;
			break;
		case OPT_CONNECT_TIMEOUT:
			rc = seconds("connect-timeout", cl->arg, &d->store.connect_ms);
			break;
		case OPT_TIMEOUT: rc = seconds("timeout", cl->arg, &d->store.silence_ms); break;
		case OPT_TIME_LIMIT:
			rc = seconds("time-limit", cl->arg, &v);
			d->deadline_ms = clock_ms() + v;
			break;
		case OPT_LIMIT: rc = size("limit", cl->arg, 1, &d->rate); break;
		case OPT_VERIFY: rc = parse_verify(cl->arg, &d->verify); break;
		case OPT_NO_SHA256: d->sha256 = false; break;
		case OPT_BESIDE: rc = add_beside(o, cl->arg); break;
		case OPT_KNOWN_HOSTS: d->store.known_hosts = cl->arg; break;
		case OPT_HOST_KEY: rc = set_host_key(d, cl->arg); break;
		case OPT_IDENTITY: rc = add_identity(o, cl->arg); break;
		case OPT_SSH_PROGRAM: d->store.ssh_program = cl->arg; break;
		case OPT_PROBE: o->probe = true; break;
		case OPT_RECOVER: o->recover = true; break;
		case OPT_FETCH: o->fetch = true; break;
		case OPT_LIMIT_SIZE: rc = size("limit-size", cl->arg, 1, &o->limit_size); break;
		default: rc = -1;
		}
	}
	return rc;
}

static int parse_targets(struct send_job *j, char **texts, int n)
{
	j->targets = calloc((size_t)n, sizeof *j->targets);
	if (!j->targets)
		return fail_sys("targets");
	for (; j->ntargets < (unsigned)n; j->ntargets++)
		if (target_parse(&j->targets[j->ntargets], texts[j->ntargets]))
			return -1;
	return 0;
}

static void free_targets(struct send_job *j)
{
	for (unsigned i = 0; i < j->ntargets; i++)
		target_close(&j->targets[i]);
	free(j->targets);
	j->targets = NULL;
	j->ntargets = 0;
}

static int run_recover(struct cmdline *cl, const struct options *o)
{
	const char *device = cl->argv[0];

	if (opt_count(cl) != 2) {
		fail(ERR_USAGE, "--recover takes two operands: DEVICE FILE");
		return opt_usage(cl);
	}
	if (strncmp(device, "raw:", 4) == 0)
		device += 4;
	return recover(device, cl->argv[1], o->job.deliver.force) ? say_failure() : 0;
}

/* the file to fetch it to is no target */
static int targets_in(const struct cmdline *cl, const struct options *o)
{
	int n = opt_count(cl);

	return o->fetch && n == 2 ? 1 : n;
}

static int run(struct cmdline *cl, struct options *o)
{
	struct send_job *j = &o->job;
	int n = targets_in(cl, o), status;

	if (o->recover)
		return run_recover(cl, o);
	if (sha_start())
		return say_failure();
	if (n < 1)
		fail(ERR_USAGE, "no TARGET given");
	else if (o->fetch && n > 1)
		fail(ERR_USAGE, "--fetch takes at most two operands: TARGET FILE");
	if (n < 1 || (o->fetch && n > 1) || parse_targets(j, cl->argv, n)) {
		free_targets(j);
		return err_code() == ERR_USAGE ? opt_usage(cl) : say_failure();
	}
	/* with others to turn to, one that does not answer must not take all the time */
	if (!o->has_retry)
		j->deliver.retry_ms = n > 1 ? SEND_RETRY_SHORT_MS : SEND_RETRY_MS;
	j->last_longer = !o->has_retry;
	j->deliver.store.identities = o->identities;
	j->deliver.store.interactive = isatty(STDERR_FILENO);
	if (o->fetch)
		status = send_fetch(j, opt_count(cl) > 1 ? cl->argv[1] : NULL, o->limit_size);
	else
		status = o->probe ? send_probe(j) : send_all(j);
	free_targets(j);
	return status;
}

/*
 * libnfs allocates each request of a megabyte anew: pages that went back to the kernel
 * would have to be cleared again each time, a quarter of all work.
 */
static void keep_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, KEEP);
	mallopt(M_TRIM_THRESHOLD, KEEP);
	mallopt(M_TOP_PAD, TOP_PAD);
}

int main(int argc, char *argv[])
{
	struct cmdline cl = {
		.synopsis = "[-fqv] [-i FILE] [OPTIONS] TARGET...",
		.about = "Send standard input, or FILE, to the first TARGET that works:\n"
			 "nfs://HOST/EXPORT/PATH, ssh://USER@HOST/PATH, raw:/dev/X or a PATH. A flattened\n"
			 "dump is laid down there as the file that crash opens.",
		.features = "transports:"
#ifdef HAVE_nfs
			    " nfs"
#endif
#ifdef HAVE_ssh
			    " ssh"
#endif
			    " file raw",
		.opts = opts,
		.argv = argv + (argc > 0),
	};
	struct options o = {
		.limit_size = LIMIT_SIZE,
		.job.deliver = {
			.store = { .connect_ms = CONNECT_S * 1000, .silence_ms = SILENCE_S * 1000 },
			.sha256 = true,
			.nap_ms = NAP_MS,
			.deadline_ms = UINT64_MAX,
		},
	};

	int status;

	keep_memory();
	say_start(argv[0]);
	stop_catch();
	if (parse_options(&cl, &o))
		status = err_code() == ERR_SYS ? say_failure() : opt_usage(&cl);
	else
		status = run(&cl, &o);
	free_beside(&o);
	return status;
}
