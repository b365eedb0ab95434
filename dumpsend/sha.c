/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "err.h"
#include "sha.h"

#ifdef HAVE_ssh
#include <openssl/crypto.h>
#include <openssl/evp.h>

int sha_start(void)
{
	return OSSL_LIB_CTX_get0_global_default() ? 0 : fail(ERR_MEMORY, "libcrypto: out of memory");
}

void *sha_open(void)
{
	EVP_MD_CTX *sha = EVP_MD_CTX_new();

	if (sha && EVP_DigestInit_ex(sha, EVP_sha256(), NULL) == 1)
		return sha;
	EVP_MD_CTX_free(sha);
	fail(ERR_MEMORY, "SHA-256: cannot be begun");
	return NULL;
}

int sha_add(void *sha, const void *buf, size_t len)
{
	return EVP_DigestUpdate(sha, buf, len) == 1 ? 0 :
	       fail(ERR_MEMORY, "SHA-256: cannot go on");
}

int sha_end(void *sha, uint8_t sum[SHA_SIZE])
{
	unsigned len;

	return EVP_DigestFinal_ex(sha, sum, &len) == 1 && len == SHA_SIZE;
}

void sha_close(void *sha)
{
	EVP_MD_CTX_free(sha);
}
#else
#include <stdlib.h>
#include <string.h>

#include "sha256.h"

struct sha {
	_Alignas(16) uint32_t state[8];
	_Alignas(16) uint8_t block[64];
	uint64_t len;		/* bytes that were added; len % 64 of them are in the block */
};

int sha_start(void)
{
	return 0;
}

void *sha_open(void)
{
	struct sha *s = malloc(sizeof *s);

	if (!s) {
		fail_sys("SHA-256");
		return NULL;
	}
	/* the first 32 bits of the fractional parts of the roots of 2, 3, 5, ... 19 */
	*s = (struct sha){ .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
				      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 } };
	return s;
}

int sha_add(void *sha, const void *buf, size_t len)
{
	struct sha *s = sha;
	const uint8_t *bytes = buf;

	while (len > 0) {
		size_t have = s->len % sizeof s->block;
		size_t n = sizeof s->block - have;

		if (n > len)
			n = len;
		memcpy(s->block + have, bytes, n);
		s->len += n;
		bytes += n;
		len -= n;
		if (have + n == sizeof s->block)
			sha256_portable(s->state, s->block, 1);
	}
	return 0;
}

int sha_end(void *sha, uint8_t sum[SHA_SIZE])
{
	static const uint8_t padding[sizeof ((struct sha *)0)->block] = { 0x80 };
	struct sha *s = sha;
	uint64_t bits = s->len * 8;
	uint8_t length[8];

	for (unsigned i = 0; i < sizeof length; i++)
		length[i] = (uint8_t)(bits >> (8 * (sizeof length - 1 - i)));
	/* 1 to 64 bytes, so that the length ends a block */
	sha_add(s, padding, sizeof padding - (s->len + sizeof length) % sizeof padding);
	sha_add(s, length, sizeof length);
	for (unsigned i = 0; i < SHA_SIZE; i++)
		sum[i] = (uint8_t)(s->state[i / 4] >> (24 - 8 * (i % 4)));
	return 1;
}

void sha_close(void *sha)
{
	free(sha);
}
#endif
