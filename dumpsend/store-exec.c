/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store of shell commands: all but the writing. POSIX's, and none but sh is needed. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "exec.h"
#include "num.h"

enum {
	STATUS_EXISTS = 17,	/* of our own commands */
	NEARLY_FULL = 1 << 20,	/* bytes */
};

static struct exec *exec_of(const struct store *s)
{
	return ((const struct ssh *)s->own)->exec;
}

int exec_ask(struct store *s, char text[EXEC_TEXT], const char *path, const char *fmt, ...)
{
	const struct ssh *h = s->own;
	char *command;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&command, fmt, ap);
	va_end(ap);
	if (n < 0)
		return fail(ERR_MEMORY, "%s: out of memory", path);
	n = channel_run(&h->channel, command, text, EXEC_TEXT);
	free(command);
	return n;
}

/* df's last line: the number before the one with "%" is what is free, in KiB */
static bool parse_df(char *text, uint64_t *bytes)
{
	char *before = NULL, *word, *save;

	for (word = strtok_r(text, " \t\n", &save); word; word = strtok_r(NULL, " \t\n", &save)) {
		size_t len = strlen(word);
		uint64_t ignored;

		if (before && word[len - 1] == '%' && num_parse(word, len - 1, 10, &ignored))
			break;
		before = word;
	}
	return word && num_u64(before, bytes) && num_mul(*bytes, 1024, bytes);
}

static int do_space(struct store *s, const char *path, uint64_t *bytes)
{
	char text[EXEC_TEXT], *q = ssh_quote(path);
	int rc = q ? exec_ask(s, text, path, "LC_ALL=C df -P -k %s | tail -n 1", q) : -1;

	free(q);
	if (rc < 0)
		return -1;
	return rc == 0 && parse_df(text, bytes);
}

int exec_refused(struct store *s, const char *path, const char *said)
{
	char text[120];
	size_t len = strlen(said);
	uint64_t left;

	/* the last line is the reason */
	while (len > 0 && said[len - 1] == '\n')
		len--;

	const char *line = memrchr(said, '\n', len);

	line = line ? line + 1 : said;
	channel_clean(text, sizeof text, line, (size_t)(said + len - line));
	if (strstr(text, "No space left") || strstr(text, "quota"))
		return fail(ERR_FULL, "%s: %s: %s", s->target->host, path, text);
	if (do_space(s, path, &left) == 1 && left < NEARLY_FULL)
		return fail(ERR_FULL, "%s: %s: no space left on the server", s->target->host, path);
	return fail(ERR_SYS, "%s: %s: %s", s->target->host, path,
		    *text ? text : "the server's shell has failed");
}

/* 1 and *st, 0: not there, -1 */
static int do_stat(struct store *s, const char *path, struct store_stat *st)
{
	char text[EXEC_TEXT], *q = ssh_quote(path);
	int rc = !q ? -1 : exec_ask(s, text, path, "if test -d %s; then echo d; elif test -e %s || "
				    "test -h %s; then wc -c <%s; else echo n; fi 2>&1", q, q, q, q);
	const char *word = text + (rc < 0 ? 0 : strspn(text, " \t"));

	free(q);
	if (rc < 0)
		return -1;
	*st = (struct store_stat){ .is_dir = *word == 'd' };
	if (*word == 'd' || *word == 'n')
		return *word == 'd';
	if (rc == 0 && num_parse(word, strcspn(word, " \n"), 10, &st->size))
		return 1;
	return exec_refused(s, path, text);
}

/* a command of which nothing is wanted but that it works */
static int do_one(struct store *s, const char *path, const char *fmt)
{
	char text[EXEC_TEXT], *q = ssh_quote(path), *to = NULL, *command = NULL;
	size_t len = q ? strlen(fmt) + 4 * strlen(q) + 1 : 0;
	int rc = -1;

	/* each @ becomes the name */
	if (q && (command = malloc(len))) {
		to = command;
		for (; *fmt; fmt++) {
			if (*fmt == '@')
				to = stpcpy(to, q);
			else
				*to++ = *fmt;
		}
		*to = '\0';
		rc = exec_ask(s, text, path, "%s", command);
	} else {
		fail(ERR_MEMORY, "%s: out of memory", path);
	}
	free(q);
	free(command);
	if (rc == STATUS_EXISTS)
		return STORE_EXISTS;
	return rc > 0 ? exec_refused(s, path, text) : rc;
}

static int do_make_dir(struct store *s, const char *path)
{
	return do_one(s, path, "umask 077; mkdir @ 2>&1 || test -d @");
}

static int do_remove(struct store *s, const char *path)
{
	return do_one(s, path, "rm -f @ 2>&1");
}

