/* SPDX-License-Identifier: MIT */
/*
 * Included before mtty.c: the device that this makes cannot be saved while it
 * runs, and the kernel steps over the states that it lacks.
 */
#include <linux/vfio.h>

#undef VFIO_MIGRATION_PRE_COPY
#define VFIO_MIGRATION_PRE_COPY 0
