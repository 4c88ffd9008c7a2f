// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO migration by a region
 *
 * Generated from spec/vfio-migration-v1.yaml by "uapigen gen"; do not edit.
 * To regenerate: make gen
 *
 * What vfio_migration_v1.h must hold: sizes, offsets and
 * values, which the compiler checks.
 * What vfio_migration_v1_driver.h must hold: the answers to requests for states
 * and accesses to regions.
 * To build and run:
 *
 *   gcc -Wall -Wextra -Werror vfio_migration_v1_test.c -o vfio_migration_v1_test
 *   ./vfio_migration_v1_test
 */
#include <stddef.h>
#include <stdio.h>

#include "vfio_migration_v1.h"
#include "vfio_migration_v1_driver.h"

#define CHECK_SIZE(type, size)						\
	_Static_assert(sizeof(type) == (size),				\
		       #type " does not have " #size " bytes")
#define CHECK_MEMBER(type, member, offset, size)			\
	_Static_assert(offsetof(type, member) == (offset) &&		\
		       sizeof(((type *)0)->member) == (size),		\
		       #member " of " #type " is not " #size " bytes at offset " #offset)
/* A flexible array has no size. */
#define CHECK_OFFSET(type, member, offset)				\
	_Static_assert(offsetof(type, member) == (offset),		\
		       #member " of " #type " is not at offset " #offset)

CHECK_SIZE(struct vfio_device_migration_info, 32);
CHECK_MEMBER(struct vfio_device_migration_info, device_state, 0, 4);
CHECK_MEMBER(struct vfio_device_migration_info, reserved, 4, 4);
CHECK_MEMBER(struct vfio_device_migration_info, pending_bytes, 8, 8);
CHECK_MEMBER(struct vfio_device_migration_info, data_offset, 16, 8);
CHECK_MEMBER(struct vfio_device_migration_info, data_size, 24, 8);

#define CHECK_VALUE(name, value)					\
	_Static_assert((name) == (value), #name " is not " #value)

CHECK_VALUE(VFIO_REGION_TYPE_MIGRATION_DEPRECATED, 3);
CHECK_VALUE(VFIO_REGION_SUBTYPE_MIGRATION_DEPRECATED, 1);
CHECK_VALUE(VFIO_DEVICE_STATE_V1_RUNNING, 1);
CHECK_VALUE(VFIO_DEVICE_STATE_V1_SAVING, 2);
CHECK_VALUE(VFIO_DEVICE_STATE_V1_RESUMING, 4);
CHECK_VALUE(VFIO_DEVICE_STATE_V1_STOP, 0);
CHECK_VALUE(VFIO_DEVICE_STATE_MASK, 7);

/* What is in a variable that no function has written to, and what no answer is. */
#define UNTOUCHED 0x25a5a5a5
#define NONSENSE (-99999)

struct test_state {
	const char *name;
	__u64 value;
	/* the features without which it is not there */
	__u64 needs;
	int error;
};

/* An arc; is_step: the first step towards its end. */
struct test_arc {
	int from;
	int to;
	int is_step;
};

/* A set of features, and how many requests get what with it. */
struct test_set {
	__u64 features;
	int accepted;
	int open;
};

struct test_machine {
	int (*next)(__u64 features, __u64 state, __u64 requested, __u64 *next);
	int (*check)(__u64 features, __u64 state, __u64 requested);
	int (*has_state)(__u64 features, __u64 state);
	/* NULL where there is no error state */
	int (*is_error)(__u64 state);
	const struct test_state *states;
	int count;
	const struct test_set *sets;
	int set_count;
	const struct test_arc *arcs;
	int arc_count;
	const struct test_arc *blocked;
	int blocked_count;
	/* all features that states need */
	__u64 features;
	/* how many bits a state has; which are kept as written; which states are made of */
	int bits;
	__u64 kept;
	__u64 mask;
	/* the errors of what is refused and, where there is that, of what is left open */
	int refused;
	int open;
	/* the error of a request for the current state, 0 where it is accepted */
	int same;
	/* whether states that a device lacks are stepped over */
	int over;
};

static int next_of_device_state(__u64 features, __u64 state, __u64 requested, __u64 *next)
{
	__u32 after = *next;
	int ret = vfio_migration_v1_next_state(state, requested, &after);

	(void)features;
	*next = (__u32)after;
	return ret;
}

static int check_of_device_state(__u64 features, __u64 state, __u64 requested)
{
	(void)features;
	return vfio_migration_v1_check_request(state, requested);
}

static int state_of_device_state(__u64 features, __u64 state)
{
	(void)features;
	return vfio_migration_v1_has_state(state);
}

static int error_of_device_state(__u64 state)
{
	return vfio_migration_v1_is_error_state(state);
}

static const struct test_state states_of_device_state[] = {
	{ "STOP",
	  (__u32)(VFIO_DEVICE_STATE_V1_STOP), 0, 0 },
	{ "RUNNING",
	  (__u32)(VFIO_DEVICE_STATE_V1_RUNNING), 0, 0 },
	{ "STOP_AND_COPY",
	  (__u32)(VFIO_DEVICE_STATE_V1_SAVING), 0, 0 },
	{ "PRE_COPY",
	  (__u32)(VFIO_DEVICE_STATE_V1_RUNNING | VFIO_DEVICE_STATE_V1_SAVING), 0, 0 },
	{ "RESUMING",
	  (__u32)(VFIO_DEVICE_STATE_V1_RESUMING), 0, 0 },
	{ "ERROR",
	  (__u32)(VFIO_DEVICE_STATE_V1_SAVING | VFIO_DEVICE_STATE_V1_RESUMING), 0, 1 },
};

static const struct test_set sets_of_device_state[] = {
	{ 0, 7, 23 },
};

static const struct test_arc arcs_of_device_state[] = {
	{ 1, 0, 1 }, /* RUNNING -> STOP */
	{ 1, 2, 1 }, /* RUNNING -> STOP_AND_COPY */
	{ 2, 0, 1 }, /* STOP_AND_COPY -> STOP */
	{ 1, 3, 1 }, /* RUNNING -> PRE_COPY */
	{ 3, 2, 1 }, /* PRE_COPY -> STOP_AND_COPY */
	{ 1, 4, 1 }, /* RUNNING -> RESUMING */
	{ 4, 1, 1 }, /* RESUMING -> RUNNING */
};

static const struct test_machine machine_device_state = {
	.next = next_of_device_state,
	.check = check_of_device_state,
	.has_state = state_of_device_state,
	.is_error = error_of_device_state,
	.states = states_of_device_state,
	.count = 6,
	.sets = sets_of_device_state,
	.set_count = 1,
	.arcs = arcs_of_device_state,
	.arc_count = 7,
	.bits = 8 * sizeof(__u32),
	.kept = (__u32)~(__u32)(VFIO_DEVICE_STATE_MASK),
	.mask = VFIO_DEVICE_STATE_MASK,
	.refused = -EINVAL,
	.open = -EOPNOTSUPP,
	.same = -EOPNOTSUPP,
};

/*
 * What the header answers, with the state after one step.
 * 1 where its functions contradict each other, or store what they should not.
 */
static int answer(const struct test_machine *m, __u64 features, __u64 state,
		  __u64 requested, __u64 *next)
{
	int ret;

	*next = UNTOUCHED;
	ret = m->next(features, state, requested, next);
	if (ret != m->check(features, state, requested))
		return 1;
	if (ret && *next != UNTOUCHED)
		return 1;
	return ret;
}

/* The same by indexes: that of the state after one step, or an error. */
static int step(const struct test_machine *m, const struct test_set *set, int from, int to)
{
	__u64 next;
	int i, ret;

	ret = answer(m, set->features, m->states[from].value, m->states[to].value, &next);
	if (ret)
		return ret < 0 ? ret : NONSENSE;
	for (i = 0; i < m->count; i++)
		if (m->states[i].value == next)
			return i;
	return NONSENSE;
}

static int has(const struct test_machine *m, const struct test_set *set, int state)
{
	return !(m->states[state].needs & ~set->features);
}

static int is_arc(const struct test_machine *m, int from, int to)
{
	int i;

	for (i = 0; i < m->arc_count; i++)
		if (m->arcs[i].from == from && m->arcs[i].to == to)
			return 1;
	return 0;
}

/* Say where a check fails. */
static int fails(const struct test_machine *m, const struct test_set *set, int from, int to)
{
	printf("# features %#llx, from %s to %s:\n", (unsigned long long)set->features,
	       m->states[from].name, m->states[to].name);
	return 0;
}

static int check_states(const struct test_machine *m)
{
	int s, i;

	for (s = 0; s < m->set_count; s++) {
		for (i = 0; i < m->count; i++) {
			__u64 value = m->states[i].value;
			int error = m->is_error ? m->is_error(value) : 0;

			if (m->has_state(m->sets[s].features, value) != has(m, &m->sets[s], i) ||
			    error != m->states[i].error)
				return fails(m, &m->sets[s], i, i);
		}
	}
	return 1;
}

static int check_answers(const struct test_machine *m)
{
	int s, from, to;

	for (s = 0; s < m->set_count; s++) {
		int accepted = 0;
		int open = 0;

		for (from = 0; from < m->count; from++) {
			for (to = 0; to < m->count; to++) {
				int got = step(m, &m->sets[s], from, to);

				accepted += got >= 0;
				open += m->open && got == m->open;
				if (got < 0 && got != m->refused && (!m->open || got != m->open))
					return fails(m, &m->sets[s], from, to);
			}
		}
		if (accepted != m->sets[s].accepted || open != m->sets[s].open) {
			printf("# features %#llx: %d accepted, %d left open\n",
			       (unsigned long long)m->sets[s].features, accepted, open);
			return 0;
		}
	}
	return 1;
}

static int check_arcs(const struct test_machine *m)
{
	int s, i;

	for (s = 0; s < m->set_count; s++) {
		for (i = 0; i < m->arc_count; i++) {
			int from = m->arcs[i].from;
			int to = m->arcs[i].to;

			if (m->arcs[i].is_step && has(m, &m->sets[s], from) &&
			    has(m, &m->sets[s], to) && step(m, &m->sets[s], from, to) != to)
				return fails(m, &m->sets[s], from, to);
		}
	}
	return 1;
}

static int check_same(const struct test_machine *m)
{
	int s, i;

	for (s = 0; s < m->set_count; s++) {
		for (i = 0; i < m->count; i++) {
			int expected = m->same ? m->same : i;

			if (!has(m, &m->sets[s], i) || m->states[i].error)
				expected = m->refused;
			if (step(m, &m->sets[s], i, i) != expected)
				return fails(m, &m->sets[s], i, i);
		}
	}
	return 1;
}

/* Whether a request, repeated, leads from state to state over arcs and ends. */
static int arrives(const struct test_machine *m, const struct test_set *set, int from, int to)
{
	int steps;

	for (steps = 0; from != to && steps < m->count; steps++) {
		int after = step(m, set, from, to);

		if (after < 0 || !has(m, set, after) || !is_arc(m, from, after))
			return 0;
		from = after;
	}
	return from == to;
}

static int check_paths(const struct test_machine *m)
{
	int s, from, to;

	for (s = 0; s < m->set_count; s++)
		for (from = 0; from < m->count; from++)
			for (to = 0; to < m->count; to++)
				if (step(m, &m->sets[s], from, to) >= 0 &&
				    !arrives(m, &m->sets[s], from, to))
					return fails(m, &m->sets[s], from, to);
	return 1;
}

static int check_refused(const struct test_machine *m)
{
	int s, from, to;

	for (s = 0; s < m->set_count; s++) {
		for (from = 0; from < m->count; from++) {
			for (to = 0; to < m->count; to++) {
				const struct test_set *set = &m->sets[s];

				if (has(m, set, from) && has(m, set, to) && !m->states[to].error)
					continue;
				if (step(m, set, from, to) != m->refused)
					return fails(m, set, from, to);
			}
		}
	}
	return 1;
}

static int check_mask(const struct test_machine *m)
{
	__u64 bits = 0;
	int i;

	for (i = 0; i < m->count; i++)
		bits |= m->states[i].value;
	return bits == m->mask;
}

static int is_state(const struct test_machine *m, __u64 value)
{
	int i;

	for (i = 0; i < m->count; i++)
		if (m->states[i].value == value)
			return 1;
	return 0;
}

static int check_unknown(const struct test_machine *m)
{
	__u64 features = m->sets[m->set_count - 1].features;
	int i, bit;

	for (i = 0; i < m->count; i++) {
		for (bit = 0; bit < m->bits; bit++) {
			__u64 state = m->states[i].value;
			__u64 other = state ^ 1ULL << bit;
			__u64 next;

			if (is_state(m, other) || (1ULL << bit & m->kept))
				continue;
			if (m->has_state(features, other) ||
			    answer(m, features, state, other, &next) != m->refused ||
			    answer(m, features, other, state, &next) != m->refused)
				return fails(m, &m->sets[m->set_count - 1], i, i);
		}
	}
	return 1;
}

static int check_kept(const struct test_machine *m)
{
	__u64 features = m->sets[m->set_count - 1].features;
	int from, to;

	for (from = 0; from < m->count; from++) {
		for (to = 0; to < m->count; to++) {
			__u64 state = m->states[from].value;
			__u64 requested = m->states[to].value;
			__u64 next, meant;
			int ret = answer(m, features, state, requested, &meant);

			if (answer(m, features, state | m->kept, requested, &next) != ret || next != meant)
				return fails(m, &m->sets[m->set_count - 1], from, to);
			if (answer(m, features, state, requested | m->kept, &next) != ret)
				return fails(m, &m->sets[m->set_count - 1], from, to);
			if (!ret && next != (meant | m->kept))
				return fails(m, &m->sets[m->set_count - 1], from, to);
		}
	}
	return 1;
}

/* A member of a region, and what user space may do with it. */
struct test_member {
	const char *path;
	__u64 offset;
	__u64 size;
	int readable;
	int writable;
	/* whether a flag announces it */
	int announced;
};

struct test_region {
	int (*access)(__u64 shown, __u64 offset, __u64 size, int is_write);
	const struct vfio_migration_v1_member *map;
	int map_count;
	const struct test_member *members;
	int count;
	__u64 size;
	int refused;
};

static int access_of_MIGRATION_DEPRECATED(__u64 shown, __u64 offset, __u64 size, int is_write)
{
	(void)shown;
	return vfio_migration_v1_migration_deprecated_access(offset, size, is_write);
}

static const struct test_member members_of_MIGRATION_DEPRECATED[] = {
	{ "device_state",
	  offsetof(struct vfio_device_migration_info, device_state),
	  sizeof(((struct vfio_device_migration_info *)0)->device_state), 1, 1, 0 },
	{ "reserved",
	  offsetof(struct vfio_device_migration_info, reserved),
	  sizeof(((struct vfio_device_migration_info *)0)->reserved), 1, 1, 0 },
	{ "pending_bytes",
	  offsetof(struct vfio_device_migration_info, pending_bytes),
	  sizeof(((struct vfio_device_migration_info *)0)->pending_bytes), 1, 0, 0 },
	{ "data_offset",
	  offsetof(struct vfio_device_migration_info, data_offset),
	  sizeof(((struct vfio_device_migration_info *)0)->data_offset), 1, 0, 0 },
	{ "data_size",
	  offsetof(struct vfio_device_migration_info, data_size),
	  sizeof(((struct vfio_device_migration_info *)0)->data_size), 1, 1, 0 },
};

static const struct test_region region_MIGRATION_DEPRECATED = {
	.access = access_of_MIGRATION_DEPRECATED,
	.map = vfio_migration_v1_migration_deprecated_members,
	.map_count = sizeof(vfio_migration_v1_migration_deprecated_members) /
		     sizeof(vfio_migration_v1_migration_deprecated_members[0]),
	.members = members_of_MIGRATION_DEPRECATED,
	.count = sizeof(members_of_MIGRATION_DEPRECATED) /
		 sizeof(members_of_MIGRATION_DEPRECATED[0]),
	.size = sizeof(struct vfio_device_migration_info),
	.refused = -EOPNOTSUPP,
};

/* Say where a check fails. */
static int wrong(const struct test_member *member)
{
	printf("# %s:\n", member->path);
	return 0;
}

static int check_map(const struct test_region *r)
{
	int i;

	if (r->map_count != r->count)
		return 0;
	for (i = 0; i < r->count; i++)
		if (r->map[i].offset != r->members[i].offset ||
		    r->map[i].size != r->members[i].size)
			return wrong(&r->members[i]);
	return 1;
}

/* How many members lie in these bytes, all of them or in part. */
static int touched(const struct test_region *r, __u64 begin, __u64 end)
{
	int count = 0;
	int i;

	for (i = 0; i < r->count; i++)
		count += r->members[i].offset < end &&
			 r->members[i].offset + r->members[i].size > begin;
	return count;
}

static int check_accesses(const struct test_region *r)
{
	int i;

	for (i = 0; i < r->count; i++) {
		const struct test_member *member = &r->members[i];
		__u64 offset = member->offset;
		__u64 size = member->size;
		int reads = member->readable ? 0 : r->refused;
		int writes = member->writable ? 0 : r->refused;

		if (touched(r, offset, offset + size) > 1)
			continue;
		if (r->access(~0ULL, offset, size, 0) != reads ||
		    r->access(~0ULL, offset, size, 1) != writes)
			return wrong(member);
		if (r->access(0, offset, size, 0) != reads ||
		    r->access(0, offset, size, 1) != (member->announced ? r->refused : writes))
			return wrong(member);
	}
	return 1;
}

static int check_cuts(const struct test_region *r)
{
	int i, is_write;

	for (is_write = 0; is_write < 2; is_write++) {
		for (i = 0; i < r->count; i++) {
			const struct test_member *member = &r->members[i];
			__u64 offset = member->offset;
			__u64 size = member->size;

			if (size < 2 || touched(r, offset, offset + size) > 1)
				continue;
			if (r->access(~0ULL, offset, size - 1, is_write) != r->refused ||
			    r->access(~0ULL, offset + 1, size - 1, is_write) != r->refused)
				return wrong(member);
		}
		if (r->access(~0ULL, r->size, 4, is_write) != r->refused ||
		    r->access(~0ULL, ~0ULL, ~0ULL, is_write) != r->refused ||
		    r->access(~0ULL, 0, ~0ULL, is_write) != r->refused)
			return 0;
	}
	return 1;
}

static int tests;
static int failures;

static void report(int passed, const char *what)
{
	tests++;
	failures += !passed;
	printf("%sok %d - %s\n", passed ? "" : "not ", tests, what);
}

int main(void)
{
	printf("TAP version 13\n1..13\n");
	report(1, "the compiler checked layout and values");
	report(check_states(&machine_device_state),
	       "device_state: a device has the states that its features allow");
	report(check_answers(&machine_device_state),
	       "device_state: so many requests are accepted as in the spec");
	report(check_arcs(&machine_device_state),
	       "device_state: every arc is one step");
	report(check_same(&machine_device_state),
	       "device_state: a request for the current state is not specified");
	report(check_paths(&machine_device_state),
	       "device_state: every accepted request arrives, over arcs only");
	report(check_refused(&machine_device_state),
	       "device_state: no error state can be requested, and no state that the device lacks");
	report(check_mask(&machine_device_state),
	       "device_state: VFIO_DEVICE_STATE_MASK has the bits of every state and no other");
	report(check_unknown(&machine_device_state),
	       "device_state: a value that is no state is refused");
	report(check_kept(&machine_device_state),
	       "device_state: bits that are no state's are kept as they are written");
	report(check_map(&region_MIGRATION_DEPRECATED),
	       "region MIGRATION_DEPRECATED: the members lie where the map has them");
	report(check_accesses(&region_MIGRATION_DEPRECATED),
	       "region MIGRATION_DEPRECATED: each member is read and written as the spec says");
	report(check_cuts(&region_MIGRATION_DEPRECATED),
	       "region MIGRATION_DEPRECATED: an access that cuts a member, or lies outside, is refused");
	return failures != 0;
}
