/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VFIO device state interface
 *
 * Generated from spec/vfio-device-state.yaml by "uapigen gen"; do not edit.
 * To regenerate: make gen
 *
 * For drivers, and for programs that want the same answers: no part of the
 * uAPI. Functions look into constant tables, and end whatever they are given.
 *
 * The declarations come from linux/vfio.h in the kernel, elsewhere from
 * vfio_device_state.h. A program that has them from an installed linux/vfio.h
 * defines VFIO_DEVICE_STATE_INSTALLED before it includes this header, which
 * then takes them from there, too.
 */
#ifndef _VFIO_DEVICE_STATE_DRIVER_H
#define _VFIO_DEVICE_STATE_DRIVER_H

#include <linux/errno.h>
#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/vfio.h>
#else
#ifdef VFIO_DEVICE_STATE_INSTALLED
#include <linux/vfio.h>
#else
#include "vfio_device_state.h"
#endif
#endif

/* The index of a state in the tables below, -1 of a number that is none. */
static inline int vfio_device_state_index(__u32 state)
{
	switch (state) {
	case VFIO_DEVICE_STATE_CTL_RUNNING:
		return 0;
	case VFIO_DEVICE_STATE_CTL_RUNNING | VFIO_DEVICE_STATE_CTL_LOGGING:
		return 1;
	case VFIO_DEVICE_STATE_CTL_STOPPED:
		return 2;
	case VFIO_DEVICE_STATE_CTL_STOPPED | VFIO_DEVICE_STATE_CTL_LOGGING:
		return 3;
	default:
		return -1;
	}
}

/**
 * vfio_device_state_has_state() - whether a number is a state
 * @state: the number of the state
 *
 * Return: 1 for a state, else 0.
 */
static inline int vfio_device_state_has_state(__u32 state)
{
	return vfio_device_state_index(state) >= 0;
}

/**
 * vfio_device_state_next_state() - one step towards a requested state
 * @state: the state that the device is in
 * @requested: the state that is asked for
 * @next: where the state after the step is stored; not NULL
 *
 * Every request is carried out in one step.
 *
 * Return: 0 where the request is accepted, -EINVAL where it is refused. Only
 * where it is accepted is anything stored.
 */
static inline int vfio_device_state_next_state(__u32 state, __u32 requested,
					       __u32 *next)
{
	/* The states by their index. */
	static const __u32 states[] = {
		VFIO_DEVICE_STATE_CTL_RUNNING,
		VFIO_DEVICE_STATE_CTL_RUNNING | VFIO_DEVICE_STATE_CTL_LOGGING,
		VFIO_DEVICE_STATE_CTL_STOPPED,
		VFIO_DEVICE_STATE_CTL_STOPPED | VFIO_DEVICE_STATE_CTL_LOGGING,
	};
	/*
	 * The index of the state after one step: a row for each state that the
	 * device is in, in it a column for each state that is asked for, both
	 * by their index. -1 is refused.
	 */
	static const __s8 steps[4][4] = {
		{ 0, 1, 2, 3 }, /* 0 RUNNING */
		{ 0, 1, 2, 3 }, /* 1 RUNNING+LOGGING */
		{ 0, 1, 2, 3 }, /* 2 STOPPED */
		{ 0, 1, 2, 3 }, /* 3 STOPPED+LOGGING */
	};
	int from, to, step;

	from = vfio_device_state_index(state);
	to = vfio_device_state_index(requested);
	if (from < 0 || to < 0)
		return -EINVAL;
	step = steps[from][to];
	if (step < 0)
		return -EINVAL;
	*next = states[step];
	return 0;
}

/**
 * vfio_device_state_check_request() - what becomes of a request for a state
 * @state: the state that the device is in
 * @requested: the state that is asked for
 *
 * Return: 0 where the request is accepted, -EINVAL where it is refused.
 */
static inline int vfio_device_state_check_request(__u32 state, __u32 requested)
{
	__u32 next;

	return vfio_device_state_next_state(state, requested, &next);
}

/**
 * enum vfio_device_state_access - what user space may do with a member
 * @VFIO_DEVICE_STATE_ACCESS_RO: read it
 * @VFIO_DEVICE_STATE_ACCESS_WO: write it
 * @VFIO_DEVICE_STATE_ACCESS_RW: read it and write it
 * @VFIO_DEVICE_STATE_ACCESS_PAD: padding, which reads as zero and must be
 *   written as zero
 */
enum vfio_device_state_access {
	VFIO_DEVICE_STATE_ACCESS_RO,
	VFIO_DEVICE_STATE_ACCESS_WO,
	VFIO_DEVICE_STATE_ACCESS_RW,
	VFIO_DEVICE_STATE_ACCESS_PAD,
};

/**
 * struct vfio_device_state_member - a member of a region
 * @offset: where it begins, in bytes from the start of the region
 * @size: how many bytes it has
 * @access: what user space may do with it
 * @data_cap_flags: the VFIO_DEVICE_DATA_CAP_* flags without which the member
 *   reads as zero and cannot be written
 */
struct vfio_device_state_member {
	__u32 offset;
	__u32 size;
	enum vfio_device_state_access access;
	__u64 data_cap_flags;
};

