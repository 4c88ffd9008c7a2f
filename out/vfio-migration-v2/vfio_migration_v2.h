/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * VFIO migration by a device feature
 *
 * Generated from spec/vfio-migration-v2.yaml by "uapigen gen"; do not edit.
 * To regenerate: make gen
 *
 * A device that can be migrated shows this as a device feature, by
 * VFIO_DEVICE_FEATURE_MIGRATION. Its state is read and set as another feature,
 * VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE. Both are reached by the ioctl
 * VFIO_DEVICE_FEATURE: their structs are the data that follows struct
 * vfio_device_feature.
 *
 * The data of the device goes through a file descriptor that user space gets
 * when it enters a state in which data moves. What is read from it on one side
 * is written to it on the other, byte for byte and in the same order; the
 * contents are the driver's own matter. Since 5.18.
 */
#ifndef _UAPI_LINUX_VFIO_MIGRATION_V2_H
#define _UAPI_LINUX_VFIO_MIGRATION_V2_H

#include <linux/types.h>
#include <linux/ioctl.h>

/*
 * Number of the feature that tells whether and how the device can be migrated:
 * VFIO_DEVICE_FEATURE_GET gives struct vfio_device_feature_migration.
 */
#define VFIO_DEVICE_FEATURE_MIGRATION	1

/*
 * Number of the feature that is the state of migration, in struct
 * vfio_device_feature_mig_state: VFIO_DEVICE_FEATURE_GET tells it,
 * VFIO_DEVICE_FEATURE_SET asks for another one.
 */
#define VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE	2

/**
 * struct vfio_device_feature_migration - The data of
 *   VFIO_DEVICE_FEATURE_MIGRATION.
 * @flags: what the device can do (read-only, VFIO_MIGRATION_* flags)
 *   VFIO_MIGRATION_*: What the device can do beyond running. Bits that user
 *   space does not know stand for states that it need not know either.
 *   VFIO_MIGRATION_STOP_COPY: The device has the states STOP, STOP_COPY and
 *   RESUMING. Every device that can be migrated shows this.
 *   VFIO_MIGRATION_P2P: The device can be kept from reaching other devices
 *   while it runs: it has the state RUNNING_P2P, and with PRE_COPY also
 *   PRE_COPY_P2P.
 *   VFIO_MIGRATION_PRE_COPY: The device can be saved while it runs: it has the
 *   state PRE_COPY, and with P2P also PRE_COPY_P2P. Since 6.2.
 */
struct vfio_device_feature_migration {
	__aligned_u64 flags;
#define VFIO_MIGRATION_STOP_COPY	(1 << 0)
#define VFIO_MIGRATION_P2P		(1 << 1)
#define VFIO_MIGRATION_PRE_COPY		(1 << 2)
};

/**
 * enum vfio_device_mig_state - State of migration of a device.
 * @VFIO_DEVICE_STATE_ERROR: A transition failed, and the device could not be
 *   brought back. It does nothing until it is reset. It cannot be requested.
 * @VFIO_DEVICE_STATE_STOP: The device is stopped: it changes neither memory nor
 *   itself, and raises no interrupt. User space should not access it meanwhile.
 *   Needs VFIO_MIGRATION_STOP_COPY.
 * @VFIO_DEVICE_STATE_RUNNING: The device runs without restriction. Needs
 *   VFIO_MIGRATION_STOP_COPY.
 * @VFIO_DEVICE_STATE_STOP_COPY: The device is stopped as in STOP, and its data
 *   is read from the data stream. Where the stream ends, all of it is saved.
 *   Needs VFIO_MIGRATION_STOP_COPY.
 * @VFIO_DEVICE_STATE_RESUMING: The device is stopped as in STOP, and the data
 *   of another one is written to the data stream. Needs
 *   VFIO_MIGRATION_STOP_COPY.
 * @VFIO_DEVICE_STATE_RUNNING_P2P: The device runs, but does not reach other
 *   devices. Needs VFIO_MIGRATION_STOP_COPY and VFIO_MIGRATION_P2P.
 * @VFIO_DEVICE_STATE_PRE_COPY: The device runs, and its data is read from the
 *   data stream meanwhile. What changes after it was read comes again. Where no
 *   byte is there to be read, a driver says ENOMSG; that does not mean that all
 *   is saved. Needs VFIO_MIGRATION_STOP_COPY and VFIO_MIGRATION_PRE_COPY. Since
 *   6.2.
 * @VFIO_DEVICE_STATE_PRE_COPY_P2P: PRE_COPY of a device that does not reach
 *   other devices. Needs VFIO_MIGRATION_STOP_COPY, VFIO_MIGRATION_P2P and
 *   VFIO_MIGRATION_PRE_COPY. Since 6.2.
 *
 * A request that is no transition is followed over several of them, without
 * user space seeing the states between. Where one of them fails, the device
 * stays in the state before it, in one that it passed on the way, or in ERROR;
 * VFIO_DEVICE_FEATURE_GET tells which.
 *
 * In the states whose names end in P2P the device starts no transfer to or from
 * another device, and those that it had started are over. Where devices reach
 * each other, all should be brought there before the first one is stopped; then
 * no transfer goes to or from a device that is stopped.
 *
 * A device starts as VFIO_DEVICE_STATE_RUNNING.
 */
enum vfio_device_mig_state {
	VFIO_DEVICE_STATE_ERROR = 0,
	VFIO_DEVICE_STATE_STOP = 1,
	VFIO_DEVICE_STATE_RUNNING = 2,
	VFIO_DEVICE_STATE_STOP_COPY = 3,
	VFIO_DEVICE_STATE_RESUMING = 4,
	VFIO_DEVICE_STATE_RUNNING_P2P = 5,
	VFIO_DEVICE_STATE_PRE_COPY = 6,
	VFIO_DEVICE_STATE_PRE_COPY_P2P = 7,
};

/**
 * struct vfio_device_feature_mig_state - The data of
 *   VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE.
 * @device_state: the state that the device is in, or is to enter (read/write,
 *   enum vfio_device_mig_state)
 * @data_fd: the file descriptor of the data stream that the request opened; -1
 *   where it opened none, and from VFIO_DEVICE_FEATURE_GET. User space closes
 *   it. Read-only.
 *
 * VFIO_DEVICE_FEATURE_SET returns when the device is in the new state. Without
 * a request, and without a reset, it stays in its state.
 */
struct vfio_device_feature_mig_state {
	__u32 device_state;
	__s32 data_fd;
};

/**
 * struct vfio_precopy_info - How much is left to be saved while the device
 *   runs.
 * @argsz: size of the struct in bytes as user space has it (read/write)
 * @flags: no flag is defined
 * @initial_bytes: number of bytes that the target should have before the device
 *   stops, so that it starts quickly there; it only shrinks (read-only)
 * @dirty_bytes: number of bytes that changed after they were read; it can grow
 *   (read-only)
 *
 * Both numbers are estimates, which the device may change at any time. Since
 * 6.2.
 */
struct vfio_precopy_info {
	__u32 argsz;
	__u32 flags;
	__aligned_u64 initial_bytes;
	__aligned_u64 dirty_bytes;
};

/*
 * Tell how much is left to be saved. It is asked of the file descriptor of the
 * data stream, and fails outside PRE_COPY and PRE_COPY_P2P. The argument is
 * struct vfio_precopy_info. Since 6.2.
 */
#define VFIO_MIG_GET_PRECOPY_INFO	_IO(0x3b, 100 + 21)

#endif /* _UAPI_LINUX_VFIO_MIGRATION_V2_H */
