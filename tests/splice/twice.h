#ifndef EXAMPLE_H
#define EXAMPLE_H

#ifdef CONFIG_EXAMPLE
struct example_info {
	int argsz;
	int flags;
#define EXAMPLE_INFO_FIRST	1
};
#else
struct example_info {
	int argsz;
	int flags;
#define EXAMPLE_INFO_FIRST	1
};
#endif

#endif
