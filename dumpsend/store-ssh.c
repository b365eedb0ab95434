/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store over ssh: which channel, and what goes over it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "err.h"
#include "num.h"
#include "say.h"
#include "ssh.h"

static bool ssh_is_in_path(void)
{
	const char *path = getenv("PATH");
	char name[4096];

	for (path = path ? path : "/usr/bin:/bin"; *path;) {
		size_t len = strcspn(path, ":");

		if (len > 0 && snprintf(name, sizeof name, "%.*s/ssh", (int)len, path) <
				       (int)sizeof name && access(name, X_OK) == 0)
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

/* an enum channel_refusal, or -1 */
static int open_channel(struct channel *c)
{
	char why[ERR_TEXT];

	c->ops = c->options->ssh_program ? &channel_child : &channel_ssh2;

	int rc = c->ops->open(c, "sftp", NULL);

	if (rc != CHANNEL_NO_ALGORITHM)
		return rc;
	c->ops->close(c);
	snprintf(why, sizeof why, "%s", err_text());
	if (!ssh_is_in_path())
		return fail(ERR_SYS, "%s; there is no ssh program here that could do better", why);
	warn("%s; going on with the ssh program", why);
	c->ops = &channel_child;
	return c->ops->open(c, "sftp", NULL);
}

/* was it for this host key that the ssh program has ended? */
static bool is_other_key(void)
{
	return strstr(err_text(), CHILD_NOT_PINNED) || strstr(err_text(), "no matching host key");
}

/*
 * The ssh program asks for the type of host key that it likes best, and a pin does not
 * say of which type its key is: one after the other, as libssh2's channel does.
 */
static int open_pinned(struct store *s, struct ssh *h)
{
	static const char *const types[] = {
		NULL, "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521",
		"rsa-sha2-512,rsa-sha2-256", "ssh-ed25519",
	};
	char first[ERR_TEXT] = "";
	int rc = -1;

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		h->channel.key_types = types[i];
		/* the other channel has done what it can */
		rc = h->channel.ops == &channel_child ? h->channel.ops->open(&h->channel, "sftp", NULL) :
		     open_channel(&h->channel);
		if (rc == CHANNEL_OPEN)
			rc = sftp_open(&h->sftp, &h->channel, s);
		if (rc >= 0 || !s->options->host_key || !is_other_key())
			return rc;
		if (!first[0])
			snprintf(first, sizeof first, "%s", err_text());
		sftp_close(&h->sftp);
		h->channel.ops->close(&h->channel);
	}
	return fail(ERR_SYS, "%s", first);
}

/* CHANNEL_OPEN: s->own speaks SFTP; or CHANNEL_NO_SUBSYSTEM; or -1 */
static int begin(struct store *s, struct ssh *h)
{
	int rc = open_pinned(s, h);

	if (rc == CHANNEL_OPEN && !s->sequential)
		return rc;
	if (rc < 0)
		return -1;
	sftp_close(&h->sftp);
	h->channel.ops->close(&h->channel);
	/* a file that was laid down by SFTP cannot be gone on with as a stream */
	if (s->where[0] && !s->sequential)
		return fail(ERR_AGAIN, "%s: the server has SFTP no more", s->target->host);
	return exec_begin(s, h) ? -1 : CHANNEL_NO_SUBSYSTEM;
}

static void say_where(struct store *s, const struct ssh *h, bool sftp)
{
	const struct target *t = s->target;
	bool six = strchr(t->host, ':');
	char port[8] = "";

	if (t->port)
		snprintf(port, sizeof port, ":%u", t->port);
	snprintf(s->where, sizeof s->where, "ssh://%s%.40s%s%s, %s over %s%s%.40s", six ? "[" : "",
		 t->host, six ? "]" : "", port, sftp ? "SFTP" : "a shell", h->channel.ops->name,
		 *h->channel.server ? ", " : "", h->channel.server);
}

int ssh_connect(struct store *s)
{
	struct ssh *h = calloc(1, sizeof *h);

	s->own = h;
	if (!h)
		return fail(ERR_MEMORY, "ssh: out of memory");
	h->channel = (struct channel){ .target = s->target, .options = s->options };

	int rc = begin(s, h);

	if (rc < 0) {
		ssh_close(s);
		return -1;
	}
	if (rc == CHANNEL_OPEN) {
		const struct sftp *f = &h->sftp;
		bool large = f->write_max >= 128 << 10;

		s->write_max = f->write_max;
		s->flight_max = large ? 4 << 20 : 64 * f->write_max;
		s->can_sync = f->has_fsync;
		s->sequential = false;
		s->ops = &store_sftp;
	} else {
		s->ops = &store_exec;
	}
	s->in_flight = 0;
	s->committing = 0;
	say_where(s, h, rc == CHANNEL_OPEN);
	return 0;
}

void ssh_close(struct store *s)
{
	struct ssh *h = s->own;

	s->own = NULL;
	s->ops = &store_ssh;
	if (!h)
		return;
	sftp_close(&h->sftp);
	exec_end(h);
	if (h->channel.ops)
		h->channel.ops->close(&h->channel);
	free(h->path);
	free(h);
}

const char *ssh_path(const char *path)
{
	if (strncmp(path, "/~/", 3) == 0 || strcmp(path, "/~") == 0)
		path += path[2] ? 3 : 2;
	while (*path == '/' && path[1] == '/')
		path++;
	return *path ? path : ".";
}

char *ssh_quote(const char *path)
{
	path = ssh_path(path);

	char *quoted = malloc(4 * strlen(path) + 5), *to = quoted;

	if (!quoted) {
		fail(ERR_MEMORY, "ssh: out of memory");
		return NULL;
	}
	if (*path != '/')
		to = stpcpy(to, "./");
	*to++ = '\'';
	for (; *path; path++) {
		if (*path == '\'')
			to = stpcpy(to, "'\\'");
		*to++ = *path;
	}
	strcpy(to, "'");
	return quoted;
}

int ssh_keep_path(struct ssh *h, const char *path)
{
	char *copy = strdup(path);

	if (!copy)
		return fail(ERR_MEMORY, "ssh: out of memory");
	free(h->path);
	h->path = copy;
	h->has_last = false;
	return 0;
}

/* 64 hexadecimal digits, "  -" as for standard input, and blank lines before */
static bool parse_sum(const char *text, uint8_t sum[32])
{
	text += strspn(text, "\n");
	for (int i = 0; i < 32; i++) {
		uint64_t byte;

		if (strlen(text) < 2 || !num_parse(text, 2, 16, &byte))
			return false;
		sum[i] = (uint8_t)byte;
		text += 2;
	}
	return strcmp(text, "  -\n") == 0 || strcmp(text, " *-\n") == 0;
}

int ssh_sha256(struct store *s, const char *path, uint8_t sum[32])
{
	const struct ssh *h = s->own;
	char *quoted = ssh_quote(path), *command = NULL, *text = malloc(64 << 10);
	int rc = -1;

	/* an empty line now and then says that it is still at work */
	if (quoted && asprintf(&command, "while sleep 5 </dev/null >/dev/null 2>&1; do echo; done & "
			       "p=$!; sha256sum <%s; s=$?; kill $p; exit $s", quoted) < 0)
		command = NULL;
	if (command && text)
		rc = channel_run(&h->channel, command, text, 64 << 10);
	else
		fail(ERR_MEMORY, "ssh: out of memory");
	if (rc == 0 && !parse_sum(text, sum))
		rc = 1;
	free(quoted);
	free(command);
	free(text);
	if (rc < 0 && err_code() != ERR_STOPPED && err_code() != ERR_MEMORY) {
		info("sha256sum on the server: %s", err_text());
		rc = 1;
	}
	return rc < 0 ? -1 : rc == 0;
}

const struct store_ops store_ssh = {
	.name = "ssh",
	.connect = ssh_connect,
	.close = ssh_close,
};
