#ifndef EXAMPLE_H
#define EXAMPLE_H

struct example_info {
	int argsz;
	int flags;
#define EXAMPLE_INFO_FIRST	1
};

#endif
