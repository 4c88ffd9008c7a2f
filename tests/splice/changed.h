#ifndef EXAMPLE_H
#define EXAMPLE_H

struct example_info {
#ifdef EXAMPLE_NEW
	char a;
#else
	int a;
#endif
};

#ifndef EXAMPLE_NEW
#define EXAMPLE_GONE 1
#endif

#ifdef EXAMPLE_NEW
#define EXAMPLE_OTHER 1
#else
#define EXAMPLE_OTHER 2
#endif

#endif
