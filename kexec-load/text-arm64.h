/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where an arm64 kernel's own image is. */
#ifndef TEXT_ARM64_H
#define TEXT_ARM64_H

#include "range.h"

/*
 * Physical addresses, .at the virtual one of its first byte; empty where the kernel does
 * not tell. -1 after fail().
 */
int text_arm64(struct range *text, const char *root);

#endif
