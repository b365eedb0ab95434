/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What OpenSSH's client says when it gives up (seen with 9.2; the words are the
 * same since 7.x). It ends with status 255 whatever the reason, so only its
 * words tell what can be mended by waiting from what cannot.
 */
#include <stdio.h>
#include <string.h>

#include "child.h"
#include "say.h"

static const struct meaning {
	const char *words;
	enum err code;
} meanings[] = {
	{ CHILD_NOT_PINNED, ERR_SYS },
	{ "IDENTIFICATION HAS CHANGED", ERR_SYS },
	{ "host key is known for", ERR_SYS },
	{ "host key for ", ERR_SYS },		/* ... has changed, was revoked */
	{ "Host key verification failed", ERR_SYS },
	{ "Permission denied (", ERR_SYS },
	{ "Too many authentication failures", ERR_SYS },
	{ "Unable to negotiate", ERR_SYS },
	{ "no matching ", ERR_SYS },
	{ "Bad configuration option", ERR_SYS },
	{ "Bad owner or permissions", ERR_SYS },
	{ "unsupported option", ERR_SYS },
	{ "command-line", ERR_SYS },
	{ "Name or service not known", ERR_SYS },
	{ "No address associated", ERR_SYS },
	{ "subsystem request failed", ERR_SYS },
	{ "exec request failed", ERR_SYS },
	{ "Temporary failure in name resolution", ERR_AGAIN },
	{ "Connection refused", ERR_AGAIN },
	{ "timed out", ERR_AGAIN },
	{ "not responding", ERR_AGAIN },
	{ "No route to host", ERR_AGAIN },
	{ "Network is unreachable", ERR_AGAIN },
	{ "onnection reset", ERR_AGAIN },
	{ "Connection closed", ERR_AGAIN },
	{ "closed by remote host", ERR_AGAIN },
	{ "Broken pipe", ERR_AGAIN },
};

static const struct meaning *meaning_of(const char *line)
{
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (strstr(line, meanings[i].words))
			return &meanings[i];
	return NULL;
}

static void end_of_line(struct child_said *said)
{
	char text[sizeof said->last];

	channel_clean(text, sizeof text, said->line, said->len);
	said->len = 0;
	if (!*text)
		return;
	info("ssh: %s", text);

	const struct meaning *m = meaning_of(text);

	if (strstr(text, "subsystem request failed"))
		said->no_subsystem = true;
	/* the first that cannot be mended explains the others */
	if (said->code == ERR_SYS)
		return;
	if (m || said->code == ERR_NONE) {
		memcpy(said->last, text, sizeof text);
		said->code = m ? m->code : ERR_NONE;
	}
}

void child_hear(struct child_said *said, const char *buf, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (buf[i] == '\n')
			end_of_line(said);
		else if (said->len < sizeof said->line)
			said->line[said->len++] = buf[i];
	}
	/* the end of all: what has no newline is a line as well */
	if (len == 0)
		end_of_line(said);
}

static bool says(const struct child_said *said, const char *words)
{
	return strstr(said->last, words);
}

int child_fail(const struct child_said *said, const struct target *t, const char *otherwise)
{
	enum err code = said->code == ERR_NONE ? ERR_AGAIN : said->code;
	unsigned port = t->port ? t->port : 22;

	if (says(said, CHILD_NOT_PINNED))
		return fail(ERR_SYS, "%s: %s; if that is right, give it to --host-key", t->host,
			    said->last);
	if (says(said, "HAS CHANGED") || says(said, "host key for "))
		return fail(ERR_SYS, "%s: the host key has changed; if that is right, "
			    "ssh-keygen -R '[%s]:%u' and add the new one", t->host, t->host, port);
	if (says(said, "host key is known for") || says(said, "Host key verification"))
		return fail(ERR_SYS, "%s: the host key is not known; check it and add it: "
			    "ssh-keyscan -p %u %s >>~/.ssh/known_hosts", t->host, port, t->host);
	if (says(said, "Permission denied ("))
		return fail(ERR_SYS, "%s: login refused: %s; is the key in the account's "
			    "authorized_keys?", t->host, said->last);
	if (strncmp(said->last, "ssh: ", 5) == 0)
		return fail(code, "%s: %s", t->host, said->last);
	return fail(code, "%s: ssh: %s", t->host, *said->last ? said->last : otherwise);
}
