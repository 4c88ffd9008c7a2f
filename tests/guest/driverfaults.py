"""Faults that a driver of the first interface may have: edits of ``mstate.c``, or of its header.

Each is a change of one place, so that the driver itself stays the example that it is.  It names the tests
that have to notice it, and a piece of what is said then: whoever made the mistake has to find it with that.
"""

from __future__ import annotations

from typing import NamedTuple

from scenarios import Edit

DRIVER = "mstate.c"
HEADER = "vfio_device_state.h"
CHECK_WRITE = "	ret = vfio_device_state_ctl_access(m->caps, offset, count, true);\n"


class Fault(NamedTuple):
    """A fault, the generated tests that have to fail with it, and what has to be said.

    ``tests`` are functions; none where the module must not get as far as that.
    """

    name: str
    edit: Edit
    tests: tuple[str, ...]
    says: str


def _driver(name: str, old: str, new: str, test: str, says: str) -> Fault:
    return Fault(name, Edit(DRIVER, old, new), tuple(test.split()), says)


FAULTS = (
    # States.
    _driver(
        "accepts-what-is-no-state",
        "	ret = vfio_device_state_next_state(old, requested, &new);\n",
        "	new = requested & VFIO_DEVICE_STATE_CTL_MASK;\n	ret = 0;\n",
        "test_request_for_what_is_no_state",
        "the device took it; it must fail with EINVAL",
    ),
    _driver(
        "refuses-a-transition",
        "	if (ret)\n		return ret;\n\n	m->state = new;",
        "	if (ret || (old == STOPPED && new == LOGGING))\n		return -EINVAL;\n\n	m->state = new;",
        "test_request",
        "STOPPED -> RUNNING+LOGGING: EINVAL, though it is allowed",
    ),
    _driver(
        "leaks-a-state-that-was-refused",
        "	u32 old = m->state, new;\n	int ret;\n",
        "	u32 old = m->state, new;\n	int ret;\n\n	m->state = requested & VFIO_DEVICE_STATE_CTL_MASK;",
        "test_request_for_what_is_no_state",
        "which was refused",
    ),
    _driver(
        "wrong-errno",
        f"{CHECK_WRITE}	if (ret)\n		return ret;",
        f"{CHECK_WRITE}	if (ret)\n		return -EPERM;",
        "test_write_of_a_read_only_member",
        "EPERM, not EINVAL",
    ),
    _driver(
        "reset-keeps-the-state",
        "	m->state = VFIO_DEVICE_STATE_CTL_RUNNING;\n",
        "",
        "test_reset",
        "after a reset in RUNNING+LOGGING: DATA_DIRTYBITMAP shows what changed: yes, not no",
    ),
    _driver(
        "last-close-keeps-everything",
        "	mstate_free_data(m);\n	mstate_reset(m);\n",
        "	mstate_free_data(m);\n",
        "test_last_close",
        "after the last close in",
    ),
    # The control region.
    _driver(
        "does-not-check-padding",
        "return memchr_inv(ctl, 0, sizeof(*ctl)) ? -EINVAL : 0;",
        "return 0;",
        "test_write_of_reserved_bytes",
        "of reserved: the device took it",
    ),
    _driver(
        "takes-a-part-of-a-member",
        f"{CHECK_WRITE}	if (ret)",
        f"{CHECK_WRITE}	if (ret && count != 2)",
        "test_write_that_is_not_one_member",
        "write 2 bytes at",
    ),
    _driver(
        "short-count",
        "	if (copy_to_user(buf, (u8 *)&ctl + offset, count))\n		return -EFAULT;\n	return count;",
        "	count = min_t(size_t, count, 8);\n"
        "	if (copy_to_user(buf, (u8 *)&ctl + offset, count))\n		return -EFAULT;\n	return count;",
        "test_read_of_whole_members",
        "read version to caps: 8 of 12 bytes",
    ),
    _driver(
        "shows-a-write-only-member",
        "	ctl.device_config.size = m->config.size_out;\n",
        "	ctl.device_config.size = m->config.size_out;\n	ctl.device_memory.pos = m->memory.pos;\n",
        "test_write_only_member_does_not_show",
        "after 4096 was written to device_memory.pos: 00",
    ),
    _driver(
        "shows-capabilities-that-it-lacks",
        "		.caps = m->caps,",
        "		.caps = VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY,",
        "test_members_of_a_flag_that_is_not_shown",
        "caps is 1 on a device without",
    ),
    _driver(
        "wrong-version",
        "VFIO_DEVICE_STATE_INTERFACE_VERSION,",
        "VFIO_DEVICE_STATE_INTERFACE_VERSION + 1,",
        "test_member_that_always_reads_the_same",
        "version is 2, not 1",
    ),
    # Regions.
    _driver(
        "maps-the-control-region",
        "		.length = sizeof(struct vfio_device_state_ctl),\n		.flags = FLAGS_RW,",
        "		.length = sizeof(struct vfio_device_state_ctl),\n		.flags = FLAGS_DATA,",
        "test_region_that_cannot_be_mapped",
        "map CTL: the device maps it, though it cannot be",
    ),
    _driver(
        "maps-another-region",
        "	return remap_vmalloc_range(vma, m->data[index],",
        "	return remap_vmalloc_range(vma, m->data[index == BITMAP ? CONFIG : index],",
        "test_map_shows_what_read_and_write_do",
        "what was written at 5 is not in the mapping; see DATA_DIRTYBITMAP",
    ),
    _driver(
        "region-has-no-capability",
        "	if (index != DOORBELL) {",
        "	if (index != DOORBELL && index != CONFIG) {",
        "test_region_is_there_when_it_is_announced",
        "the device lacks region DATA_CONFIG",
    ),
    # The config.
    _driver(
        "loads-config-while-it-runs",
        "		if (!(m->state & STOPPED) || !m->config.size_in_set)",
        "		if (!m->config.size_in_set)",
        "test_load_in_a_state",
        "in RUNNING: the device took it",
    ),
    _driver(
        "takes-config-above-the-region",
        "	if (size > CONFIG_LENGTH)\n",
        "	if (size > CONFIG_LENGTH + 1)\n",
        "test_size_above_the_length_of_the_region",
        "to device_config.size: the device took it",
    ),
    _driver(
        "one-size-for-both-ways",
        "	m->config.size_in = size;\n",
        "	m->config.size_in = size;\n	m->config.size_out = size;\n",
        "test_sizes_in_and_out_are_separate",
        "after another size was written",
    ),
    _driver(
        "size-survives-a-reset",
        "	m->config.size_in_set = false;\n",
        "",
        "test_load_needs_a_size",
        "after a reset: the device took it",
    ),
    # Device memory.
    _driver(
        "chunk-off-by-one",
        "pos % CHUNK_LENGTH || pos >= m->round.size)",
        "pos % CHUNK_LENGTH || pos > m->round.size + CHUNK_LENGTH)",
        "test_position_of_a_chunk",
        "get the chunk at",
    ),
    _driver(
        "round-never-completes",
        "	if (pos + length < m->round.size)\n		return 0;\n\n	/* What",
        "	if (pos + length <= m->round.size)\n		return 0;\n\n	/* What",
        "test_chunk_needs_a_round",
        "get a chunk after the last one was got: the device took it",
    ),
    _driver(
        "round-changes-while-it-is-got",
        "	memcpy(m->data[MEMORY], (u8 *)m->round.blocks + pos, length);",
        "	memcpy(m->data[MEMORY], (u8 *)m->memory.now + pos, length);",
        "test_round_does_not_change",
        "changes between the chunks of a round",
    ),
    _driver(
        "loses-changes-during-a-round",
        "	m->round.changed |= BIT(block);\n",
        "",
        "test_changes_reach_another_device test_changes_while_all_of_it_is_got",
        "source and target of DATA_MEMORY give",
    ),
    _driver(
        "loses-changes-before-a-round",
        "	m->memory.pending |= BIT(block);\n",
        "",
        "test_recording_goes_on_in_another_state",
        "what changed is lost by",
    ),
    _driver(
        "counts-from-the-wrong-snapshot",
        "	m->memory.since_whole = ALL_BLOCKS;\n",
        "",
        "test_reset_and_last_close_end_what_was_got",
        "after a reset: source and target of DATA_MEMORY give",
    ),
    _driver(
        "keeps-a-round-of-changes",
        "		if (m->round.has_changes)\n			mstate_end_round(m);\n	}",
        "	}",
        "test_round_of_changes_ends_with_the_recording",
        "get a chunk of changes that are no longer recorded: the device took it",
    ),
    _driver(
        "forgets-what-was-loaded",
        "		mstate_block_changed(m, block);\n	}\n	return 0;",
        "	}\n	return 0;",
        "test_loaded_data_counts_as_changed",
        "after data was loaded: source and target of DATA_MEMORY give",
    ),
    # System memory.
    _driver(
        "bitmap-is-not-cleared",
        "		xa_erase(&m->dirty, page);\n",
        "",
        "test_bitmap_marks_what_changed",
        "in RUNNING+LOGGING: {",
    ),
    _driver(
        "bitmap-counts-from-zero",
        "__set_bit_le(page - first, m->data[BITMAP]);",
        "__set_bit_le(page % BITMAP_BITS, m->data[BITMAP]);",
        "test_bitmap_marks_what_changed",
        "pages from 6 in RUNNING+LOGGING",
    ),
    _driver(
        "leaves-old-bits-of-the-last-word",
        "ALIGN(page_nr, 64) / BITS_PER_BYTE",
        "ALIGN(page_nr, 8) / BITS_PER_BYTE",
        "test_bitmap_marks_what_changed",
        "131 pages from 0",
    ),
    _driver(
        "marks-without-logging",
        "		if (m->state & LOGGING)\n			ret = xa_err",
        "			ret = xa_err",
        "test_bitmap_marks_what_changed",
        "in RUNNING: {",
    ),
    _driver(
        "keeps-marks-without-logging",
        "		xa_destroy(&m->dirty);\n		if (m->round",
        "		if (m->round",
        "test_what_a_transition_does_to_what_was_marked",
        "where changes are no longer recorded",
    ),
    _driver(
        "does-not-see-an-overflow",
        "	    check_add_overflow(start_addr, size, &end))",
        "	    (end = start_addr + size) == 1)",
        "test_range_of_a_bitmap",
        "the device took it",
    ),
    _driver(
        "does-not-write-system-memory",
        "		byte++;\n",
        "",
        "test_bitmap_marks_what_changed",
        "the device did not write to page",
    ),
    # What the kernel itself says.
    _driver(
        "writes-behind-a-region",
        "page_nr > BITMAP_BITS ||",
        "page_nr > BITMAP_BITS + 64 ||",
        "test_range_of_a_bitmap",
        "Oops",
    ),
    _driver(
        "warns",
        "	m->memory.pos = 0;\n",
        "	m->memory.pos = 0;\n	WARN_ON(m->round.begun);\n",
        "test_chunk_needs_a_round",
        "WARNING",
    ),
    _driver(
        "keeps-the-lock",
        "	ret = mstate_ctl_take(m, &ctl, count, offset);\n	mutex_unlock(&m->lock);\n",
        "	ret = mstate_ctl_take(m, &ctl, count, offset);\n	if (!ret)\n		mutex_unlock(&m->lock);\n",
        "test_request_for_what_is_no_state",
        "test_vfio_device_state.py::test_request_for_what_is_no_state[RUNNING] hangs in the kernel",
    ),
    _driver(
        "panics",
        "	m->memory.pos = 0;\n",
        '	m->memory.pos = 0;\n	if (m->round.begun)\n		panic("a round was begun");\n',
        "test_chunk_needs_a_round",
        "Kernel panic",
    ),
    _driver(
        "spins",
        "	m->memory.pos = 0;\n",
        "	m->memory.pos = 0;\n	preempt_disable();\n	while (m->round.begun)\n		cpu_relax();\n"
        "	preempt_enable();\n",
        "test_chunk_needs_a_round",
        "lockup",
    ),
    _driver(
        "does-not-load",
        "	ret = mdev_register_driver(&mstate_driver);\n",
        "	ret = -ENODEV;\n",
        "test_constant",
        "does not load: No such device",
    ),
    # The layout: as it was posted, with half of its padding gone, and with two members in another order.
    Fault(
        "packed-struct",
        Edit(
            HEADER,
            "		__u32 reserved;\n		__aligned_u64 size;\n	} device_config;",
            "		__u64 size;\n	} __attribute__((packed)) device_config;",
        ),
        (),
        "device_config.size) == 24",
    ),
    Fault(
        "members-in-another-order",
        Edit(
            HEADER,
            "		__aligned_u64 size;\n		__aligned_u64 pos;\n",
            "		__aligned_u64 pos;\n		__aligned_u64 size;\n",
        ),
        (),
        "device_memory.size) == 40",
    ),
)
