/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 (FIPS 180-4), small: kexec-load and the purgatory share it, so that both
 * sides of the comparison are one implementation; dumpmsg signs crashes with it.
 */
#ifndef SHA256_H
#define SHA256_H

#include <stdint.h>

/* puts n blocks of 64 bytes into the state; both are at a multiple of 16 */
typedef void sha256_blocks(uint32_t state[8], const uint8_t *bytes, uint64_t n);
sha256_blocks sha256_portable __attribute__((visibility("hidden")));

/* the digest, as this function makes it of whole blocks; bytes are at a multiple of 16 */
void sha256_by(sha256_blocks *blocks, const uint8_t *bytes, uint64_t len, uint8_t digest[32]);
/* the same, portable; bytes are at a multiple of 4 */
void sha256(const uint8_t *bytes, uint64_t len, uint8_t digest[32]);

/* 64 words that are in every round; for other implementations of sha256_blocks */
extern const uint32_t sha256_constants[64] __attribute__((visibility("hidden"), aligned(16)));

#endif
