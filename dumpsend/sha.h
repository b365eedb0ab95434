/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 of bytes as they come: libcrypto's, which is quicker, where SSH needs libcrypto
 * anyway; else the one of lib/, so that a dumpsend without SSH is small.
 */
#ifndef SHA_H
#define SHA_H

#include <stddef.h>
#include <stdint.h>

enum { SHA_SIZE = 32 };

/*
 * To be called before anything that uses libcrypto: without the memory for what it shares
 * by default, libcrypto 3.0 does not fail, but crashes at its first use. 0 or -1.
 */
int sha_start(void);

/* NULL: ERR_MEMORY; to be closed by sha_close() */
void *sha_open(void);
/* -1: ERR_MEMORY */
int sha_add(void *sha, const void *buf, size_t len);
/* the digest of all that was added, once: 1, or 0 when it cannot be had */
int sha_end(void *sha, uint8_t sum[SHA_SIZE]);
/* NULL is allowed */
void sha_close(void *sha);

#endif
