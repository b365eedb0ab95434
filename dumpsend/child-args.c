/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ssh program's words. The user's own come first: of two settings ssh takes
 * the first. What comes from the target or from options must not become another
 * option, nor, by way of the "%h" and "%r" of somebody's ssh_config, a command.
 *
 * A pinned key (--host-key) is held by KnownHostsCommand (since OpenSSH 8.5; older
 * ones refuse the word and end): ssh asks it for the keys that are known, and it
 * knows the key that the server has just shown, if and only if its fingerprint is
 * the pinned one. No other list of keys is read then.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "err.h"
#include "target.h"

enum { FINGERPRINT = 43 };	/* base64 of a SHA-256 without padding */

static void add(struct args *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct args *a, const char *fmt, ...)
{
	va_list ap;

	if (a->count == ARGS_MAX) {
		a->bad = true;
		return;
	}
	va_start(ap, fmt);
	if (vasprintf(&a->word[a->count], fmt, ap) < 0) {
		a->word[a->count] = NULL;
		a->bad = true;
	} else {
		a->count++;
	}
	va_end(ap);
}

static void add_words(struct args *a, const char *text)
{
	static const char blanks[] = " \t\n";

	for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
		size_t len = strcspn(text, blanks);

		add(a, "%.*s", (int)len, text);
		text += len;
	}
}

/* -o NAME="value", where ssh would split at blanks and expand "%" */
static void add_file(struct args *a, const char *name, const char *path)
{
	char *quoted = malloc(2 * strlen(path) + 1), *to = quoted;

	if (!quoted || strpbrk(path, "\"\\\n") || strstr(path, "${")) {
		a->bad_path = quoted ? path : NULL;
		a->bad = true;
		free(quoted);
		return;
	}
	for (const char *p = path; *p; p++) {
		if (*p == '%')
			*to++ = '%';
		*to++ = *p;
	}
	*to = '\0';
	/* a "~" that the shell has left alone is a file's name */
	add(a, "-o");
	add(a, "%s=\"%s%s\"", name, *path == '~' ? "./" : "", quoted);
	free(quoted);
}

static int check_fingerprint(const char *key)
{
	static const char prefix[] = "SHA256:";
	size_t n = sizeof prefix - 1;

	if (strncmp(key, prefix, n) != 0 || strlen(key) != n + FINGERPRINT ||
	    strspn(key + n, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") !=
		    FINGERPRINT)
		return fail(ERR_USAGE, "%s: not a fingerprint as ssh-keygen -l prints it: "
			    "SHA256: and 43 letters", key);
	return 0;
}

static void add_host_key(struct args *a, const struct store_options *o)
{
	if (!o->host_key) {
		if (o->known_hosts) {
			add_file(a, "UserKnownHostsFile", o->known_hosts);
			add(a, "-oGlobalKnownHostsFile=/dev/null");
		}
		return;
	}
	add(a, "-oUserKnownHostsFile=/dev/null");
	add(a, "-oGlobalKnownHostsFile=/dev/null");
	add(a, "-oVerifyHostKeyDNS=no");
	add(a, "-oCheckHostIP=no");
	/* a connection that is shared was checked by other rules */
	add(a, "-oControlPath=none");
	add(a, "-oKnownHostsCommand=/bin/sh -c \"case $1 in NONE) ;; %s) echo \\\"$2 $3 $4\\\" ;; "
	       "*) echo \\\"" CHILD_NOT_PINNED "$1 ($3)\\\" >&2 ;; esac\" sh %%f %%H %%t %%K",
	    o->host_key);
}

static void add_options(struct args *a, const struct target *t, const struct store_options *o)
{
	uint64_t connect_s = o->connect_ms / 1000, alive_s = o->silence_ms / 3000;

	add(a, "-oBatchMode=%s", o->interactive ? "no" : "yes");
	add(a, "-oStrictHostKeyChecking=yes");
	add(a, "-oUpdateHostKeys=no");
	add(a, "-oConnectTimeout=%u", connect_s > 0 ? (unsigned)connect_s : 1);
	add(a, "-oServerAliveInterval=%u", alive_s > 0 ? (unsigned)alive_s : 1);
	add(a, "-oServerAliveCountMax=3");
	add(a, "-oClearAllForwardings=yes");
	add(a, "-oForwardAgent=no");
	add(a, "-oForwardX11=no");
	add(a, "-oPermitLocalCommand=no");
	add(a, "-oRemoteCommand=none");
	add(a, "-oRequestTTY=no");
	add_host_key(a, o);
	if (o->identities && o->identities[0])
		add(a, "-oIdentitiesOnly=yes");
	for (const char *const *id = o->identities; id && *id; id++)
		add_file(a, "IdentityFile", *id);
	if (t->port)
		add(a, "-p%u", t->port);
	if (t->user)
		add(a, "-l%s", t->user);
}

/* bytes that no shell and no ssh_config takes for anything but themselves */
static int check_names(const struct target *t)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	size_t n = strspn(t->host, letters);

	while (t->host[n] && strchr(".:%_-", t->host[n]))
		n += 1 + strspn(t->host + n + 1, letters);
	if (t->host[n] || t->host[0] == '-' || t->host[0] == '\0')
		return fail(ERR_USAGE, "%s: not a host's name", t->text);
	if (!t->user)
		return 0;
	if (t->user[0] == '-' || t->user[0] == '\0' || strpbrk(t->user, "'`\"$\\;&<>|(){} \t\n"))
		return fail(ERR_USAGE, "%s: not a user's name that the ssh program takes",
			    t->text);
	return 0;
}

int args_make(struct args *a, const struct channel *c, const char *subsystem,
	      const char *command)
{
	const struct store_options *o = c->options;
	const struct target *t = c->target;
	const char *program = o->ssh_program && *o->ssh_program ? o->ssh_program : "ssh";

	*a = (struct args){ 0 };
	if (check_names(t) || (o->host_key && check_fingerprint(o->host_key)))
		return -1;
	add_words(a, program);
	if (a->count == 0 && !a->bad)
		return fail(ERR_USAGE, "--ssh-program: no program");
	add_options(a, t, o);
	if (c->key_types)
		add(a, "-oHostKeyAlgorithms=%s", c->key_types);
	if (subsystem)
		add(a, "-s");
	add(a, "--");
	add(a, "%s", t->host);
	add(a, "%s", subsystem ? subsystem : command);
	if (!a->bad)
		return 0;
	args_free(a);
	if (a->bad_path)
		return fail(ERR_USAGE, "%s: the ssh program takes no file of such a name",
			    a->bad_path);
	return fail(ERR_MEMORY, "ssh: out of memory, or too many options");
}

void args_free(struct args *a)
{
	while (a->count > 0) {
		free(a->word[--a->count]);
		a->word[a->count] = NULL;
	}
}
