/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders on a store: what a delivery and a probe share. */
#ifndef LANDING_H
#define LANDING_H

#include "store.h"

/* the folder that path lies in, to be freed; NULL: it has none worth making, or no memory */
char *landing_folder(const char *path);

/* makes the folders above path that are not there yet: 0 or -1 */
int landing_make_folders(struct store *s, const char *path);

#endif
