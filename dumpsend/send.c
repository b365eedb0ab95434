/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "err.h"
#include "fetch.h"
#include "net.h"
#include "num.h"
#include "probe.h"
#include "say.h"
#include "send.h"
#include "stop.h"

enum {
	WINDOW = 16 << 20,	/* bytes, where there is memory for it */
	WINDOW_PART = 6,	/* of what is available, at most this part */
};

/* bytes that this machine could give us; 0 when it does not say */
static uint64_t memory_available(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	uint64_t kib = 0;

	while (f && fgets(line, sizeof line, f)) {
		size_t at = strcspn(line, "0123456789"), len;

		if (strncmp(line, "MemAvailable:", 13) != 0)
			continue;
		len = strspn(line + at, "0123456789");
		if (!num_parse(line + at, len, 10, &kib))
			kib = 0;
	}
	if (f)
		fclose(f);
	return kib << 10;
}

static size_t window_size(const struct send_job *j)
{
	uint64_t available = memory_available();

	if (j->window)
		return (size_t)j->window;
	if (available == 0 || available / WINDOW_PART >= WINDOW)
		return WINDOW;
	return (size_t)(available / WINDOW_PART);
}

/* does any target's path need this name? */
static bool is_needed(const struct send_job *j, char letter)
{
	for (unsigned i = 0; i < j->ntargets; i++)
		if (name_needs(j->targets[i].path, letter))
			return true;
	return letter == 't' && j->host_dir;
}

/* names that nothing has said yet come from the dump, or else from this machine */
static void find_names(struct send_job *j, const void *head, size_t len)
{
	char letters[8], missing[16] = "";

	name_from_dump(&j->names, head, len);
	if (is_needed(j, 'h') && !j->names.host[0])
		strcat(missing, " %h");
	if (is_needed(j, 't') && !j->names.time[0])
		strcat(missing, " %t");
	if (is_needed(j, 'r') && !j->names.release[0])
		strcat(missing, " %r");
	if (!missing[0])
		return;
	name_from_machine(&j->names, letters);
	warn("nothing says what%s stands for: taking this machine's (see --host, --time, "
	     "--release)", missing);
}

/* the target's path with all names filled in, to be freed */
static char *path_of(const struct send_job *j, const struct target *t)
{
	struct names names = j->names;
	char *with_dir = NULL, *path, address[NET_ADDRESS_LEN];

	if (j->host_dir && t->kind != TARGET_RAW) {
		with_dir = name_host_dir(t->path);
		if (!with_dir)
			return NULL;
	}
	if (name_needs(with_dir ? with_dir : t->path, 'i')) {
		net_own_address(t->host ? t->host : "", address);
		name_clean(names.address, address, strlen(address));
	}
	path = name_expand(with_dir ? with_dir : t->path, &names);
	free(with_dir);
	return path;
}

static void report(const struct delivery *d, uint64_t began_ms)
{
	uint64_t ms = clock_ms() - began_ms;
	char bytes[METER_TEXT], rate[METER_TEXT], retries[48] = "";
	uint64_t n = d->cargo->digest.bytes;

	if (d->retries)
		snprintf(retries, sizeof retries, ", %u connections lost or refused", d->retries);
	warn("%s: %s in %.1f s, %s/s%s%s; the file has %" PRIu64 " bytes", d->path,
	     meter_bytes(bytes, n), (double)ms / 1000,
	     meter_bytes(rate, (uint64_t)((double)n * 1000 / (double)(ms ? ms : 1))),
	     d->compared >= d->cargo->digest.end && n ? ", compared" : "", retries,
	     d->cargo->digest.end);
}

/* the end, whatever other targets there are: a signal, the time limit, an input that was cut */
static bool is_final(const struct cargo *c)
{
	return err_code() == ERR_STOPPED || err_code() == ERR_CORRUPT || c->cut;
}

