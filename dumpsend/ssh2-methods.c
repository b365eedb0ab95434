/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which algorithms: those that cost this machine the least, as a capture kernel has
 * one processor and SSH is bound by it.
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "hostkey.h"
#include "say.h"
#include "ssh2.h"

enum {
	SAMPLE = 32 << 10,
	ROUNDS = 3,
	LIST_LEN = 512,		/* bytes: more than all of our own lists have */
};

/* names that this libssh2 does not know are left out */
static const struct {
	unsigned type;
	const char *methods;
} key_methods[] = {
	{ HOSTKEY_ED25519, "ssh-ed25519" },
	{ HOSTKEY_ECDSA_256, "ecdsa-sha2-nistp256" },
	{ HOSTKEY_ECDSA_384, "ecdsa-sha2-nistp384" },
	{ HOSTKEY_ECDSA_521, "ecdsa-sha2-nistp521" },
	{ HOSTKEY_RSA, "rsa-sha2-512,rsa-sha2-256,ssh-rsa" },
};

/*
 * libssh2 hands 16 bytes at a time to libcrypto, also in 1.11.1. That makes its GCM dearer
 * than CTR and a MAC (3.1 and 2.6 s of processor for a GiB where both have instructions),
 * and the short key the faster one. Its ChaCha20 (1.11.1) is plain C.
 */
static const char ciphers[] =
	"aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com,"
	"chacha20-poly1305@openssh.com";

static const char macs_256[] =
	"hmac-sha2-256,hmac-sha2-256-etm@openssh.com,"
	"hmac-sha2-512,hmac-sha2-512-etm@openssh.com,hmac-sha1";
static const char macs_512[] =
	"hmac-sha2-512,hmac-sha2-512-etm@openssh.com,"
	"hmac-sha2-256,hmac-sha2-256-etm@openssh.com,hmac-sha1";

/* nanoseconds for one sample, the best of a few; 0 when this hash is not allowed */
static uint64_t hash_time(const EVP_MD *md)
{
	static const uint8_t sample[SAMPLE];
	uint8_t sum[EVP_MAX_MD_SIZE];
	uint64_t best = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct timespec a, b;

		clock_gettime(CLOCK_MONOTONIC, &a);
		if (EVP_Digest(sample, sizeof sample, sum, NULL, md, NULL) != 1)
			return 0;
		clock_gettime(CLOCK_MONOTONIC, &b);

		uint64_t ns = (uint64_t)(b.tv_sec - a.tv_sec) * 1000000000 +
			(uint64_t)b.tv_nsec - (uint64_t)a.tv_nsec;

		if (best == 0 || ns < best)
			best = ns;
	}
	return best;
}

/* SHA-256 is the slower one on 64-bit processors that have no instructions for it */
static const char *cheap_macs(void)
{
	uint64_t t256 = hash_time(EVP_sha256()), t512 = hash_time(EVP_sha512());

	return t512 != 0 && (t256 == 0 || t512 < t256) ? macs_512 : macs_256;
}

static void add_keys(char *list, unsigned types)
{
	for (size_t i = 0; i < sizeof key_methods / sizeof key_methods[0]; i++) {
		size_t used = strlen(list);

		if (types & key_methods[i].type)
			snprintf(list + used, LIST_LEN - used, "%s%s", used > 0 ? "," : "",
				 key_methods[i].methods);
	}
}

static bool is_among(const char *name, size_t len, const char **known, int count)
{
	for (int i = 0; i < count; i++) {
		if (strlen(known[i]) == len && memcmp(known[i], name, len) == 0)
			return true;
	}
	return false;
}

/*
 * Those of list that the library has, in the same order. It would leave the others out
 * itself, but up to 1.11 with a memcpy() onto itself.
 */
static int prefer(struct ssh2 *s, int method, const char *list)
{
	char ours[LIST_LEN] = "";
	const char **known = NULL;
	size_t used = 0;
	int count = libssh2_session_supported_algs(s->session, method, &known), rc = 0;

	for (const char *p = list; count > 0 && *p; p += *p == ',') {
		size_t len = strcspn(p, ",");

		if (is_among(p, len, known, count))
			used += (size_t)snprintf(ours + used, sizeof ours - used, "%s%.*s",
						 used > 0 ? "," : "", (int)len, p);
		p += len;
	}
	if (known)
		libssh2_free(s->session, known);
	if (count < 0)
		return fail(ERR_SYS, "libssh2 %s does not tell its algorithms",
			    libssh2_version(0));
	if (used > 0)
		rc = libssh2_session_method_pref(s->session, method, ours);
	else
		debug("libssh2 %s knows none of %s", libssh2_version(0), list);
	return rc ? fail(ERR_SYS, "libssh2 %s does not take %s", libssh2_version(0), ours) : 0;
}

int ssh2_prefer(struct ssh2 *s, unsigned key_types, bool only)
{
	char keys[LIST_LEN] = "";
	const char *macs = cheap_macs();
	const struct {
		int method;
		const char *list;
	} wishes[] = {
		{ LIBSSH2_METHOD_HOSTKEY, keys },
		{ LIBSSH2_METHOD_CRYPT_CS, ciphers },
		{ LIBSSH2_METHOD_CRYPT_SC, ciphers },
		{ LIBSSH2_METHOD_MAC_CS, macs },
		{ LIBSSH2_METHOD_MAC_SC, macs },
		{ LIBSSH2_METHOD_COMP_CS, "none" },
		{ LIBSSH2_METHOD_COMP_SC, "none" },
	};

	add_keys(keys, key_types);
	if (!only)
		add_keys(keys, HOSTKEY_ALL & ~key_types);
	for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
		if (prefer(s, wishes[i].method, wishes[i].list))
			return -1;
	}
	return 0;
}

const char *ssh2_not_shared(struct ssh2 *s, int error)
{
	/* libssh2 agrees in this order, and remembers how far it came */
	static const struct {
		int method;
		const char *name;
	} order[] = {
		/* both at once: a key exchange may need a certain kind of host key */
		{ LIBSSH2_METHOD_KEX, "type of host key (or key exchange)" },
		{ LIBSSH2_METHOD_CRYPT_CS, "cipher" },
		{ LIBSSH2_METHOD_CRYPT_SC, "cipher" },
		{ LIBSSH2_METHOD_MAC_CS, "MAC" },
		{ LIBSSH2_METHOD_MAC_SC, "MAC" },
		{ LIBSSH2_METHOD_COMP_CS, "compression" },
		{ LIBSSH2_METHOD_COMP_SC, "compression" },
	};

	if (error != LIBSSH2_ERROR_KEX_FAILURE || ssh2_is_lost(s, error))
		return NULL;
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		if (!libssh2_session_methods(s->session, order[i].method))
			return order[i].name;
	}
	return NULL;
}