static int do_rename(struct store *s, const char *from, const char *to, bool replace)
{
	char text[EXEC_TEXT], *a = ssh_quote(from), *b = ssh_quote(to);
	int rc = -1;

	if (a && b && replace)
		rc = exec_ask(s, text, to, "mv -f %s %s 2>&1", a, b);
	else if (a && b)	/* a link never replaces; where there are none, look first */
		rc = exec_ask(s, text, to, "if test -e %s || test -h %s; then exit %d; fi; "
			      "ln %s %s 2>/dev/null && rm -f %s || mv %s %s 2>&1",
			      b, b, STATUS_EXISTS, a, b, a, a, b);
	free(a);
	free(b);
	if (rc == STATUS_EXISTS && !replace)
		return fail(ERR_SYS, "%s: exists", to);
	return rc > 0 ? exec_refused(s, to, text) : rc;
}

/* the file whose stream begins now */
static int keep_file(struct store *s, const char *path, uint64_t size)
{
	struct exec *x = exec_of(s);
	char *q = ssh_quote(path);

	if (!q || ssh_keep_path(s->own, path)) {
		free(q);
		return -1;
	}
	free(x->quoted);
	x->quoted = q;
	x->size = size;
	x->placed = x->failed = false;
	x->pos = x->taken = 0;
	x->first = x->unacked = x->staged = x->next = 0;
	x->stage_len = x->stage_done = x->rest_len = 0;
	return 0;
}

static int do_create(struct store *s, const char *path)
{
	int rc = do_one(s, path, "if test -e @ || test -h @; then exit 17; fi; "
			"umask 077; (set -C; : >@) 2>&1");

	if (rc == 0)
		rc = keep_file(s, path, 0);
	return rc;
}

static int do_open(struct store *s, const char *path)
{
	struct store_stat st;
	int rc = do_stat(s, path, &st);

	if (rc <= 0)
		return rc;
	if (st.is_dir)
		return fail(ERR_SYS, "%s: is a folder", path);
	return keep_file(s, path, st.size) ? -1 : 1;
}

static ssize_t do_read(struct store *s, void *buf, size_t len, uint64_t at)
{
	const struct ssh *h = s->own;
	const struct exec *x = h->exec;
	char *command;
	int status;
	ssize_t n;

	if (!x->quoted)
		return fail(ERR_SYS, "%s: no file is open", s->target->host);
	if (asprintf(&command, "tail -c +%" PRIu64 " %s | head -c %zu", at + 1, x->quoted, len) < 0)
		return fail(ERR_MEMORY, "%s: out of memory", h->path);
	n = channel_gather(&h->channel, command, buf, len, &status);
	free(command);
	if (n >= 0 && status != 0)
		return fail(status < 0 ? ERR_AGAIN : ERR_SYS, "%s: %s: cannot be read back",
			    s->target->host, h->path);
	return n;
}

static int do_is_ours(struct store *s, const char *path)
{
	const struct exec *x = exec_of(s);
	struct store_stat st;
	int rc = do_stat(s, path, &st);

	if (rc <= 0)
		return rc;
	return !st.is_dir && st.size == (x->placed ? x->pos : x->size);
}

int exec_begin(struct store *s, struct ssh *h)
{
	static const char word[] = "crashpipe";
	struct exec *x = h->exec = calloc(1, sizeof *x);
	char text[EXEC_TEXT];

	if (!x || !(x->part = calloc(WINDOW_EXTENTS, sizeof *x->part)) ||
	    !(x->stage = malloc(EXEC_STAGE)))
		return fail(ERR_MEMORY, "ssh: out of memory");
	s->own = h;

	int rc = exec_ask(s, text, "", "echo %s", word);

	if (rc < 0)
		return -1;
	if (rc > 0 || !strstr(text, word))
		return fail(ERR_SYS, "%s: the account has neither SFTP nor a shell",
			    s->target->host);
	s->write_max = WINDOW_EXTENT;
	s->flight_max = 2 * EXEC_LAG;
	s->can_sync = false;
	s->sequential = true;
	return 0;
}

void exec_end(struct ssh *h)
{
	struct exec *x = h->exec;

	h->exec = NULL;
	if (!x)
		return;
	if (x->cat.ops)
		x->cat.ops->close(&x->cat);
	free(x->quoted);
	free(x->part);
	free(x->stage);
	free(x);
}

const struct store_ops store_exec = {
	.name = "exec",
	.connect = ssh_connect,
	.close = ssh_close,
	.stat = do_stat,
	.make_dir = do_make_dir,
	.remove = do_remove,
	.rename = do_rename,
	.space = do_space,
	.create = do_create,
	.open = do_open,
	.write = exec_write,
	.commit = exec_commit,
	.poll = exec_poll,
	.service = exec_service,
	.read = do_read,
	.finish = exec_finish,
	.is_ours = do_is_ours,
	.sha256 = ssh_sha256,
};