/* after this target's failure: is there another, and can it still get all? */
static bool goes_on(const struct send_job *j, const struct cargo *c, unsigned i)
{
	return i + 1 < j->ntargets && !is_final(c) && cargo_is_replayable(c);
}

enum { LESS = 6 };	/* exit status: done, but a file beside it is not there */

/* one target: 0, LESS where something beside the file is not there, or -1 */
static int try_target(struct send_job *j, struct cargo *c, struct meter *m, unsigned i,
		      bool *kept)
{
	struct deliver_options o = j->deliver;
	uint64_t began_ms = clock_ms();
	struct delivery d = { 0 };
	char *path = path_of(j, &j->targets[i]);
	bool is_last = i + 1 == j->ntargets;
	int rc = -1;

	if (!path)
		return -1;
	if (is_last && j->last_longer)
		o.retry_ms = SEND_RETRY_MS;
	if (deliver_open(&d, &j->targets[i], path, c, m, &o) == 0) {
		d.is_last = is_last;
		rc = deliver(&d);
		meter_clear(m);
		if (rc == 0)
			report(&d, began_ms);
		else
			fail_in(j->targets[i].text);
		if (rc == 0 && d.lacks)
			rc = LESS;
		*kept = *kept || d.created;
	}
	deliver_close(&d);
	free(path);
	return rc;
}

/* stopped before there was a file: the exit status must not say that one was kept */
static void nothing_kept(void)
{
	char why[ERR_TEXT];

	if (err_code() != ERR_STOPPED)
		return;
	snprintf(why, sizeof why, "%s", err_text());
	fail(stop_check() ? ERR_SYS : ERR_AGAIN, "%s; nothing was kept", why);
}

/* another target takes what the window still holds, or the file from its start: an exit status */
static int try_targets(struct send_job *j, struct cargo *c, struct meter *m)
{
	bool again = false, kept = false;

	for (unsigned i = 0; i < j->ntargets; i++) {
		int rc = try_target(j, c, m, i, &kept);

		if (rc >= 0)
			return rc;
		again = again || err_code() == ERR_AGAIN;
		if (!goes_on(j, c, i)) {
			if (i + 1 == j->ntargets || is_final(c))
				break;
			say_failure();
			fail(ERR_AGAIN, "too much of the stream is gone for the next target: run "
			     "the whole pipeline again");
			break;
		}
		say_failure();
		if (cargo_replay(c))
			break;
	}
	if (again && !is_final(c) && err_code() != ERR_FULL)
		fail(ERR_AGAIN, "%s", err_text());
	if (!kept)
		nothing_kept();
	return say_failure();
}

int send_all(struct send_job *j)
{
	struct cargo c;
	struct meter m;
	size_t len;
	int status;

	if (cargo_open(&c, j->input, j->as_is, window_size(j), j->deliver.sha256)) {
		nothing_kept();
		return say_failure();
	}
	const void *head = input_file_head(&c.in, &len);
	find_names(j, head, len);
	meter_open(&m, say_is_quiet() ? NULL : stderr, "sent", c.in.size);
	status = try_targets(j, &c, &m);
	cargo_close(&c);
	return status;
}

int send_probe(struct send_job *j)
{
	int status = 0;

	find_names(j, "", 0);
	for (unsigned i = 0; i < j->ntargets; i++) {
		char *path = path_of(j, &j->targets[i]);
		int rc = path ? probe(&j->targets[i], path, &j->deliver) : -1;

		free(path);
		if (rc) {
			fail_in(j->targets[i].text);
			status = say_failure();
		}
	}
	return status ? status : say_flush();
}

int send_fetch(struct send_job *j, const char *file, uint64_t limit)
{
	char *path;
	int rc;

	find_names(j, "", 0);
	path = path_of(j, &j->targets[0]);
	rc = path ? fetch(&j->targets[0], path, &j->deliver, limit, file) : -1;
	free(path);
	if (rc == 0)
		return 0;
	/* a path says it itself */
	if (j->targets[0].host)
		fail_in(j->targets[0].text);
	return say_failure();
}
