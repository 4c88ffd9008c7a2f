/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VFIO migration by a region
 *
 * Generated from spec/vfio-migration-v1.yaml by "uapigen gen"; do not edit.
 * To regenerate: make gen
 *
 * For drivers, and for programs that want the same answers: no part of the
 * uAPI. Functions look into constant tables, and end whatever they are given.
 *
 * The declarations come from linux/vfio.h in the kernel, elsewhere from
 * vfio_migration_v1.h. A program that has them from an installed linux/vfio.h
 * defines VFIO_MIGRATION_V1_INSTALLED before it includes this header, which
 * then takes them from there, too.
 */
#ifndef _VFIO_MIGRATION_V1_DRIVER_H
#define _VFIO_MIGRATION_V1_DRIVER_H

#include <linux/errno.h>
#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/vfio.h>
#else
#ifdef VFIO_MIGRATION_V1_INSTALLED
#include <linux/vfio.h>
#else
#include "vfio_migration_v1.h"
#endif
#endif

/* The index of a state in the tables below, -1 of a number that is none. */
static inline int vfio_migration_v1_index(__u32 state)
{
	switch (state & VFIO_DEVICE_STATE_MASK) {
	case VFIO_DEVICE_STATE_V1_STOP:
		return 0;
	case VFIO_DEVICE_STATE_V1_RUNNING:
		return 1;
	case VFIO_DEVICE_STATE_V1_SAVING:
		return 2;
	case VFIO_DEVICE_STATE_V1_RUNNING | VFIO_DEVICE_STATE_V1_SAVING:
		return 3;
	case VFIO_DEVICE_STATE_V1_RESUMING:
		return 4;
	case VFIO_DEVICE_STATE_V1_SAVING | VFIO_DEVICE_STATE_V1_RESUMING:
		return 5;
	default:
		return -1;
	}
}

/**
 * vfio_migration_v1_has_state() - whether a number is a state
 * @state: the number of the state
 *
 * Return: 1 for a state, else 0.
 */
static inline int vfio_migration_v1_has_state(__u32 state)
{
	return vfio_migration_v1_index(state) >= 0;
}

/**
 * vfio_migration_v1_is_error_state() - whether a state is an error state
 * @state: the number of the state
 *
 * The driver enters it when something goes wrong; it cannot be requested.
 *
 * Return: 1 for an error state, else 0.
 */
static inline int vfio_migration_v1_is_error_state(__u32 state)
{
	switch (state & VFIO_DEVICE_STATE_MASK) {
	case VFIO_DEVICE_STATE_V1_SAVING | VFIO_DEVICE_STATE_V1_RESUMING:
		return 1;
	default:
		return 0;
	}
}

/**
 * vfio_migration_v1_next_state() - one step towards a requested state
 * @state: the state that the device is in
 * @requested: the state that is asked for
 * @next: where the state after the step is stored; not NULL
 *
 * Every request is carried out in one step.
 *
 * Bits that no state is made of are not looked at in @state; those of
 * @requested are kept in @next.
 *
 * Return: 0 where the request is accepted, -EINVAL where it is refused,
 * -EOPNOTSUPP where the interface leaves open what becomes of it: the driver
 * decides. Only where it is accepted is anything stored.
 */
static inline int vfio_migration_v1_next_state(__u32 state, __u32 requested,
					       __u32 *next)
{
	/* The states by their index. */
	static const __u32 states[] = {
		VFIO_DEVICE_STATE_V1_STOP,
		VFIO_DEVICE_STATE_V1_RUNNING,
		VFIO_DEVICE_STATE_V1_SAVING,
		VFIO_DEVICE_STATE_V1_RUNNING | VFIO_DEVICE_STATE_V1_SAVING,
		VFIO_DEVICE_STATE_V1_RESUMING,
		VFIO_DEVICE_STATE_V1_SAVING | VFIO_DEVICE_STATE_V1_RESUMING,
	};
	/*
	 * The index of the state after one step: a row for each state that the
	 * device is in, in it a column for each state that is asked for, both
	 * by their index. -1 is refused, -2 left open.
	 */
	static const __s8 steps[6][6] = {
		{ -2, -2, -2, -2, -2, -1 }, /* 0 STOP */
		{  0, -2,  2,  3,  4, -1 }, /* 1 RUNNING */
		{  0, -2, -2, -2, -2, -1 }, /* 2 STOP_AND_COPY */
		{ -2, -2,  2, -2, -2, -1 }, /* 3 PRE_COPY */
		{ -2,  1, -2, -2, -2, -1 }, /* 4 RESUMING */
		{ -2, -2, -2, -2, -2, -1 }, /* 5 ERROR */
	};
	int from, to, step;

	from = vfio_migration_v1_index(state);
	to = vfio_migration_v1_index(requested);
	if (from < 0 || to < 0)
		return -EINVAL;
	step = steps[from][to];
	if (step == -2)
		return -EOPNOTSUPP;
	if (step < 0)
		return -EINVAL;
	*next = states[step] | (requested & ~VFIO_DEVICE_STATE_MASK);
	return 0;
}

