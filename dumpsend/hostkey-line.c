/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of a known_hosts file: [@MARKER] HOSTS TYPE BASE64 [COMMENT].
 *
 * HOSTS is a list of patterns with commas between them, or one hashed name:
 * "|1|BASE64 of 20 bytes of salt|BASE64 of HMAC-SHA1(salt, name)". The base64 holds the
 * key as it goes over the wire, with its type in front (RFC 4253, section 6.6).
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "cursor.h"
#include "hostkey.h"

enum {
	SSH_PORT = 22,
	HASH_LEN = 20,		/* bytes of SHA-1, and of its salt */
	NAME_LEN = 300,		/* a host name has 255 at most; brackets, port */
	TYPE_LEN = 64,
};

static const struct {
	unsigned bit;
	const char *name;
} types[] = {
	{ HOSTKEY_ED25519, "ssh-ed25519" },
	{ HOSTKEY_ECDSA_256, "ecdsa-sha2-nistp256" },
	{ HOSTKEY_ECDSA_384, "ecdsa-sha2-nistp384" },
	{ HOSTKEY_ECDSA_521, "ecdsa-sha2-nistp521" },
	{ HOSTKEY_RSA, "ssh-rsa" },
};

/* the first string of a key on the wire: its type; NULL when it is cut */
static const uint8_t *type_in(const uint8_t *key, size_t len, size_t *type_len)
{
	struct cursor c = cursor_over(key, len, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

	*type_len = cursor_u32(&c);
	return cursor_ok(&c) ? cursor_take(&c, *type_len) : NULL;
}

unsigned hostkey_type(const uint8_t *key, size_t len)
{
	size_t n;
	const uint8_t *type = type_in(key, len, &n);

	for (size_t i = 0; type && i < sizeof types / sizeof types[0]; i++) {
		if (n == strlen(types[i].name) && memcmp(type, types[i].name, n) == 0)
			return types[i].bit;
	}
	return 0;
}

const char *hostkey_type_name(unsigned type)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (type == types[i].bit)
			return types[i].name;
	}
	return "unknown type";
}

/* the next word, and *text and *len behind it; its length, 0 when there is none */
static size_t next_word(const char **text, size_t *len, const char **word)
{
	size_t n = 0;

	while (*len > 0 && (**text == ' ' || **text == '\t')) {
		(*text)++;
		(*len)--;
	}
	*word = *text;
	while (n < *len && (*text)[n] != ' ' && (*text)[n] != '\t')
		n++;
	*text += n;
	*len -= n;
	return n;
}

/* all of text, with its padding: how many bytes it is, or -1 */
static int decode(uint8_t *to, size_t size, const char *text, size_t len)
{
	size_t pad = 0;

	if (len == 0 || len % 4 != 0 || len / 4 * 3 > size)
		return -1;
	while (pad < 2 && text[len - 1 - pad] == '=')
		pad++;
	/* the library would let white space, "-" and "=" in the middle pass */
	for (size_t i = 0; i < len - pad; i++) {
		char c = text[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		      (c >= '0' && c <= '9') || c == '+' || c == '/'))
			return -1;
	}
	if (EVP_DecodeBlock(to, (const uint8_t *)text, (int)len) != (int)(len / 4 * 3))
		return -1;
	return (int)(len / 4 * 3 - pad);
}

int hostkey_parse(const char *text, size_t len, struct hostkey_line *l)
{
	const char *word;
	const uint8_t *inner;
	size_t n, inner_len;
	int key_len;

	l->marker = HOSTKEY_PLAIN;
	l->hosts_len = l->key_len = 0;
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	n = next_word(&text, &len, &word);
	if (n == 0 || word[0] == '#')
		return 0;
	if (word[0] == '@') {
		if (n == strlen("@revoked") && memcmp(word, "@revoked", n) == 0)
			l->marker = HOSTKEY_REVOKED_MARK;
		else if (n == strlen("@cert-authority") &&
			 memcmp(word, "@cert-authority", n) == 0)
			l->marker = HOSTKEY_CA_MARK;
		else
			return -1;
		n = next_word(&text, &len, &word);
	}
	l->hosts = word;
	l->hosts_len = n;

	const char *type;
	size_t type_len = next_word(&text, &len, &type);

	n = next_word(&text, &len, &word);
	if (n == 0 || type_len > TYPE_LEN)
		return -1;
	key_len = decode(l->key, sizeof l->key, word, n);
	if (key_len < 0)
		return -1;
	l->key_len = (size_t)key_len;
	inner = type_in(l->key, l->key_len, &inner_len);
	return inner && inner_len == type_len && memcmp(inner, type, type_len) == 0 ? 1 : -1;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* "*" any run, "?" any byte; case does not count. At most len * strlen(name) steps */
static bool glob(const char *pattern, size_t len, const char *name)
{
	size_t p = 0, star = len;	/* the last "*" met, and where its run ends now */
	const char *run = NULL;

	while (*name) {
		if (p < len && pattern[p] == '*') {
			star = p++;
			run = name;
		} else if (p < len &&
			   (pattern[p] == '?' || lower(pattern[p]) == lower(*name))) {
			p++;
			name++;
		} else if (run) {
			p = star + 1;
			name = ++run;
		} else {
			return false;
		}
	}
	while (p < len && pattern[p] == '*')
		p++;
	return p == len;
}

/* "|1|SALT|HASH" */
static bool hash_matches(const char *text, size_t len, const char *name)
{
	uint8_t salt[2 * HASH_LEN], hash[2 * HASH_LEN], ours[EVP_MAX_MD_SIZE];
	unsigned ours_len = 0;
	const char *bar;

	if (len < 3 || memcmp(text, "|1|", 3) != 0)
		return false;
	text += 3;
	len -= 3;
	bar = memchr(text, '|', len);
	if (!bar || decode(salt, sizeof salt, text, (size_t)(bar - text)) != HASH_LEN)
		return false;
	if (decode(hash, sizeof hash, bar + 1, len - (size_t)(bar + 1 - text)) != HASH_LEN)
		return false;
	if (!HMAC(EVP_sha1(), salt, HASH_LEN, (const uint8_t *)name, strlen(name), ours,
		  &ours_len))
		return false;
	return ours_len == HASH_LEN && memcmp(ours, hash, HASH_LEN) == 0;
}

/* as the file has it, in small letters, as ssh hashes it; false when it is too long */
static bool name_of(char *name, const char *host, uint16_t port)
{
	int n = port == SSH_PORT ? snprintf(name, NAME_LEN, "%s", host) :
		snprintf(name, NAME_LEN, "[%s]:%u", host, port);

	if (n < 0 || n >= NAME_LEN)
		return false;
	for (char *p = name; *p; p++)
		*p = lower(*p);
	return true;
}

bool hostkey_matches(const struct hostkey_line *l, const char *host, uint16_t port)
{
	const char *p = l->hosts, *end = l->hosts + l->hosts_len;
	char name[NAME_LEN];
	bool found = false;

	if (l->hosts_len == 0 || !name_of(name, host, port))
		return false;
	if (*p == '|')
		return hash_matches(p, l->hosts_len, name);
	while (p < end) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		const char *stop = comma ? comma : end;
		bool not = *p == '!';

		p += not;
		if (p < stop && glob(p, (size_t)(stop - p), name)) {
			/* one that is excluded stays so, whatever else the line says */
			if (not)
				return false;
			found = true;
		}
		p = comma ? comma + 1 : end;
	}
	return found;
}
