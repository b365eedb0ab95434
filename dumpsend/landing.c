/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file on the store: what must be there before it is written, what it is
 * called meanwhile, and its name in the end.
 */
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver.h"
#include "err.h"
#include "landing.h"
#include "say.h"
#include "small.h"

enum { MOST_STALE = 9999 };

char *landing_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash != path ? strndup(path, (size_t)(slash - path)) : NULL;
}

/* the folders above path; from the first that exists on, they are made one after the other */
int landing_make_folders(struct store *s, const char *path)
{
	char *folder = landing_folder(path);
	struct store_stat st;
	int rc;

	if (!folder)
		return 0;
	rc = s->ops->stat(s, folder, &st);
	if (rc == 1 && !st.is_dir)
		rc = fail(ERR_SYS, "%s: is not a folder", folder);
	else if (rc == 1)
		rc = 0;
	else if (rc == 0)
		rc = landing_make_folders(s, folder) || s->ops->make_dir(s, folder) ? -1 : 0;
	free(folder);
	return rc;
}

/* a name that is taken: "exists", or -1 for other reasons */
static int check_free(struct delivery *d)
{
	struct store_stat st;
	int rc = d->store.ops->stat(&d->store, d->path, &st);

	if (rc < 0)
		return -1;
	if (rc == 1 && st.is_dir)
		return fail(ERR_SYS, "%s: is a directory; name a file in it", d->path);
	if (rc == 1 && !d->options->force)
		return fail(ERR_SYS, "%s: exists; -f replaces it", d->path);
	return 0;
}

/* an earlier run has left its NAME-incomplete: it may be all that there is of that crash */
static int move_stale(struct delivery *d)
{
	struct store *s = &d->store;
	struct store_stat st;
	char *to;
	int rc;

	rc = s->ops->stat(s, d->temp, &st);
	/* of an earlier try, only the answer was lost */
	if (rc == 0 || (rc < 0 && err_code() == ERR_AGAIN))
		return rc;
	/* ... or our own, which is still empty; without a try before, it is somebody else's */
	if (rc == 1 && st.size == 0 && !st.is_dir && d->retries > 0)
		return s->ops->remove(s, d->temp);
	rc = 1;
	for (unsigned n = 1; n <= MOST_STALE && rc == 1; n++) {
		if (asprintf(&to, "%s.%u", d->temp, n) < 0)
			return fail(ERR_MEMORY, "%s: out of memory", d->temp);
		rc = s->ops->stat(s, to, &st);
		if (rc == 0) {
			rc = s->ops->rename(s, d->temp, to, false);
			if (rc == 0)
				warn("%s: a stale one was moved to %s", d->temp, to);
		}
		free(to);
	}
	if (rc == 1)
		return fail(ERR_SYS, "%s: %d older ones are kept: remove some", d->temp, MOST_STALE);
	return rc;
}

/* a server that is full now will not take a dump: before anything is sent */
static int check_space(struct delivery *d)
{
	const struct input *in = &d->cargo->in;
	char need[METER_TEXT], room[METER_TEXT];
	char *folder = landing_folder(d->path);
	uint64_t free_bytes;
	int rc = d->store.ops->space(&d->store, folder ? folder : "/", &free_bytes);

	free(folder);
	if (rc <= 0)
		return rc;
	info("%s: %s are free", d->store.where, meter_bytes(room, free_bytes));
	if (free_bytes > 0 && free_bytes >= in->size)
		return 0;
	meter_bytes(room, free_bytes);
	meter_bytes(need, in->size);
	if (!d->is_last)
		return fail(ERR_FULL, "%s: only %s are free", d->store.where, room);
	warn("%s: only %s are free%s%s; sending what fits", d->store.where, room,
	     in->size ? " for " : "", in->size ? need : "");
	return 0;
}

int landing_afresh(struct delivery *d)
{
	int rc;

	d->resumable = d->created = false;
	if (move_stale(d))
		return -1;
	rc = d->store.ops->create(&d->store, d->temp);
	d->created = rc == 0;
	return rc == STORE_EXISTS ? fail(ERR_AGAIN, "%s: somebody else makes it, too", d->temp) : rc;
}

void landing_remove(struct delivery *d)
{
	struct store *s = &d->store;

	/* what an earlier run has left stays, be it this dump's or another one's */
	if (!d->connected || !d->created || d->resumable || s->ops->is_ours(s, d->temp) != 1 ||
	    s->ops->remove(s, d->temp))
		debug("%s: is not removed", d->temp);
}

static int create(struct delivery *d)
{
	struct store *s = &d->store;
	int rc = s->ops->create(s, d->temp);

	if (rc == STORE_EXISTS && d->cargo->in.seekable && !s->sequential) {
		struct store_stat st;

		/* what an earlier run has sent need not be sent again, if it is the same */
		if (s->ops->stat(s, d->temp, &st) == 1 && !st.is_dir && st.size > 0 &&
		    s->ops->open(s, d->temp) == 1) {
			d->resumable = true;
			d->there = st.size;
			return 0;
		}
	}
	return rc == STORE_EXISTS ? landing_afresh(d) : rc;
}

