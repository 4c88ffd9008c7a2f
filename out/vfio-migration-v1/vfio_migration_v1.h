/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * VFIO migration by a region
 *
 * Generated from spec/vfio-migration-v1.yaml by "uapigen gen"; do not edit.
 * To regenerate: make gen
 *
 * A device that can be migrated has one region for that. The region begins with
 * struct vfio_device_migration_info, which holds the state of the device and
 * tells where the data is; behind the struct lies the data section.
 *
 * User space moves the device from state to state by writing device_state. It
 * saves the device by reading piece after piece out of the data section, and
 * loads one by writing the pieces there, in the order in which they were saved.
 * Since 5.8. Deprecated since 5.18.
 */
#ifndef _UAPI_LINUX_VFIO_MIGRATION_V1_H
#define _UAPI_LINUX_VFIO_MIGRATION_V1_H

#include <linux/types.h>

/* Region type of the migration region. */
#define VFIO_REGION_TYPE_MIGRATION_DEPRECATED	3

/*
 * Subtypes of VFIO_REGION_TYPE_MIGRATION_DEPRECATED.
 *
 * VFIO_REGION_SUBTYPE_MIGRATION_DEPRECATED
 *   The migration region. struct vfio_device_migration_info lies at its start
 *   and is read and written by pread and pwrite. A device may let user space
 *   map the data section behind the struct, as a whole or in parts. Mandatory.
 *   Can be mapped.
 */
#define VFIO_REGION_SUBTYPE_MIGRATION_DEPRECATED	1

/**
 * struct vfio_device_migration_info - Layout of the start of the migration
 *   region.
 * @device_state: state of the device, or the one that it is to enter
 *   (read/write, VFIO_DEVICE_STATE_V1_*)
 *   VFIO_DEVICE_STATE_V1_*: Three bits make the state: whether the device runs,
 *   whether it is saved, and whether it is loaded. Whoever changes them keeps
 *   the other bits of the member as they were read. A request that fails leaves
 *   the device where it was or in the error state; device_state tells which. A
 *   device starts as VFIO_DEVICE_STATE_V1_RUNNING.
 *   VFIO_DEVICE_STATE_V1_RUNNING: The device runs.
 *   VFIO_DEVICE_STATE_V1_SAVING: Its data can be read.
 *   VFIO_DEVICE_STATE_V1_RESUMING: Its data can be written.
 *   VFIO_DEVICE_STATE_MASK: The bits of the state. The others are kept as they
 *   are.
 *   VFIO_DEVICE_STATE_V1_STOP (no bit): The device is stopped, and neither
 *   saved nor loaded.
 *   RUNNING: The device runs, and is neither saved nor loaded.
 *   STOP_AND_COPY (SAVING): The device is stopped, and what is left of its data
 *   is saved. Once pending_bytes is 0, all of it is.
 *   PRE_COPY (RUNNING | SAVING): The device runs while it is saved. What it
 *   changes meanwhile is saved again, so that pending_bytes can grow.
 *   RESUMING: The device is stopped and takes the data of another one.
 *   ERROR (SAVING | RESUMING): The driver could neither follow a request nor go
 *   back. A reset leads out of it.
 *   RUNNING | RESUMING: A device cannot take data while it runs. Invalid: no
 *   state.
 *   RUNNING | SAVING | RESUMING: A device is either saved or loaded. Invalid:
 *   no state.
 * @reserved: nothing is said of it (any value, ignored)
 * @pending_bytes: number of bytes that are still to be saved. The read ends the
 *   piece before: the device may then put the next one into the data section. 0
 *   means that nothing is left in this state. Read-only.
 * @data_offset: where the piece of data lies, in bytes from the start of the
 *   region: to be read while saving, to be written while loading (read-only)
 * @data_size: size of the piece of data in bytes: a read gives that of the
 *   piece to save, a write hands over a piece to load (read/write)
 *
 * An access covers one member, at its offset and of its size. What becomes of
 * another one is not defined; drivers should refuse it.
 */
struct vfio_device_migration_info {
	__u32 device_state;
#define VFIO_DEVICE_STATE_V1_RUNNING	(1 << 0)
#define VFIO_DEVICE_STATE_V1_SAVING	(1 << 1)
#define VFIO_DEVICE_STATE_V1_RESUMING	(1 << 2)
#define VFIO_DEVICE_STATE_V1_STOP	0
#define VFIO_DEVICE_STATE_MASK		(VFIO_DEVICE_STATE_V1_RUNNING | \
					 VFIO_DEVICE_STATE_V1_SAVING | \
					 VFIO_DEVICE_STATE_V1_RESUMING)
	__u32 reserved;
	__u64 pending_bytes;
	__u64 data_offset;
	__u64 data_size;
};

#endif /* _UAPI_LINUX_VFIO_MIGRATION_V1_H */