/**
 * vfio_migration_v1_check_request() - what becomes of a request for a state
 * @state: the state that the device is in
 * @requested: the state that is asked for
 *
 * Return: 0 where the request is accepted, -EINVAL where it is refused,
 * -EOPNOTSUPP where the interface leaves open what becomes of it: the driver
 * decides.
 */
static inline int vfio_migration_v1_check_request(__u32 state, __u32 requested)
{
	__u32 next;

	return vfio_migration_v1_next_state(state, requested, &next);
}

/**
 * enum vfio_migration_v1_access - what user space may do with a member
 * @VFIO_MIGRATION_V1_ACCESS_RO: read it
 * @VFIO_MIGRATION_V1_ACCESS_RW: read it and write it
 * @VFIO_MIGRATION_V1_ACCESS_ANY: padding, which may have any value
 */
enum vfio_migration_v1_access {
	VFIO_MIGRATION_V1_ACCESS_RO,
	VFIO_MIGRATION_V1_ACCESS_RW,
	VFIO_MIGRATION_V1_ACCESS_ANY,
};

/**
 * struct vfio_migration_v1_member - a member of a region
 * @offset: where it begins, in bytes from the start of the region
 * @size: how many bytes it has
 * @access: what user space may do with it
 */
struct vfio_migration_v1_member {
	__u32 offset;
	__u32 size;
	enum vfio_migration_v1_access access;
};

/*
 * The access map of region MIGRATION_DEPRECATED, which has the layout of struct
 * vfio_device_migration_info.
 */
static const struct vfio_migration_v1_member
vfio_migration_v1_migration_deprecated_members[5] = {
	/* device_state */
	{ 0, 4, VFIO_MIGRATION_V1_ACCESS_RW },
	/* reserved */
	{ 4, 4, VFIO_MIGRATION_V1_ACCESS_ANY },
	/* pending_bytes */
	{ 8, 8, VFIO_MIGRATION_V1_ACCESS_RO },
	/* data_offset */
	{ 16, 8, VFIO_MIGRATION_V1_ACCESS_RO },
	/* data_size */
	{ 24, 8, VFIO_MIGRATION_V1_ACCESS_RW },
};

#ifdef __KERNEL__
/* The struct is laid out as the map says. */
static_assert(sizeof(struct vfio_device_migration_info) == 32);
static_assert(offsetof(struct vfio_device_migration_info, device_state) == 0);
static_assert(offsetof(struct vfio_device_migration_info, reserved) == 4);
static_assert(offsetof(struct vfio_device_migration_info, pending_bytes) == 8);
static_assert(offsetof(struct vfio_device_migration_info, data_offset) == 16);
static_assert(offsetof(struct vfio_device_migration_info, data_size) == 24);
#endif

/**
 * vfio_migration_v1_migration_deprecated_access() - whether an access to the
 *   region is allowed
 * @offset: where the access begins, in bytes from the start of the region
 * @size: how many bytes it covers
 * @is_write: 0 for a read, else a write
 *
 * A read covers whole members. A write covers one member. Which values a member
 * takes is not asked here.
 *
 * Return: 0 where the access is allowed, else -EOPNOTSUPP: the interface leaves
 * it open, and the driver decides.
 */
static inline int vfio_migration_v1_migration_deprecated_access(__u64 offset,
								__u64 size,
								int is_write)
{
	const struct vfio_migration_v1_member *m;
	__u64 covered = 0;
	int count = 0;
	int writable = 1;
	int i;

	m = vfio_migration_v1_migration_deprecated_members;
	for (i = 0; i < 5; i++, m++) {
		if (m->offset < offset || m->offset - offset > size ||
		    m->size > size - (m->offset - offset))
			continue;
		covered += m->size;
		count++;
		switch (m->access) {
		case VFIO_MIGRATION_V1_ACCESS_RO:
			writable = 0;
			break;
		default:
			break;
		}
	}
	if (!count || covered != size)
		return -EOPNOTSUPP;
	if (!is_write)
		return 0;
	if (count > 1)
		return -EOPNOTSUPP;
	return writable ? 0 : -EOPNOTSUPP;
}

#endif /* _VFIO_MIGRATION_V1_DRIVER_H */
