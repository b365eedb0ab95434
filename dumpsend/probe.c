/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "err.h"
#include "landing.h"
#include "probe.h"
#include "say.h"
#include "small.h"

enum { PROBE = 4096 };	/* bytes written and read back */

struct probing {
	struct store s;
	const char *path;
	char *first, *second;	/* the names of the file that is written, and renamed */
};

static int works(const char *what, const char *which)
{
	printf("%s: %s\n", what, which);
	return 0;
}

static int probe_connect(struct probing *p)
{
	if (p->s.ops->connect(&p->s))
		return -1;
	return works("connected", p->s.where);
}

static int probe_space(struct probing *p)
{
	char text[METER_TEXT], *folder = landing_folder(p->path);
	uint64_t bytes;
	int rc = p->s.ops->space(&p->s, folder ? folder : "/", &bytes);

	free(folder);
	if (rc < 0)
		return -1;
	works("free space", rc ? meter_bytes(text, bytes) : "not known");
	return rc == 1 && bytes == 0 ? fail(ERR_FULL, "%s: is full", p->s.where) : 0;
}

static int probe_folder(struct probing *p)
{
	char *folder = landing_folder(p->path);
	int rc = landing_make_folders(&p->s, p->path);

	if (rc == 0)
		works("folder", folder ? folder : "/");
	free(folder);
	return rc;
}

/* written, synced, read back */
static int probe_write(struct probing *p)
{
	uint8_t bytes[PROBE], back[PROBE];
	ssize_t n;

	if (getrandom(bytes, sizeof bytes, GRND_NONBLOCK) != sizeof bytes)
		memset(bytes, 0x5a, sizeof bytes);
	if (small_write(&p->s, p->first, bytes, sizeof bytes))
		return -1;
	works("written and synced", p->first);
	if (p->s.sequential)
		return 0;
	if (p->s.ops->open(&p->s, p->first) != 1)
		return fail(ERR_SYS, "%s: cannot be opened again", p->first);
	n = p->s.ops->read(&p->s, back, sizeof back, 0);
	if (n < 0)
		return -1;
	if (n != sizeof back || memcmp(bytes, back, sizeof back) != 0)
		return fail(ERR_SYS, "%s: is not what was written", p->first);
	if (p->s.ops->finish(&p->s, true))
		return -1;
	return works("read back", p->first);
}

static int probe_rename(struct probing *p)
{
	if (p->s.ops->rename(&p->s, p->first, p->second, false))
		return -1;
	works("renamed", p->second);
	if (p->s.ops->remove(&p->s, p->second))
		return -1;
	return works("removed", p->second);
}

/* nothing is written to a raw device: what is on it may be a dump that waits for its recovery */
static int probe_raw(struct probing *p)
{
	return probe_connect(p) || probe_space(p) ? -1 : 0;
}

int probe(const struct target *t, const char *path, const struct deliver_options *o)
{
	struct cargo cargo = { .in.as_is = true };
	struct delivery d;
	struct probing p = { .path = path };
	int rc;

	if (deliver_open(&d, t, path, &cargo, NULL, o))
		return -1;
	p.s = d.store;
	p.s.window = NULL;
	if (asprintf(&p.first, "%s-probe-%ld", path, (long)getpid()) < 0)
		p.first = NULL;
	if (asprintf(&p.second, "%s-probe-%ld-renamed", path, (long)getpid()) < 0)
		p.second = NULL;
	if (!p.first || !p.second)
		rc = fail(ERR_MEMORY, "%s: out of memory", path);
	else if (t->kind == TARGET_RAW)
		rc = probe_raw(&p);
	else
		rc = probe_connect(&p) || probe_folder(&p) || probe_space(&p) || probe_write(&p) ||
		     probe_rename(&p) ? -1 : 0;
	p.s.ops->close(&p.s);
	d.store = (struct store){ 0 };
	deliver_close(&d);
	free(p.first);
	free(p.second);
	return rc;
}