/*
 * The access map of region CTL, which has the layout of struct
 * vfio_device_state_ctl.
 */
static const struct vfio_device_state_member
vfio_device_state_ctl_members[13] = {
	/* version */
	{ 0, 4, VFIO_DEVICE_STATE_ACCESS_RO, 0 },
	/* device_state */
	{ 4, 4, VFIO_DEVICE_STATE_ACCESS_WO, 0 },
	/* caps */
	{ 8, 4, VFIO_DEVICE_STATE_ACCESS_RO, 0 },
	/* reserved */
	{ 12, 4, VFIO_DEVICE_STATE_ACCESS_PAD, 0 },
	/* device_config.action */
	{ 16, 4, VFIO_DEVICE_STATE_ACCESS_WO, 0 },
	/* device_config.reserved */
	{ 20, 4, VFIO_DEVICE_STATE_ACCESS_PAD, 0 },
	/* device_config.size */
	{ 24, 8, VFIO_DEVICE_STATE_ACCESS_RW, 0 },
	/* device_memory.action */
	{ 32, 4, VFIO_DEVICE_STATE_ACCESS_WO,
	  VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY },
	/* device_memory.reserved */
	{ 36, 4, VFIO_DEVICE_STATE_ACCESS_PAD,
	  VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY },
	/* device_memory.size */
	{ 40, 8, VFIO_DEVICE_STATE_ACCESS_RW,
	  VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY },
	/* device_memory.pos */
	{ 48, 8, VFIO_DEVICE_STATE_ACCESS_WO,
	  VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY },
	/* system_memory.start_addr */
	{ 56, 8, VFIO_DEVICE_STATE_ACCESS_WO,
	  VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY },
	/* system_memory.page_nr */
	{ 64, 8, VFIO_DEVICE_STATE_ACCESS_WO,
	  VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY },
};

#ifdef __KERNEL__
/* The struct is laid out as the map says. */
static_assert(sizeof(struct vfio_device_state_ctl) == 72);
static_assert(offsetof(struct vfio_device_state_ctl, version) == 0);
static_assert(offsetof(struct vfio_device_state_ctl, device_state) == 4);
static_assert(offsetof(struct vfio_device_state_ctl, caps) == 8);
static_assert(offsetof(struct vfio_device_state_ctl, reserved) == 12);
static_assert(offsetof(struct vfio_device_state_ctl,
		       device_config.action) == 16);
static_assert(offsetof(struct vfio_device_state_ctl,
		       device_config.reserved) == 20);
static_assert(offsetof(struct vfio_device_state_ctl, device_config.size) == 24);
static_assert(offsetof(struct vfio_device_state_ctl,
		       device_memory.action) == 32);
static_assert(offsetof(struct vfio_device_state_ctl,
		       device_memory.reserved) == 36);
static_assert(offsetof(struct vfio_device_state_ctl, device_memory.size) == 40);
static_assert(offsetof(struct vfio_device_state_ctl, device_memory.pos) == 48);
static_assert(offsetof(struct vfio_device_state_ctl,
		       system_memory.start_addr) == 56);
static_assert(offsetof(struct vfio_device_state_ctl,
		       system_memory.page_nr) == 64);
#endif

/**
 * vfio_device_state_ctl_access() - whether an access to the region is allowed
 * @data_cap_flags: the VFIO_DEVICE_DATA_CAP_* flags that the device shows
 * @offset: where the access begins, in bytes from the start of the region
 * @size: how many bytes it covers
 * @is_write: 0 for a read, else a write
 *
 * A read covers whole members; those that are write-only give zeros beside
 * others. A write covers one member, or system_memory.start_addr and
 * system_memory.page_nr together. Which values a member takes is not asked
 * here: padding, for one, takes zeros only.
 *
 * Return: 0 where the access is allowed, else -EINVAL.
 */
static inline int vfio_device_state_ctl_access(__u64 data_cap_flags,
					       __u64 offset, __u64 size,
					       int is_write)
{
	const struct vfio_device_state_member *m;
	__u64 covered = 0;
	int count = 0;
	int readable = 0;
	int writable = 1;
	int i;

	m = vfio_device_state_ctl_members;
	for (i = 0; i < 13; i++, m++) {
		if (m->offset < offset || m->offset - offset > size ||
		    m->size > size - (m->offset - offset))
			continue;
		covered += m->size;
		count++;
		switch (m->access) {
		case VFIO_DEVICE_STATE_ACCESS_RO:
			readable = 1;
			writable = 0;
			break;
		case VFIO_DEVICE_STATE_ACCESS_WO:
			break;
		default:
			readable = 1;
			break;
		}
		if (m->data_cap_flags & ~data_cap_flags)
			writable = 0;
	}
	if (!count || covered != size)
		return -EINVAL;
	if (!is_write)
		return readable ? 0 : -EINVAL;
	if (count > 1 &&
	    !(offset == 56 && size == 16))
		return -EINVAL;
	return writable ? 0 : -EINVAL;
}

#endif /* _VFIO_DEVICE_STATE_DRIVER_H */
