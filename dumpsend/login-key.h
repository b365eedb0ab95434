/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file with a private key, as ssh-keygen and openssl write it. */
#ifndef LOGIN_KEY_H
#define LOGIN_KEY_H

#include <stdbool.h>
#include <stddef.h>

struct key {
	char *text;		/* the file, with a NUL behind it */
	size_t len;
	unsigned type;		/* a bit of enum hostkey_type; 0: not known before it is decrypted */
	bool encrypted;
	bool exposed;		/* others may read the file */
};

/* 1; 0: there is no such file; -1 after fail(): it cannot be read, or holds no private key */
int key_load(struct key *k, const char *path);
/* the type, once the passphrase is known; NULL for none */
unsigned key_type(const struct key *k, const char *passphrase);
/* overwrites what it held; accepts a closed one */
void key_close(struct key *k);

#endif