/* what the file is called: a stream that is kept as it is has .flat at its end */
static int choose_names(struct delivery *d)
{
	char *path;

	if (d->temp)
		return 0;
	if (d->store.target->kind == TARGET_RAW) {
		d->temp = d->path;
		return 0;
	}
	if (d->store.sequential && d->store.flat) {
		if (asprintf(&path, "%s.flat", d->path) < 0)
			return fail(ERR_MEMORY, "%s: out of memory", d->path);
		free(d->path);
		d->path = path;
		warn("%s: no SFTP there: the dump is kept as a flattened stream, %s; dumpfilter -R "
		     "lays it down", d->store.where, d->path);
	}
	if (asprintf(&d->temp, "%s-incomplete", d->path) < 0) {
		d->temp = NULL;
		return fail(ERR_MEMORY, "%s: out of memory", d->path);
	}
	return 0;
}

int landing_begin(struct delivery *d)
{
	struct store *s = &d->store;

	if (choose_names(d))
		return -1;
	if (d->temp != d->path && (landing_make_folders(s, d->path) || check_free(d)))
		return -1;
	if (check_space(d) || create(d))
		return -1;
	d->created = true;
	return 0;
}

/* the text of NAME.sha256, as sha256sum -c reads it */
static char *sha256_text(const struct delivery *d)
{
	char hex[2 * DIGEST_SHA256 + 1], *copy = strdup(d->path), *text = NULL;

	for (int i = 0; i < DIGEST_SHA256; i++)
		snprintf(hex + 2 * i, 3, "%02x", d->sha256[i]);
	if (copy && asprintf(&text, "%s  %s\n", hex, basename(copy)) < 0)
		text = NULL;
	free(copy);
	return text;
}

/* as the dump, it has its name only when it is whole */
static int put_sha256(struct delivery *d, const char *temp, const char *path, const char *text)
{
	struct store *s = &d->store;

	/* NAME was not there, or was to be replaced: an old one is another dump's */
	if (s->ops->remove(s, path))
		return -1;
	if (s->ops->remove(s, temp) || small_write(s, temp, text, strlen(text)))
		return -1;
	return s->ops->rename(s, temp, path, false);
}

/* NAME.sha256 is worth a warning, not the dump */
static void write_sha256(struct delivery *d)
{
	struct store *s = &d->store;
	char *text = sha256_text(d), *path = NULL, *temp = NULL;

	if (asprintf(&path, "%s.sha256", d->path) < 0)
		path = NULL;
	if (path && asprintf(&temp, "%s-incomplete", path) < 0)
		temp = NULL;
	if (!text || !temp) {
		warn("%s: no memory for its SHA-256; the dump itself is whole", d->path);
	} else if (put_sha256(d, temp, path, text)) {
		warn("its SHA-256 is not kept: %s; the dump itself is whole", err_text());
		/* a connection that was lost can do no more */
		if (err_code() != ERR_AGAIN)
			s->ops->remove(s, temp);
	}
	free(temp);
	free(path);
	free(text);
}

/* the one beside what was just replaced speaks of another dump */
static void drop_sha256(struct delivery *d)
{
	char *path;

	if (asprintf(&path, "%s.sha256", d->path) < 0)
		return;
	if (d->store.ops->remove(&d->store, path))
		warn("%s is another dump's: %s", path, err_text());
	free(path);
}

/* is the file still called NAME-incomplete, or did a lost answer hide that it has its name? */
static int rename_it(struct delivery *d)
{
	struct store *s = &d->store;
	struct store_stat st;
	int rc = s->ops->is_ours(s, d->temp);

	if (rc < 0)
		return -1;
	if (rc == 1)
		return s->ops->rename(s, d->temp, d->path, d->options->force);
	rc = d->retries > 0 ? s->ops->stat(s, d->path, &st) : 0;
	if (rc < 0)
		return -1;
	/* how long a stream is that is kept as one, only its store knows */
	if (rc == 1 && (st.size == d->cargo->digest.end || (s->sequential && s->flat)))
		return 0;
	d->created = false;
	return fail(ERR_SYS, "%s: was renamed or removed by somebody else", d->temp);
}

/* each is worth a warning, not the dump */
static void write_beside(struct delivery *d)
{
	for (unsigned i = 0; i < d->options->nbeside; i++) {
		if (beside_write(&d->options->beside[i], &d->store, d->path) == 0)
			continue;
		warn("%s: is not kept: %s", d->options->beside[i].name, err_text());
		d->lacks = true;
		if (err_code() == ERR_AGAIN)
			return;
	}
}

int landing_name(struct delivery *d)
{
	struct store *s = &d->store;

	if (s->ops->finish(s, true))
		return -1;
	if (d->temp == d->path)
		return 0;
	if (rename_it(d))
		return -1;
	d->created = false;
	if (d->has_sha256 && d->options->sha256)
		write_sha256(d);
	else
		drop_sha256(d);
	write_beside(d);
	return 0;
}
