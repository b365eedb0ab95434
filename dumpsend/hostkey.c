/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "hostkey.h"
#include "say.h"

enum {
	SHA256_LEN = 32,
	FINGERPRINT_CHARS = 43,		/* of base64, without the "=" at the end */
};

/* what is done with each good line that speaks of the host */
struct visitor {
	void (*line)(struct visitor *v, const struct hostkey_line *l, const char *file,
		     unsigned number);
	unsigned types;
	const uint8_t *key;
	size_t key_len;
	struct hostkey_found *found;
};

/* one line without its newline: its length, -1 at the end; a longer one is passed over */
static ssize_t read_line(FILE *in, char *line, bool *too_long)
{
	size_t n = 0;
	int c;

	*too_long = false;
	while ((c = getc_unlocked(in)) != EOF && c != '\n') {
		if (n < HOSTKEY_LINE)
			line[n++] = (char)c;
		else
			*too_long = true;
	}
	return c == EOF && n == 0 ? -1 : (ssize_t)n;
}

static int read_lines(FILE *in, const char *path, const struct hostkey_search *search,
		      struct visitor *v)
{
	char line[HOSTKEY_LINE];
	struct hostkey_line l;
	bool too_long;
	ssize_t n;

	for (unsigned number = 1; (n = read_line(in, line, &too_long)) >= 0; number++) {
		int got = too_long ? -1 : hostkey_parse(line, (size_t)n, &l);

		if (got < 0)
			debug("%s line %u is not understood", path, number);
		else if (got > 0 && hostkey_matches(&l, search->host, search->port))
			v->line(v, &l, path, number);
	}
	return ferror(in) ? fail_sys("%s: read", path) : 0;
}

/* needed: the user has named it */
static int read_file(const char *path, bool needed, const struct hostkey_search *search,
		     struct visitor *v)
{
	FILE *in = fopen(path, "re");
	int rc;

	if (!in && !needed) {
		if (errno != ENOENT && errno != ENOTDIR)
			warn("%s: %s", path, strerror(errno));
		return 0;
	}
	if (!in)
		return fail_sys("%s: open", path);
	rc = read_lines(in, path, search, v);
	fclose(in);
	return rc;
}

/* in an initramfs nobody may have set HOME */
static void users_file(char *path, size_t size)
{
	const char *home = getenv("HOME");

	snprintf(path, size, "%s/.ssh/known_hosts", home && *home ? home : "/root");
}

static int read_all(const struct hostkey_search *search, struct visitor *v)
{
	char path[256];

	if (search->file)
		return read_file(search->file, true, search, v);
	users_file(path, sizeof path);
	if (read_file(path, false, search, v))
		return -1;
	return read_file("/etc/ssh/ssh_known_hosts", false, search, v);
}

static void note_type(struct visitor *v, const struct hostkey_line *l, const char *file,
		      unsigned number)
{
	(void)file;
	(void)number;
	if (l->marker == HOSTKEY_PLAIN)
		v->types |= hostkey_type(l->key, l->key_len);
}

int hostkey_types(const struct hostkey_search *search, unsigned *types)
{
	struct visitor v = { .line = note_type };

	struct hostkey_search plain = *search;

	plain.port = HOSTKEY_PORT;
	if (read_all(search, &v) || (!v.types && read_all(&plain, &v)))
		return -1;
	*types = v.types;
	return 0;
}

static void compare(struct visitor *v, const struct hostkey_line *l, const char *file,
		    unsigned number)
{
	bool same = l->key_len == v->key_len && memcmp(l->key, v->key, v->key_len) == 0;
	unsigned type = hostkey_type(l->key, l->key_len);
	struct hostkey_found *f = v->found;
	enum hostkey_verdict verdict;

	if (l->marker == HOSTKEY_REVOKED_MARK && same)
		verdict = HOSTKEY_REVOKED;
	else if (l->marker != HOSTKEY_PLAIN)
		return;
	else if (same)
		verdict = HOSTKEY_KNOWN;
	else if (type == hostkey_type(v->key, v->key_len))
		verdict = HOSTKEY_CHANGED;
	else
		return;

	/* a host may have several keys of a type; one that is revoked stays so */
	if (f->verdict == HOSTKEY_REVOKED || f->verdict == verdict)
		return;
	if (f->verdict == HOSTKEY_KNOWN && verdict == HOSTKEY_CHANGED)
		return;
	f->verdict = verdict;
	f->line = number;
	snprintf(f->file, sizeof f->file, "%s", file);
}

int hostkey_judge(const struct hostkey_search *search, const uint8_t *key, size_t len,
		  struct hostkey_found *found)
{
	struct visitor v = { .line = compare, .key = key, .key_len = len, .found = found };

	struct hostkey_search plain = *search;
	struct hostkey_found first;

	*found = (struct hostkey_found){ .verdict = HOSTKEY_UNKNOWN };
	if (search->file)
		snprintf(found->file, sizeof found->file, "%s", search->file);
	else
		users_file(found->file, sizeof found->file);
	if (read_all(search, &v))
		return -1;
	if (found->verdict != HOSTKEY_UNKNOWN || search->port == HOSTKEY_PORT)
		return 0;
	/* no line for this port: as ssh does, the host's own key will do; another one tells nothing */
	plain.port = HOSTKEY_PORT;
	first = *found;
	if (read_all(&plain, &v))
		return -1;
	if (found->verdict == HOSTKEY_CHANGED)
		*found = first;
	return 0;
}

int hostkey_fingerprint(const uint8_t *key, size_t len, char text[HOSTKEY_FINGERPRINT])
{
	uint8_t sum[SHA256_LEN], base64[48];

	if (EVP_Digest(key, len, sum, NULL, EVP_sha256(), NULL) != 1)
		return fail(ERR_SYS, "libcrypto has no SHA-256");
	EVP_EncodeBlock(base64, sum, sizeof sum);
	snprintf(text, HOSTKEY_FINGERPRINT, "SHA256:%.*s", FINGERPRINT_CHARS,
		 (const char *)base64);
	return 0;
}

static const char fingerprint_kind[] = "SHA256:";

bool hostkey_pin_valid(const char *pin)
{
	size_t kind = strlen(fingerprint_kind), n;

	if (strncmp(pin, fingerprint_kind, kind) != 0)
		return false;
	pin += kind;
	n = strspn(pin, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
	return n == FINGERPRINT_CHARS && (pin[n] == '\0' || strcmp(pin + n, "=") == 0);
}

bool hostkey_pin_matches(const char *pin, const char *fingerprint)
{
	size_t n = strlen(fingerprint_kind) + FINGERPRINT_CHARS;

	return hostkey_pin_valid(pin) && hostkey_pin_valid(fingerprint) &&
		memcmp(pin, fingerprint, n) == 0;
}
